"""Sentences about how a model learned. Each is a rule over measured numbers, nothing else."""

from dataclasses import dataclass

from memory.sentences import counted
from reflection.services.curves import LossCurve, standard_error
from reflection.services.scored import ScoredDraws, validation_gains
from reflection.statistics.controls import smallest_gain_noticed
from reflection.statistics.learning_curves import (
    effective_parameters,
    is_memorising,
    memorisation_line,
)
from reflection.statistics.verdicts import signed
from registry.models import ModelArtifact


@dataclass(frozen=True)
class Statement:
    """One thing that the numbers say: a short topic and a full sentence."""

    topic: str
    text: str


def statements(
    *,
    curve: LossCurve | None,
    artifact: ModelArtifact | None,
    scored: ScoredDraws | None,
) -> tuple[Statement, ...]:
    """Everything that can be said about one training; what was not measured is left out."""
    found = [_noise_line(artifact), _detectable(scored)]
    if curve is not None:
        error = standard_error(validation_gains(artifact)) if artifact is not None else None
        found = [
            _overfit(curve, error),
            _memorising(curve),
            *found,
            _plateau(curve, error),
            _unstable(curve),
            _compute(curve),
        ]
    return tuple(statement for statement in found if statement is not None)


def _overfit(curve: LossCurve, error: float | None) -> Statement:
    last, best, gain = curve.epochs[-1], curve.best_epoch, curve.best_gain
    text = f"The best of {counted(last, 'epoch')} on the validation draws was epoch {best:,}"
    text += f", {signed(gain)} bits per draw against chance."
    onset = curve.onset(error)
    if onset is not None and onset < best:
        text += f" Epoch {onset:,} was already within one standard error of it."
    if best <= 1 and gain <= 0.0 and last > 1:
        text += " A first epoch that is never beaten, at or below chance, is how noise looks."
    return Statement("Over-fitting", text)


def _memorising(curve: LossCurve) -> Statement | None:
    if not is_memorising(curve.train_gains, curve.val_gains):
        return None
    return Statement(
        "Memorising",
        f"At the last epoch the training draws stood at {signed(curve.train_gains[-1])} bits per"
        f" draw over chance and the validation draws at {signed(curve.val_gains[-1])}:"
        " it memorised what cannot be known from the past.",
    )


def _noise_line(artifact: ModelArtifact | None) -> Statement | None:
    """The training gain beside what a fit of so many parameters gains on pure noise."""
    metrics = artifact.metrics if artifact is not None else {}
    gain, draws = metrics.get("train_gain"), metrics.get("train_n")
    if artifact is None or gain is None or not draws:
        return None
    text = f"The kept weights gain {signed(gain)} bits per draw on {draws:,} training draws."
    line = memorisation_line(1, draws).gain
    if gain <= line:
        return Statement(
            "Noise line", text + " They hold nothing of the draws they were shown."
        )
    worth = effective_parameters(gain, draws)
    text += (
        f" Fitting about {worth:,.0f} free parameters to pure noise gains as much (d / 2N ln 2);"
        f" the model has {artifact.parameter_count:,}."
    )
    return Statement("Noise line", text)


def _detectable(scored: ScoredDraws | None) -> Statement | None:
    if scored is None or scored.gains.size < 2:
        return None
    spread, draws = float(scored.gains.std(ddof=1)), scored.gains.size
    if spread < 1e-9:
        return Statement(
            "Detectability",
            "This model forecasts exactly what a fair drum does: it has no gain.",
        )
    least = smallest_gain_noticed(spread, draws)
    return Statement(
        "Detectability",
        f"With {draws:,} test draws a true gain of {least:.4f} bits per draw or more would have"
        " been noticed in 80 % of cases; less could have been missed.",
    )


def _plateau(curve: LossCurve, error: float | None) -> Statement | None:
    if not curve.is_flat(error):
        return None
    return Statement(
        "Plateau", "Over the last 10 epochs the validation loss neither rose nor fell."
    )


def _unstable(curve: LossCurve) -> Statement | None:
    found = curve.instability()
    if found is None:
        return None
    text = f"Epoch {found.epoch:,} had {found.reason}"
    good = f"; the last good one was epoch {found.last_good:,}." if found.last_good else "."
    return Statement("Instability", text + good)


def _compute(curve: LossCurve) -> Statement | None:
    spent = curve.efficiency()
    if spent is None or spent.seconds <= 0.0 or len(curve.epochs) < 2:
        return None
    share = f"{spent.share_after_best:.0%}".replace("%", " %")
    return Statement(
        "Compute",
        f"{spent.seconds:,.1f} s of training; {share} of it came after the best epoch.",
    )
