"""What the address of a list asks for: its fields checked one by one, and what of it to keep."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.http import QueryDict

MAX_TEXT = 80  # characters

Parse = Callable[[str], Any]


def read_fields(
    raw: Mapping[str, str], fields: Mapping[str, Parse]
) -> tuple[dict[str, Any], dict[str, str]]:
    """The values of the fields that say something, and the problem of each that is bad."""
    values: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for name, parse in fields.items():
        text = str(raw.get(name, "")).strip()
        try:
            if text:
                values[name] = parse(text)
        except ValueError as error:
            problems[name] = str(error)
    return values, problems


def one_of(options: Mapping[str, Any] | tuple[str, ...]) -> Callable[[str], str]:
    """A field that is one of these words; ValueError names them."""

    def parse(text: str) -> str:
        if text not in options:
            raise ValueError(f"Must be one of {', '.join(options)}.")
        return text

    return parse


def short_text(text: str) -> str:
    """A field of printable text; ValueError when it is longer or holds something else."""
    if len(text) > MAX_TEXT or not text.isprintable():
        raise ValueError(f"Must be printable text of at most {MAX_TEXT} characters.")
    return text


def kept(query: QueryDict, names: Iterable[str]) -> QueryDict:
    """What of an address makes the list that it is, such as not which page."""
    found = QueryDict(mutable=True)
    for name in names:
        if texts := [text for text in query.getlist(name) if text]:
            found.setlist(name, texts)
    return found
