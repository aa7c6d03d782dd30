"""What can be done with models. HTML, REST, admin and commands call these same verbs."""

from registry.services.aliases import remove_alias, set_alias
from registry.services.bundles import Upload, bundle
from registry.services.conversion import to_torch
from registry.services.curating import (
    annotate,
    archive_model,
    archive_version,
    describe,
    set_tags,
    unarchive_model,
    unarchive_version,
)
from registry.services.discovery import Found, adopt, find_unregistered
from registry.services.importing import import_bundle, import_version
from registry.services.loading import Loaded, load_version, unload_version
from registry.services.names import reserve_model
from registry.services.opening import OpenedModel, open_version, read_file
from registry.services.predicting import Prediction, predict
from registry.services.reconciling import Reconciliation, reconcile
from registry.services.saving import VersionRecord, save_version
from registry.services.trash import Deletion, delete, plan_deletion, purge, restore
from registry.services.verifying import Finding, verify_artifacts

__all__ = [
    "Deletion",
    "Finding",
    "Found",
    "Loaded",
    "OpenedModel",
    "Prediction",
    "Reconciliation",
    "Upload",
    "VersionRecord",
    "adopt",
    "annotate",
    "archive_model",
    "archive_version",
    "bundle",
    "delete",
    "describe",
    "find_unregistered",
    "import_bundle",
    "import_version",
    "load_version",
    "open_version",
    "plan_deletion",
    "predict",
    "purge",
    "read_file",
    "reconcile",
    "remove_alias",
    "reserve_model",
    "restore",
    "save_version",
    "set_alias",
    "set_tags",
    "to_torch",
    "unarchive_model",
    "unarchive_version",
    "unload_version",
    "verify_artifacts",
]
