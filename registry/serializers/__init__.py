"""The shapes of the REST answers, by what they are about."""

from registry.serializers.curating import (
    AliasRequest,
    Deletion,
    ModelChange,
    Restored,
    VersionChange,
    ViewRequest,
    ViewRow,
)
from registry.serializers.files import (
    AdoptRequest,
    DamagedRow,
    FoundRow,
    ImportRequest,
    LoadAnswer,
    LoadRequest,
    Rescanned,
    Verified,
    VerifyRequest,
)
from registry.serializers.models import (
    FileRow,
    ModelInfo,
    ModelList,
    ModelRow,
    RelativeRow,
    VersionList,
    VersionRow,
    interval_field,
)
from registry.serializers.told import (
    camel_keys,
    model_dict,
    version_dict,
    version_summary,
)

__all__ = [
    "AdoptRequest",
    "AliasRequest",
    "DamagedRow",
    "Deletion",
    "FileRow",
    "FoundRow",
    "ImportRequest",
    "LoadAnswer",
    "LoadRequest",
    "ModelChange",
    "ModelInfo",
    "ModelList",
    "ModelRow",
    "RelativeRow",
    "Rescanned",
    "Restored",
    "Verified",
    "VerifyRequest",
    "VersionChange",
    "VersionList",
    "VersionRow",
    "ViewRequest",
    "ViewRow",
    "camel_keys",
    "interval_field",
    "model_dict",
    "version_dict",
    "version_summary",
]
