"""Fill in the sentence templates of `memory.events`.

Pure. `{field}` takes the value as it is, `{field:bits}` and the like format it; a part in
[brackets] is left out when one of its fields is missing or null.
"""

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

MINUS = "\N{MINUS SIGN}"
_PART = re.compile(r"\[([^\[\]]*)\]")
_FIELD = re.compile(r"\{(\w+)(?::(\w+))?\}")
_MAX_NUMBER = 1e18  # larger ones are shown as they are
_MAX_LENGTH = 600  # of one value: a sentence is a line, the whole value is in the JSON


def render(template: str, facts: Mapping[str, Any]) -> str:
    """Return the sentence of template for facts; a missing field outside brackets is "?"."""

    def part(match: re.Match[str]) -> str:
        names = [name for name, _ in _FIELD.findall(match[1])]
        known = all(facts.get(name) not in (None, "") for name in names)
        return _FIELD.sub(value, match[1]) if known else ""

    def value(match: re.Match[str]) -> str:
        found = facts.get(match[1])
        return "?" if found in (None, "") else _show(found, match[2])

    pieces = []
    end = 0
    # Values are filled in piece by piece: a bracket inside a value is only text.
    for match in _PART.finditer(template):
        pieces += [_FIELD.sub(value, template[end : match.start()]), part(match)]
        end = match.end()
    pieces.append(_FIELD.sub(value, template[end:]))
    return "".join(pieces)


def duration(seconds: float) -> str:
    """Return seconds as "3 min 10 s"."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours:,} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def counted(count: int, noun: str, plural: str = "") -> str:
    """Return "1 session", "1,204 sessions", "2 entries" (with its plural, where s is not enough)."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def size(count: float) -> str:
    """Return a number of bytes as "1.2 MB" (powers of 1,000)."""
    for unit in ("bytes", "kB", "MB"):
        if abs(count) < 1000:
            return f"{count:,.0f} {unit}" if unit == "bytes" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:,.1f} GB"


def signed_bits(bits: float) -> str:
    """Return bits over chance with their sign; what rounds to zero has none."""
    text = f"{bits:+.4f}"
    return f"{text if float(text) else text[1:]} bits"


_FORMATS: Mapping[str, Callable[..., str]] = {
    "bits": signed_bits,
    "bytes": size,
    "count": lambda count: f"{count:,}",
    "duration": duration,
    "draws": partial(counted, noun="draw"),
    "entries": partial(counted, noun="entry", plural="entries"),
    "epochs": partial(counted, noun="epoch"),
    "files": partial(counted, noun="file"),
    "sessions": partial(counted, noun="session"),
}


def _show(value: Any, form: str | None) -> str:
    """Return value in a form; a value that the form cannot show stands for itself."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if form and number and abs(value) < _MAX_NUMBER:  # NaN is not less than anything
        return _FORMATS[form](value).replace("-", MINUS)
    return str(value)[:_MAX_LENGTH]
