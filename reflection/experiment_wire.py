"""How the next experiment is written as JSON."""

from typing import Any

from reflection.services.experiment_words import objective_words
from reflection.services.experiments import NextExperiment
from reflection.services.setting_effects import effects_of
from reflection.wire import as_json


def experiment_json(found: NextExperiment) -> dict[str, Any]:
    """The next experiment as REST clients and the command read it."""
    row = found.experiment
    told: dict[str, Any] = {
        "dataSource": found.dataset,
        "sentence": found.sentence,
        "isWorthwhile": found.is_worthwhile,
        "sessions": found.sessions,
        "newer": found.newer,
        "nextDraw": found.next_draw,
        "control": found.control,
        "experiment": None,
    }
    if row is not None:
        told["experiment"] = {
            "settings": row.settings,
            "changes": row.changes,
            "trials": row.trials,
            "objective": row.objective,
            "objectiveWords": objective_words(row),
            "backtested": row.backtested,
            "bestGain": row.best_gain,
            "expected": row.expected,
            "error": row.error,
            "effects": row.effects,
            "effectsSentence": effects_of(row).sentence,
            "seeds": row.seeds,
            "computedAt": as_json(row.computed_at),
            "prefilled": found.prefilled,
            "sessionId": row.session_id,
        }
    return told
