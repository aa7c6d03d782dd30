"""What stands in the tabs of a model's page."""

import json
from typing import Any

from memory import recall
from memory.filters import JournalFilter
from memory.markdown import render
from memory.refusals import Refusal
from registry.cards import card_body, model_card
from registry.curves import curve_sentence, training_curve
from registry.hits import histogram, hits_figure, hits_words, scored_draws
from registry.lineage import lineage
from registry.looks import look_of
from registry.models import ModelAlias, ModelArtifact, RegisteredModel
from registry.services import plan_deletion, read_file
from registry.storage import SIDECAR, WEIGHTS

TABS = {
    "overview": "Overview",
    "versions": "Versions",
    "evaluation": "Evaluation",
    "settings": "Settings",
    "files": "Files",
    "lineage": "Lineage",
    "journal": "Journal",
    "card": "Card",
    "curate": "Curate",
}
SHOWN = 100  # newest versions, newest entries of the journal


def tab_rows(version: ModelArtifact, tab: str) -> dict[str, Any]:
    """The context of one tab; only that tab's rows are read."""
    if tab == "overview":
        return _overview(version)
    if tab == "settings":
        return {
            "config": sorted(version.config.items()),
            "network": sorted(version.network.items()),
        }
    if tab == "files":
        files = [(WEIGHTS, version.weights_sha256), (SIDECAR, version.sidecar_sha256)]
        return {"files": files}
    if tab == "evaluation":
        return _evaluation(version)  # and its page fetches what a floor above measured
    if tab == "lineage":
        return {
            "environment": sorted(version.environment.items()),
            "relatives": lineage(version),
        }
    if tab == "journal":
        wanted = JournalFilter(model_name=version.model.name)
        return {"entries": recall.newest(wanted, limit=SHOWN)}
    if tab == "card":
        return {"card": render(card_body(model_card(version)))}
    if tab == "curate":
        return _curating(version.model)
    heavy = ("evaluation", "config", "network", "environment")
    rows = version.model.versions.defer(*heavy).prefetch_related("aliases")
    return {"versions": rows[:SHOWN], "version_count": rows.count()}


def _overview(version: ModelArtifact) -> dict[str, Any]:
    """The training curve from model.json, or why there is none."""
    try:
        story = json.loads(read_file(artifact=version, file_name=SIDECAR)[0])
    except Refusal as refusal:
        return {"no_curve": refusal.message}
    history, best = story.get("history", []), version.metrics.get("best_epoch")
    figure = training_curve(history, best, look_of(version.model.number))
    if figure is None:
        return {"no_curve": "Its file tells of fewer than two epochs: it was not trained here."}
    return {"curve": figure, "curve_words": curve_sentence(history, best)}


def _evaluation(version: ModelArtifact) -> dict[str, Any]:
    """The hits on the test draws beside chance; nothing where they were not kept."""
    test, network = version.evaluation.get("test", {}), version.network
    picks, white = network.get("picks"), network.get("white")
    scored = scored_draws(test, picks) if picks and white else None
    if scored is None:
        return {}
    dates, hits = scored
    look = look_of(version.model.number)
    return {
        "hits_figure": hits_figure(dates, hits, picks=picks, white=white, look=look),
        "hits_words": hits_words(hits, picks=picks, white=white),
        "histogram": histogram(hits, picks=picks, white=white),
    }


def _curating(model: RegisteredModel) -> dict[str, Any]:
    """What the forms of the last tab begin with, and what a deletion would take."""
    try:
        plan = plan_deletion(model=model).as_words()
    except Refusal as refusal:
        plan = refusal.message
    return {
        "aliases": model.aliases.select_related("version"),
        "common_aliases": ModelAlias.COMMON,
        "tags_text": ", ".join(tag.text for tag in model.tags.all()),
        "plan": plan,
    }
