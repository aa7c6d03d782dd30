"""What can be done with models. HTML, REST, admin and commands call these same verbs."""

from registry.services.names import reserve_model
from registry.services.opening import OpenedModel, open_version, read_file
from registry.services.saving import VersionRecord, save_version
from registry.services.verifying import Finding, verify_artifacts

__all__ = [
    "Finding",
    "OpenedModel",
    "VersionRecord",
    "open_version",
    "read_file",
    "reserve_model",
    "save_version",
    "verify_artifacts",
]
