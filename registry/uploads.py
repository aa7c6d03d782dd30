"""The form of an import, whichever door it came through."""

from collections.abc import Mapping
from typing import Any

from django.core.files.uploadedfile import UploadedFile

from memory.refusals import Invalid, TooLarge
from registry.models import ModelArtifact
from registry.services import Upload, import_bundle, import_version
from registry.services.bundles import MAX_SIDECAR
from registry.storage import MAX_UPLOAD_BYTES, MAX_WEIGHTS_BYTES


def read_upload(
    fields: Mapping[str, Any], files: Mapping[str, UploadedFile], *, actor: str
) -> ModelArtifact:
    """Import what a multipart form holds: `name`, and `weights` with `sidecar`, or `bundle`.

    `addVersion` = true allows a name that is there already.
    """
    name = str(fields.get("name", ""))
    add = str(fields.get("addVersion", "")).lower() in ("true", "1", "on")
    if "bundle" in files:
        raw = _bytes(files, "bundle", MAX_UPLOAD_BYTES)
        return import_bundle(name=name, raw=raw, actor=actor, add_version=add)
    upload = Upload(
        file_name=files["weights"].name or "" if "weights" in files else "",
        weights=_bytes(files, "weights", MAX_WEIGHTS_BYTES),
        sidecar=_bytes(files, "sidecar", MAX_SIDECAR),
    )
    return import_version(name=name, upload=upload, actor=actor, add_version=add)


def _bytes(files: Mapping[str, UploadedFile], field: str, limit: int) -> bytes:
    """A file of the form, if it is there and small enough."""
    file = files.get(field)
    if file is None:
        raise Invalid(fields={field: "A file is needed."})
    if file.size is None or file.size > limit:
        raise TooLarge(fields={field: f"At most {limit:,} bytes."})
    content: bytes = file.read()
    return content
