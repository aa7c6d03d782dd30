"""The shapes of draws, datasets and imports in REST answers and in `--json` output."""

from typing import Any

from rest_framework import serializers

from training.draws.rows import Problem
from training.models import Dataset, Draw
from training.services.draws import Conflicting, Preview

MOST_LISTED = 200  # problems and contradictions quoted in one answer


class DatasetShape(serializers.Serializer):
    name = serializers.CharField()
    game = serializers.CharField()
    kind = serializers.ChoiceField(choices=Dataset.Kind.choices)
    drawCount = serializers.IntegerField()
    firstDate = serializers.DateField(allow_null=True)
    lastDate = serializers.DateField(allow_null=True)
    fingerprint = serializers.CharField()
    parameters = serializers.DictField()
    createdAt = serializers.DateTimeField()
    createdBy = serializers.CharField()


class DatasetList(serializers.Serializer):
    datasets = DatasetShape(many=True)
    total = serializers.IntegerField()


class DrawShape(serializers.Serializer):
    date = serializers.DateField()
    white = serializers.ListField(child=serializers.IntegerField())
    bonus = serializers.IntegerField()
    multiplier = serializers.IntegerField(allow_null=True)
    drawnOrder = serializers.ListField(child=serializers.IntegerField(), allow_null=True)


class DatasetDetail(DatasetShape):
    draws = DrawShape(many=True)
    total = serializers.IntegerField()


class LineShape(serializers.Serializer):
    line = serializers.IntegerField(help_text="0: the file as a whole")
    text = serializers.CharField()


class ProblemShape(LineShape):
    column = serializers.CharField()
    reason = serializers.CharField()
    remedy = serializers.CharField()


class PreviewShape(serializers.Serializer):
    dataset = serializers.CharField()
    game = serializers.CharField()
    fileName = serializers.CharField()
    sha256 = serializers.CharField()
    sizeBytes = serializers.IntegerField()
    format = serializers.CharField()
    columns = serializers.CharField(
        allow_blank=True, help_text="which column is what, where it was said"
    )
    applied = serializers.BooleanField()
    canApply = serializers.BooleanField()
    new = serializers.IntegerField()
    same = serializers.IntegerField()
    conflicting = serializers.IntegerField()
    invalid = serializers.IntegerField()
    notes = serializers.ListField(child=serializers.CharField())
    problems = ProblemShape(many=True)
    contradictions = LineShape(many=True)


class SimulateRequest(serializers.Serializer):
    name = serializers.CharField(max_length=80)
    game = serializers.CharField(required=False)
    draws = serializers.IntegerField(required=False)
    matrix = serializers.CharField(required=False, help_text="such as 5/69+26")
    seed = serializers.IntegerField(required=False)
    ball = serializers.IntegerField(required=False)
    weight = serializers.FloatField(required=False)
    lognormal = serializers.FloatField(required=False)
    repeatOdds = serializers.FloatField(required=False)
    bonusBall = serializers.IntegerField(required=False)
    bonusWeight = serializers.FloatField(required=False)
    starts = serializers.FloatField(required=False)


class FetchRequest(serializers.Serializer):
    game = serializers.CharField(required=False)
    dataset = serializers.CharField(required=False)
    dryRun = serializers.BooleanField(required=False)
    keepHeld = serializers.BooleanField(required=False)


class UndoneShape(serializers.Serializer):
    dataset = serializers.CharField()
    fileName = serializers.CharField()
    removed = serializers.IntegerField()


def dataset_dict(dataset: Dataset) -> dict[str, Any]:
    return {
        "name": dataset.name,
        "game": dataset.game,
        "kind": dataset.kind,
        "drawCount": dataset.draw_count,
        "firstDate": dataset.first_date,
        "lastDate": dataset.last_date,
        "fingerprint": dataset.fingerprint,
        "parameters": dataset.parameters,
        "createdAt": dataset.created_at,
        "createdBy": dataset.created_by,
    }


def draw_dict(draw: Draw) -> dict[str, Any]:
    order = [int(ball) for ball in draw.drawn_order.split()]
    return {
        "date": draw.date,
        "white": draw.white,
        "bonus": draw.bonus,
        "multiplier": draw.multiplier,
        "drawnOrder": order or None,
    }


def preview_dict(preview: Preview, *, applied: bool) -> dict[str, Any]:
    """What a file holds against what is held, with at most MOST_LISTED lines of each kind."""
    return {
        "dataset": preview.dataset_name,
        "game": preview.game.key,
        "fileName": preview.file_name,
        "sha256": preview.sha256,
        "sizeBytes": preview.size_bytes,
        "format": preview.reading.format,
        "columns": preview.columns,
        "applied": applied,
        "canApply": preview.can_apply,
        "new": len(preview.new),
        "same": preview.same,
        "conflicting": len(preview.conflicts),
        "invalid": len(preview.problems),
        "notes": list(preview.reading.notes),
        "problems": [_problem(item) for item in preview.problems[:MOST_LISTED]],
        "contradictions": [_conflict(item) for item in preview.conflicts[:MOST_LISTED]],
    }


def preview_text(body: dict[str, Any]) -> str:
    """The counts on one line, then every note, problem and contradiction on its own."""
    kinds = ("new", "same", "conflicting", "invalid")
    counts = ", ".join(f"{body[kind]:,} {kind}" for kind in kinds)
    state = "would be imported" if body["canApply"] else "cannot be imported"
    state = "imported" if body["applied"] else state
    lines = [f"{body['fileName']} ({body['format']}) -> {body['dataset']}: {state}: {counts}"]
    lines += [f"note: {note}" for note in body["notes"]]
    lines += [f"invalid: {item['text']}" for item in body["problems"]]
    lines += [f"conflicting: {item['text']}" for item in body["contradictions"]]
    return "\n".join(lines)


def _problem(problem: Problem) -> dict[str, Any]:
    return {
        "line": problem.line,
        "column": problem.column,
        "reason": problem.reason,
        "remedy": problem.remedy,
        "text": str(problem),
    }


def _conflict(conflict: Conflicting) -> dict[str, Any]:
    return {"line": conflict.row.line, "text": str(conflict)}
