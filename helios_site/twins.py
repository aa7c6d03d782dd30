"""The command line and the call of the API that do what a form of a page does.

`twin_table/` has them. The page shows both as the form stands: said here for who comes without
scripts, by `static/helios/twins.js` while somebody fills it in.
"""

import json
import shlex
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import quote

COMMAND = "python manage.py"
HEAD = '  -H "Authorization: Bearer $HELIOS_TOKEN"'
JSON_HEAD = "  -H 'Content-Type: application/json'"


@dataclass(frozen=True, slots=True)
class Value:
    """A field of a form, or what the page knows: where it stands in either twin.

    `flag` "" is a word by its place, one that ends with "=" is of one word with its value, None
    stands nowhere; so does `key` None. A key that the path holds in braces goes there, one with
    a dot into an object of the body. Kinds: text, number, switch, truth (on or off), words (with
    commas), list, file, query.
    """

    field: str
    flag: str | None = None
    key: str | None = None
    kind: str = "text"
    required: bool = False


@dataclass(frozen=True, slots=True)
class Twin:
    """What one form does. An empty command or path: no command or no call does it."""

    title: str
    command: str
    method: str
    path: str
    values: tuple[Value, ...] = ()


def command_line(twin: Twin, known: Mapping[str, Any]) -> str:
    """The twin as a command, with what is known; a value that must be given is in capitals."""
    if not twin.command:
        return ""
    words = [f"{COMMAND} {twin.command}"]
    for value in twin.values:
        given = _given(value, known)
        if value.flag is None or given in ("", [], False, None):
            continue
        said = (
            [] if given is True else given if isinstance(given, list | tuple) else [str(given)]
        )
        said = [word if word.isupper() else shlex.quote(word) for word in said]
        if value.flag.endswith("="):
            words.append(value.flag + said[0])
        else:
            words += [value.flag, *said] if value.flag else said
    return " ".join(words)


def api_call(twin: Twin, known: Mapping[str, Any], address: str) -> str:
    """The same as a curl call of this server."""
    if not twin.path:
        return ""
    path, body = twin.path, dict[str, Any]()
    parts: list[str] = []
    asked: list[str] = []
    for value in twin.values:
        given = _given(value, known)
        if "{" + value.field + "}" in path:
            path = path.replace("{" + value.field + "}", quote(str(given), safe=""))
        elif value.key is None or given in ("", [], False, None):
            continue
        elif value.kind == "query":
            asked.append(f"{value.key}={quote(str(given), safe='')}")
        elif value.kind.startswith("file"):
            mark = "@" if value.kind == "file" else ""
            parts.append(f"  -F {value.key}={mark}{shlex.quote(str(given))}")
        else:
            _put(body, value, given)
    query = f"?{'&'.join(asked)}" if asked else ""
    lines = [f"curl -X {twin.method} {shlex.quote(address + 'api/' + path + query)}", HEAD]
    if body:
        lines += [JSON_HEAD, f"  -d {shlex.quote(json.dumps(body))}"]
    return " \\\n".join([*lines, *parts])


def _put(body: dict[str, Any], value: Value, given: Any) -> None:
    """A field into the body of a call."""
    *outer, key = str(value.key).split(".")
    for name in outer:
        body = body.setdefault(name, {})
    if value.kind == "truth":
        given = given == "on"
    elif value.kind == "words":
        given = [word.strip() for word in str(given).split(",") if word.strip()]
    body[key] = given


def as_json(twin: Twin, address: str) -> dict[str, Any]:
    """What the script needs to say the same of a form that is being filled in."""
    return {
        "command": twin.command,
        "method": twin.method,
        "address": f"{address}api/{twin.path}",
        "values": [asdict(value) for value in twin.values],
    }


def _given(value: Value, known: Mapping[str, Any]) -> Any:
    """What the page knows, or the field in capitals where something must stand."""
    given = known.get(value.field, "")
    if given not in ("", None):
        return int(given) if value.kind == "number" and str(given).isdigit() else given
    capitals = value.field.upper()
    return ([capitals] if value.kind == "list" else capitals) if value.required else ""
