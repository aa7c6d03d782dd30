"""The words of an entry: what a text search finds, the same in SQLite, PostgreSQL and archives.

Pure. A word is a run of letters and digits in what a person reads of an entry: who, event
type, model, reason and metadata (names of fields included, digits after a decimal point not).
Capitals and ways of writing the same letter (Unicode NFKC) make no difference. An entry matches
when each word that was asked for begins one of its words: `end` finds `training_end` and
`endless`, not `weekend`.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence

LONGEST = 64  # letters of a word that are looked at: a SHA-256 in hex
_WORD = re.compile(r"(?<![^\W_])(?<![0-9]\.)[^\W_]+")
_ESCAPE = re.compile(r"\\(?:u[0-9a-fA-F]{4}|.)")  # as JSON writes quotes and line ends


def words_of(payload: str) -> list[str]:
    """Return the distinct words of an entry's canonical text (`chain.payload_text`)."""
    return _words(_readable(payload))


def asked(text: str) -> tuple[str, ...]:
    """Return the words that a person typed."""
    return tuple(_words(_folded(text)))


def finder(wanted: Sequence[str]) -> Callable[[str], bool]:
    """Return a function that says whether an entry's text matches the asked words."""

    def matches(payload: str) -> bool:
        if payload.isascii():  # most texts are ruled out without being taken apart
            folded = payload.casefold()
            if not all(word in folded for word in wanted):
                return False
        text = _readable(payload)
        return all(_begins(text, word) for word in wanted)

    return matches


def _words(text: str) -> list[str]:
    return list(dict.fromkeys(word[:LONGEST] for word in _WORD.findall(text)))


def _readable(payload: str) -> str:
    """Cut away what the entry's frame writes around its values (`chain._frame`).

    A bare quote before a key of the frame cannot be inside of a value: JSON escapes it.
    """
    after_actor = payload.find(',"at":"')
    event_type = payload.find(',"event_type":', after_actor) + 14
    level = payload.find(',"level":', event_type)
    metadata = payload.find(',"metadata":', level) + 12
    end = payload.rfind(',"seq":')
    model = payload.rfind(',"model_name":', metadata, end)
    reason = payload.rfind(',"reason":', model, end)
    text = (
        f"{payload[9:after_actor]} {payload[event_type:level]} {payload[metadata:model]} "
        f"{payload[model + 14 : reason]} {payload[reason + 10 : end]}"
    )
    return _folded(_ESCAPE.sub(" ", text) if "\\" in text else text)


def _folded(text: str) -> str:
    return (text if text.isascii() else unicodedata.normalize("NFKC", text)).casefold()


def _begins(text: str, word: str) -> bool:
    """Whether a word of the text begins so: what _WORD says, by a search for the letters."""
    at = text.find(word)
    while at > 0 and (text[at - 1].isalnum() or _is_fraction(text, at)):
        at = text.find(word, at + 1)
    return at >= 0


def _is_fraction(text: str, at: int) -> bool:
    return text[at - 1] == "." and text[max(0, at - 2) : at - 1] in frozenset("0123456789")
