"""What can be done with models. HTML, REST, admin and commands call these same verbs."""

from registry.services.names import reserve_model
from registry.services.opening import OpenedModel, open_version
from registry.services.saving import VersionRecord, save_version

__all__ = ["OpenedModel", "VersionRecord", "open_version", "reserve_model", "save_version"]
