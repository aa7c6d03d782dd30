"""Cards about learning itself: controls, memorising, compute, settings, history."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import Count, F, Max, Q, Sum
from django.urls import reverse

from memory import recall
from memory.filters import JournalFilter
from reflection.services import cards
from reflection.services.cards import Card, journal_rows
from reflection.statistics.effects import FEWEST, effects
from reflection.statistics.learning_curves import effective_parameters
from reflection.statistics.verdicts import signed
from registry.models import ModelArtifact
from training.draws.games import GAMES, next_draw_date
from training.engine.config import SETTINGS
from training.models import Dataset, Epoch, TrainingSession

NEWEST = 500  # sessions or journal entries that are asked
HANDLED = ("seed", "threads", "device", "epochs")  # how a run was made, not what it is


def controls(dataset: str, models: int) -> Card:
    """Placebos and planted biases that were run, from their journal entries."""
    where = journal_rows("control_run")
    runs = sum(1 for found in _newest("control_run") if found.get("dataset") == dataset)
    if not runs:
        return cards.CONTROLS.unmeasured(
            "no placebo history was run through the same pipeline.",
            evidence=where,
            models=models,
        )
    return cards.CONTROLS.answer(
        f"{runs:,} control runs are in the journal.",
        value=f"{runs:,} runs",
        n=runs,
        models=models,
        evidence=where,
    )


def memorisation(dataset: str, models: int) -> Card:
    """The newest version's training gain beside what noise gives."""
    scored = ModelArtifact.objects.filter(
        dataset_name=dataset, metrics__has_key="train_gain"
    ).select_related("model")
    artifact = scored.order_by("-pk").first()
    if artifact is None or not artifact.metrics.get("train_n"):
        return cards.MEMORISATION.unmeasured(
            "no finished session.", evidence=journal_rows("training_end"), models=models
        )
    train, val = float(artifact.metrics["train_gain"]), artifact.val_gain
    draws = int(artifact.metrics["train_n"])
    worth = max(0.0, effective_parameters(train, draws))
    held = f"; validation {signed(val)}" if val is not None else ""
    fell = " Memorised." if train > 0.0 and val is not None and val <= 0.0 else ""
    return cards.MEMORISATION.answer(
        f"{artifact.model.name}: training gain {signed(train)} bits per draw, what {worth:,.0f}"
        f" parameters fitted to noise would gain{held}.{fell}",
        value=f"{signed(train)} bits per draw",
        interval=f"noise line of {worth:,.0f} parameters",
        n=draws,
        models=models,
        evidence=reverse("reflection:model", args=[artifact.model.name]),
    )


def efficiency(dataset: str, models: int) -> Card:
    """What all compute bought, and the share of it that came after the best epochs."""
    where = journal_rows("training_end")
    after = Q(number__gt=F("session__best_epoch"))
    spent = Epoch.objects.filter(session__dataset__name=dataset).aggregate(
        all=Sum("seconds"), after=Sum("seconds", filter=after)
    )
    sessions = TrainingSession.objects.filter(dataset__name=dataset).aggregate(
        count=Count("pk"), best=Max("best_gain")
    )
    if not spent["all"] or sessions["best"] is None:
        return cards.EFFICIENCY.unmeasured(
            "no epoch has been trained.", evidence=where, models=models
        )
    share = f"{(spent['after'] or 0.0) / spent['all']:.0%}".replace("%", " %")
    best = float(sessions["best"])
    bought = "nothing above chance" if best <= 0.0 else f"{signed(best)} bits per draw at best"
    return cards.EFFICIENCY.answer(
        f"{spent['all'] / 60:,.1f} minutes in {sessions['count']:,} sessions bought {bought} on"
        f" validation draws; {share} of it came after the best epoch.",
        value=f"{share} after the best epoch",
        n=sessions["count"],
        models=models,
        evidence=where,
    )


def settings(dataset: str, models: int) -> Card:
    """Which settings move the outcome, by permutation."""
    where = journal_rows("training_end")
    done = TrainingSession.objects.filter(
        dataset__name=dataset,
        state=TrainingSession.State.COMPLETED,
        best_gain__isnull=False,
    )
    rows = list(done.order_by("-pk").values_list("config", "best_gain")[:NEWEST])
    names = [name for name in SETTINGS if name not in HANDLED]
    table = {name: [config.get(name) for config, _ in rows] for name in names}
    found = effects(table, [float(gain or 0.0) for _, gain in rows])
    if not found:
        return cards.SETTINGS_THAT_MATTER.unmeasured(
            f"it takes {FEWEST} sessions with different settings.",
            evidence=where,
            models=models,
            n=len(rows),
        )
    first = found[0]
    moving = [SETTINGS[effect.name].label for effect in found if effect.is_measurable]
    answer = (
        f"With a measurable effect in {len(rows):,} sessions: {', '.join(moving)}."
        if moving
        else f"No setting has a measurable effect in {len(rows):,} sessions"
        f" (smallest p {first.p:.2f})."
    )
    return cards.SETTINGS_THAT_MATTER.answer(
        answer,
        value=f"p {first.corrected_p:.2f} for {SETTINGS[first.name].label.lower()}",
        n=len(rows),
        models=models,
        evidence=where,
    )


def history(dataset: str, models: int) -> Card:
    """The newest audit of the draws, and when the next draw comes."""
    where = journal_rows("audit_run")
    following = _next_draw(dataset)
    audits = (found for found in _newest("audit_run") if found.get("dataset") == dataset)
    found = next(audits, None)
    if found is None:
        return cards.HISTORY.unmeasured(
            f"the draws have not been audited.{following}", evidence=where, models=models
        )
    return cards.HISTORY.answer(
        f"{found.get('verdict', '')}{following}",
        value=f"joint p {found.get('smallest_p', 0.0):.2f}",
        n=int(found.get("tests", 0)),
        models=models,
        evidence=where,
    )


def _newest(event_type: str) -> Iterator[Mapping[str, Any]]:
    """Metadata of the newest journal entries of a kind, newest first."""
    entries = recall.newest(JournalFilter(event_types=(event_type,)), limit=NEWEST)
    return (entry.metadata for entry in entries)


def _next_draw(name: str) -> str:
    """A sentence about the draw that comes after the newest held; empty where there is none."""
    dataset = Dataset.objects.filter(name=name).exclude(last_date=None).first()
    if dataset is None or dataset.last_date is None or dataset.game not in GAMES:
        return ""
    day = next_draw_date(GAMES[dataset.game], dataset.last_date)
    return f" The next draw is that of {day:%A, %Y-%m-%d}."
