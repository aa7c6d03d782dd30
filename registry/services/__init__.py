"""What can be done with models. HTML, REST, admin and commands call these same verbs."""

from registry.services.aliases import remove_alias, set_alias
from registry.services.bundles import Upload, bundle
from registry.services.conversion import to_onnx, to_torch
from registry.services.curating import (
    add_tags,
    annotate,
    archive_model,
    archive_version,
    describe,
    read_tags,
    set_tags,
    unarchive_model,
    unarchive_version,
)
from registry.services.discovery import Found, adopt, find_unregistered
from registry.services.exporting import (
    FORMS,
    Exported,
    ExtraMissing,
    export_version,
    export_versions,
    onnx_problem,
)
from registry.services.importing import import_bundle, import_version
from registry.services.loading import Loaded, load_version, unload_version
from registry.services.names import reserve_model
from registry.services.opening import REMEDY, OpenedModel, open_version, read_file
from registry.services.predicting import Prediction, predict
from registry.services.reconciling import Reconciliation, reconcile
from registry.services.reproducing import remember_reproduction
from registry.services.rescanning import Rescan, rescan
from registry.services.saving import VersionRecord, save_version
from registry.services.trash import Deletion, delete, plan_deletion, purge, restore
from registry.services.verifying import Finding, verify_artifacts
from registry.services.views import remove_view, save_view

__all__ = [
    "FORMS",
    "REMEDY",
    "Deletion",
    "Exported",
    "ExtraMissing",
    "Finding",
    "Found",
    "Loaded",
    "OpenedModel",
    "Prediction",
    "Reconciliation",
    "Rescan",
    "Upload",
    "VersionRecord",
    "adopt",
    "annotate",
    "archive_model",
    "archive_version",
    "bundle",
    "delete",
    "describe",
    "export_version",
    "export_versions",
    "find_unregistered",
    "import_bundle",
    "import_version",
    "load_version",
    "onnx_problem",
    "open_version",
    "plan_deletion",
    "predict",
    "purge",
    "read_file",
    "reconcile",
    "remember_reproduction",
    "remove_alias",
    "remove_view",
    "rescan",
    "reserve_model",
    "restore",
    "save_version",
    "save_view",
    "set_alias",
    "add_tags",
    "read_tags",
    "set_tags",
    "to_onnx",
    "to_torch",
    "unarchive_model",
    "unarchive_version",
    "unload_version",
    "verify_artifacts",
]
