"""The shapes in which REST and WebSocket clients read epochs."""

from typing import Any

from rest_framework import serializers

from memory.wire import camel
from training.histories import Recalled
from training.models import Epoch, TrainingSession


class EpochRow(serializers.Serializer):
    number = serializers.IntegerField()
    trainBits = serializers.FloatField()
    valBits = serializers.FloatField()
    gain = serializers.FloatField()
    learningRate = serializers.FloatField()
    gradNorm = serializers.FloatField()
    seconds = serializers.FloatField()
    best = serializers.BooleanField()
    hits = serializers.FloatField(
        allow_null=True,
        help_text="White balls per validation draw among the likeliest; null: not measured",
    )
    memoryBytes = serializers.IntegerField(allow_null=True, help_text="null: not measured")


class EpochList(serializers.Serializer):
    sessionId = serializers.IntegerField()
    state = serializers.CharField()
    source = serializers.ChoiceField(  # type: ignore[assignment]  # a field like the others
        choices=["live", "archive", "summary"],
        help_text="summary: the archive is gone, only a thinned curve is left",
    )
    count = serializers.IntegerField(help_text="Epochs there were.")
    message = serializers.CharField(allow_blank=True)
    epochs = EpochRow(many=True)


class RecalledFigure(serializers.Serializer):
    value = serializers.FloatField(allow_null=True, help_text="null: only the bound is known")
    exact = serializers.BooleanField()
    low = serializers.FloatField()
    high = serializers.FloatField()


class RecalledEpoch(serializers.Serializer):
    sessionId = serializers.IntegerField()
    number = serializers.IntegerField()
    exact = serializers.BooleanField()
    boundKind = serializers.ChoiceField(choices=["deterministic"])
    source = serializers.ChoiceField(["live", "archive", "summary"])  # type: ignore[assignment]
    count = serializers.IntegerField()
    figures = serializers.DictField(child=RecalledFigure())


def epoch_dict(epoch: Epoch) -> dict[str, Any]:
    """One epoch as REST and WebSocket clients read it; bits per draw."""
    return {
        "number": epoch.number,
        "trainBits": epoch.train_bits,
        "valBits": epoch.val_bits,
        "gain": epoch.gain,
        "learningRate": epoch.learning_rate,
        "gradNorm": epoch.grad_norm,
        "seconds": epoch.seconds,
        "best": epoch.best,
        "hits": epoch.hits,
        "memoryBytes": epoch.memory_bytes,
    }


def recalled_dict(session: TrainingSession, found: Recalled) -> dict[str, Any]:
    """One epoch, or between which values each of its figures lies."""
    return {
        "sessionId": session.pk,
        "number": found.number,
        "exact": found.is_exact,
        "boundKind": "deterministic",
        "source": found.source,
        "count": found.count,
        "figures": {
            camel(name): {
                "value": one.low if one.is_exact else None,
                "exact": one.is_exact,
                "low": one.low,
                "high": one.high,
            }
            for name, one in found.figures.items()
        },
    }
