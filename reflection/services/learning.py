"""Cards about learning itself: controls, memorising, compute, settings, history."""

from collections.abc import Sequence

from django.db.models import Q
from django.urls import reverse

from memory.sentences import counted, duration
from reflection.models import Experiment
from reflection.services import cards
from reflection.services.audits import newest_audit
from reflection.services.cards import Card, journal_rows
from reflection.services.control_words import rate_words
from reflection.services.controls import USUAL, usual_seconds
from reflection.services.ground import Ground
from reflection.services.instrument import Pipeline, pipeline_for
from reflection.services.setting_effects import effects_of
from reflection.services.trials import FEWEST
from reflection.statistics.comparing import holm
from reflection.statistics.controls import Rate, clopper_pearson
from reflection.statistics.learning_curves import effective_parameters
from reflection.statistics.verdicts import signed
from training.draws.games import GAMES, next_draw_date
from training.histories import seconds_spent
from training.models import Dataset

ALPHA = 0.05


def controls(ground: Ground, models: int, found: Sequence[Pipeline]) -> Card:
    """Placebo alarms, planted biases found, and the poison test, of all pipelines together."""
    where = f"{reverse('reflection:controls')}?dataset={ground.name}"
    alarms = _together([one.alarms for one in found])
    if alarms is None:
        return cards.CONTROLS.unmeasured(_offer(ground), evidence=where, models=models)
    parts = [f"Placebos: {rate_words(alarms)} raised an alarm."]
    planted = _together([one.found for one in found])
    if planted:
        parts.append(f"Planted biases: {rate_words(planted)} found.")
    tests = [test for one in found for test in one.poison if not test.canary]
    if any(not test.ok for test in tests):
        parts.append("The poison test failed: a pipeline sees the future.")
    elif tests:
        parts.append(
            f"The poison test passed on {counted(sum(test.compared for test in tests), 'forecast')}."
        )
    else:
        parts.append("The poison test was not run.")
    if ranked := _ranks(found):
        parts.append(ranked)
    return cards.CONTROLS.answer(
        " ".join(parts),
        verdict=_honesty(alarms, [test.ok for test in tests]),
        value=f"{alarms.hits} of {alarms.trials} placebos",
        interval=f"95 % {alarms.low:.0%} to {alarms.high:.0%}".replace("%", " %").replace(
            "95  %", "95 %"
        ),
        n=alarms.trials,
        models=models,
        evidence=where,
    )


def _honesty(alarms: Rate, poison: Sequence[bool]) -> str:
    if not all(poison):
        return "sees the future"
    quiet = "quiet" if alarms.low <= ALPHA else "too many alarms"
    return f"{quiet}, {'poison passed' if poison else 'poison not run'}"


def _ranks(found: Sequence[Pipeline]) -> str:
    """How the replays of the real draws stand among their placebos; empty where none has any."""
    p = [ranked.rank.p for one in found for ranked in one.ranks]
    if not p:
        return ""
    many = f"{len(p):,} replay{'' if len(p) == 1 else 's'} of these draws"
    corrected = f" ({min(holm(p)):.3f} by Holm's correction)" if len(p) > 1 else ""
    return f"By rank among its placebos, smallest p of {many}: {min(p):.3f}{corrected}."


def _together(rates: Sequence[Rate | None]) -> Rate | None:
    """Several rates as one; None without any trial."""
    known = [rate for rate in rates if rate]
    trials = sum(rate.trials for rate in known)
    return clopper_pearson(sum(rate.hits for rate in known), trials) if trials else None


def _offer(ground: Ground) -> str:
    """What to run, and how long it takes on this machine where that can be said."""
    newest = ground.newest_version()
    seconds = usual_seconds(newest) if newest else None
    about = f" (about {max(1, round(seconds / 60)):,} min)" if seconds else ""
    return f"run {USUAL} placebos{about}."


def memorisation(ground: Ground, models: int, found: Sequence[Pipeline]) -> Card:
    """The newest version's training gain beside what noise gives."""
    artifact = ground.newest_trained()
    if artifact is None:
        return cards.MEMORISATION.unmeasured(
            "no finished session.", evidence=journal_rows("training_end"), models=models
        )
    train, val = float(artifact.metrics["train_gain"]), artifact.val_gain
    draws = int(artifact.metrics["train_n"])
    worth = max(0.0, effective_parameters(train, draws))
    held = f"; validation {signed(val)}" if val is not None else ""
    fell = " Memorised." if train > 0.0 and val is not None and val <= 0.0 else ""
    line = f"noise line of {counted(round(worth), 'parameter')}" if round(worth) else ""
    placebos = pipeline_for(found, model_name=artifact.model.name, encoder=artifact.encoder)
    beside = ""
    if placebos and placebos.train_low is not None and placebos.train_high is not None:
        line = f"{placebos.placebos} placebos: {signed(placebos.train_low)} to {signed(placebos.train_high)}"
        inside = placebos.train_low <= train <= placebos.train_high
        beside = (
            f" On fair histories this pipeline gains as much as {placebos.free_parameters:,.0f} free"
            f" parameters: {'exactly what noise gives' if inside else 'not what noise gives'}."
        )
    return cards.MEMORISATION.answer(
        f"{artifact.model.name}: training gain {signed(train)} bits per draw, {_worth(round(worth))}{held}."
        f"{beside}{fell}",
        verdict=f"{'memorised' if fell else 'not memorised'}{beside and ', beside placebos'}",
        value=f"{signed(train)} bits per draw",
        interval=line,
        n=draws,
        models=models,
        evidence=reverse("reflection:model", args=[artifact.model.name]),
    )


def _worth(parameters: int) -> str:
    """What a training gain amounts to, in whole parameters."""
    if not parameters:
        return "so it holds nothing of the draws that it was shown"
    return f"what {counted(parameters, 'parameter')} fitted to noise would gain"


def efficiency(ground: Ground, models: int) -> Card:
    """What all compute bought, and the share of it that came after the best epochs."""
    where = journal_rows("training_end")
    held = ground.held
    spent, after = seconds_spent(Q(session__dataset=held)) if held else (0.0, 0.0)
    if not spent or held.best_session is None:
        return cards.EFFICIENCY.unmeasured(
            "no epoch has been trained.", evidence=where, models=models
        )
    share = f"{after / spent:.0%}".replace("%", " %")
    best = float(held.best_session)
    bought = "nothing above chance" if best <= 0.0 else f"{signed(best)} bits per draw at best"
    return cards.EFFICIENCY.answer(
        f"{duration(spent)} of training in {counted(held.sessions_held, 'session')} bought {bought} on"
        f" validation draws; {share} of it came after the best epoch.",
        verdict="nothing above chance" if best <= 0.0 else "something above chance",
        value=f"{share} after the best epoch",
        n=held.sessions_held,
        models=models,
        evidence=where,
    )


def settings(dataset: str, models: int, computed: Experiment | None) -> Card:
    """Which settings move the outcome: what was computed with the newest experiment, as its page says."""
    where = f"{reverse('reflection:experiment')}?dataset={dataset}"
    found = effects_of(computed) if computed else None
    if found is None or not found.rows:
        reason = found.sentence if found else _too_few()
        return cards.SETTINGS_THAT_MATTER.unmeasured(
            reason, evidence=where if found else journal_rows("training_end"), models=models
        )
    first = found.rows[0]
    return cards.SETTINGS_THAT_MATTER.answer(
        f"{found.sentence} Outcome: {found.objective}.",
        verdict="some matter"
        if any(row.effect.is_measurable for row in found.rows)
        else "none matters",
        value=f"p {first.effect.corrected_p:.2f} for {first.label.lower()}",
        n=found.sessions,
        models=models,
        evidence=where,
    )


def _too_few() -> str:
    return (
        f"it takes {FEWEST} finished sessions of networks that were scored on the same draws; a"
        " worker then computes it within a minute or so."
    )


def history(ground: Ground, models: int, computed: Experiment | None) -> Card:
    """The newest audit of the draws, and when the next draw comes."""
    where = journal_rows("audit_run")
    following = _next_draw(ground.dataset)
    found = newest_audit(ground.name)
    if found is None:
        return cards.HISTORY.unmeasured(
            f"the draws have not been audited.{following}", evidence=where, models=models
        )
    return cards.HISTORY.answer(
        f"{found.get('verdict', '')}{following}{_next_experiment(computed)}",
        verdict="fair" if found.get("smallest_p", 1.0) > ALPHA else "not fair",
        value=f"joint p {found.get('smallest_p', 0.0):.2f}",
        n=int(found.get("tests", 0)),
        models=models,
        evidence=where,
    )


def _next_experiment(found: Experiment | None) -> str:
    """What was computed last of the next experiment; empty before there was enough to compute."""
    if found is None:
        return ""
    if found.is_worthwhile:
        return f" Next experiment: {signed(found.expected)} bits per draw expected."
    return " No experiment is expected to teach about skill."


def _next_draw(dataset: Dataset | None) -> str:
    """A sentence about the draw that comes after the newest held; empty where there is none."""
    if dataset is None or dataset.last_date is None or dataset.game not in GAMES:
        return ""
    day = next_draw_date(GAMES[dataset.game], dataset.last_date)
    return f" The next draw is that of {day:%A, %Y-%m-%d}."
