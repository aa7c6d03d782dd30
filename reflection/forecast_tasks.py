"""What a worker does for forecasts. Workers may have torch, so it computes here."""

from reflection.services.forecasts import register_awaited
from registry.inference.server import Inference


def register_forecasts() -> None:
    """Register the coming draw's forecasts of every model that does so by itself.

    Delivered twice, the second finds nothing to do.
    """
    register_awaited(ask=Inference().predict)
