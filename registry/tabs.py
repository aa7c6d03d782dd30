"""What stands in the tabs of a model's page."""

from typing import Any

from memory import recall
from memory.filters import JournalFilter
from memory.refusals import Refusal
from registry.cards import card_body, model_card
from registry.lineage import lineage
from registry.markdown import render
from registry.models import ModelAlias, ModelArtifact, RegisteredModel
from registry.services import plan_deletion
from registry.storage import SIDECAR, WEIGHTS

TABS = {
    "versions": "Versions",
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
    if tab == "settings":
        return {
            "config": sorted(version.config.items()),
            "network": sorted(version.network.items()),
        }
    if tab == "files":
        return {"files": [(WEIGHTS, version.weights_sha256), (SIDECAR, version.sidecar_sha256)]}
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
