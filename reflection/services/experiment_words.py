"""What is said of the next experiment: whether it is worth its time, and what was compared."""

from reflection.models import Experiment
from reflection.services.trials import FEWEST
from reflection.statistics.verdicts import signed
from training.engine.config import SETTINGS


def sentence_of(found: Experiment | None, day: str | None) -> str:
    if found is None:
        return (
            f"Not measured: it takes {FEWEST} finished sessions of networks that were scored on the"
            " same validation draws."
        )
    least = f"{found.error:.4f} bits per draw, the standard error of one session's result"
    if not found.is_worthwhile:
        waiting = f", or waiting for the draw of {day}" if day else ""
        return (
            "No experiment is expected to teach you about skill: the best of the proposals is"
            f" expected to gain {found.expected:.4f} bits per draw over the best of {found.trials:,}"
            f" sessions, less than {least}. The best use of the time is a control run{waiting}."
        )
    return (
        f"Try {_in_words(found)}: expected to gain {signed(found.expected)} bits per draw over the"
        f" best of {found.trials:,} sessions, more than {least}."
    )


def objective_words(found: Experiment) -> str:
    """What its sessions were compared by, and what would have to be there for the better score."""
    many = f"{found.trials:,} sessions"
    if found.objective == Experiment.WALK_FORWARD:
        return (
            f"Objective: the mean walk-forward gain of the models of {many}, by one protocol on the"
            f" same {found.replayed:,} draws. Sessions whose model was not replayed like that are"
            " left out: the two scores are never mixed."
        )
    return (
        f"Objective: the validation gain of {many} at their best epoch, which each of them chose by"
        f" these very draws. With a walk-forward backtest of {FEWEST} of their models, by one"
        f" protocol on the same draws, it is the walk-forward gain ({found.backtested:,} so far)."
    )


def _in_words(found: Experiment) -> str:
    parts = [f"{label} {new} instead of {old}" for label, old, new in changes_of(found)]
    return ", ".join(parts) or "the same settings with another seed"


def changes_of(found: Experiment) -> tuple[tuple[str, str, str], ...]:
    """Label, value of the best session so far, value proposed."""
    return tuple(
        (SETTINGS[name].label.lower(), _text(old), _text(new))
        for name, (old, new) in found.changes.items()
        if name in SETTINGS
    )


def _text(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
