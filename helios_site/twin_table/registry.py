"""Twins of the forms of models."""

from helios_site.twin_table.values import value
from helios_site.twins import Twin

_OF_MODEL = value("model", "", None, required=True)
_VIEW = value("view", None, None, required=True)
_ALIAS = value("alias", "--name", None, required=True)

REGISTRY: dict[str, Twin] = {
    "registry:load": Twin(
        "Load it",
        "model load",
        "POST",
        "models/load",
        (
            value("model", "", "name", required=True),
            value("version", "--pick", kind="number"),
        ),
    ),
    "registry:describe": Twin(
        "Describe it",
        "model describe",
        "PATCH",
        "models/{model}",
        (_OF_MODEL, value("description", "--text", required=True)),
    ),
    "registry:alias": Twin(
        "Let an alias name a version",
        "model alias",
        "PUT",
        "models/{model}/aliases/{alias}",
        (
            _OF_MODEL,
            value("alias", "--name", None, required=True),
            value("version", "--pick", kind="number"),
        ),
    ),
    "registry:archive": Twin(
        "Archive it",
        "model archive",
        "PATCH",
        "models/{model}",
        (_OF_MODEL, value("archived", None, kind="switch")),
    ),
    "registry:rescan": Twin(
        "Look through the files again", "scan_models", "POST", "models/rescan"
    ),
    "registry:delete": Twin(
        "Delete it", "model delete", "DELETE", "models/{model}", (_OF_MODEL,)
    ),
    "registry:import": Twin(
        "Import a bundle",
        "model import",
        "POST",
        "models/import",
        (
            value("name", "", "name", kind="file-text", required=True),
            value("bundle", "", "bundle", kind="file", required=True),
        ),
    ),
    "registry:unalias": Twin(
        "Let an alias name nothing",
        "model unalias",
        "DELETE",
        "models/{model}/aliases/{alias}",
        (_OF_MODEL, _ALIAS),
    ),
    "registry:tag": Twin(
        "Tag it",
        "model tag",
        "PATCH",
        "models/{model}",
        (_OF_MODEL, value("tags", "--text", kind="words", required=True)),
    ),
    "registry:note": Twin(
        "Note something on a version",
        "model note",
        "PATCH",
        "models/{model}/versions/{version}",
        (
            _OF_MODEL,
            value("version", "--pick", None, kind="number", required=True),
            value("notes", "--text", required=True),
        ),
    ),
    "registry:restore": Twin(
        "Take it out of the trash",
        "model restore",
        "POST",
        "models/{model}/restore",
        (_OF_MODEL,),
    ),
    "registry:found": Twin(
        "Adopt a file",
        "scan_models",
        "POST",
        "models/found",
        (value("path", "--adopt", required=True),),
    ),
    "registry:keep_view": Twin(
        "Save this view",
        "",
        "POST",
        "models/views",
        (value("name", None, required=True), value("query", None, required=True)),
    ),
    "registry:forget_view": Twin(
        "Forget a view", "", "DELETE", "models/views/{view}", (_VIEW,)
    ),
}
