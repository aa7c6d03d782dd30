"""What stands in the tabs of a model's page."""

from typing import Any

from memory.models import JournalEntry
from registry.models import ModelArtifact
from registry.storage import SIDECAR, WEIGHTS

TABS = {
    "versions": "Versions",
    "settings": "Settings",
    "files": "Files",
    "lineage": "Lineage",
    "journal": "Journal",
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
            "children": version.children.select_related("model"),
        }
    if tab == "journal":
        return {"entries": JournalEntry.objects.filter(model_name=version.model.name)[:SHOWN]}
    heavy = ("evaluation", "config", "network", "environment")
    rows = version.model.versions.defer(*heavy).prefetch_related("aliases")
    return {"versions": rows[:SHOWN], "version_count": rows.count()}
