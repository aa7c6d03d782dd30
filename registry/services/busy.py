"""What must not be put away now."""

from memory.refusals import Conflict
from registry.models import RegisteredModel


def refuse_in_training(model: RegisteredModel) -> None:
    """Raise Conflict `busy` while a session trains this model.

    `sessions` is the other end of training's foreign key: it is a floor above, and nothing of
    it is imported here, but only its rows know whether a model is in training.
    """
    if model.sessions.active().exists():
        raise Conflict(
            f"{model.name} is in training. Stop the session first, or wait for its end.",
            code="busy",
        )
