"""Numbers of a page without their unit (beside them, or in the head of their column, row or term), bare dates."""

import re
from collections.abc import Iterator

from django.test.html import Element, parse_html

from tests.markup import elements, text_of

NUMBER = re.compile(r"(?<![\w.:-])[+\N{MINUS SIGN}]?\d[\d,]*\.\d+(?![\w.:-])")
UNIT = re.compile(
    r"(?<![a-z])(bits?|per draw|ms|s|min|h|days?|[kMG]?B|bytes|chance|hits?|matches|draws?|times|epochs?|p"
    # what has none: shares, ratios, weights of evidence, settings
    r"|evidence|chi-square|share|odds|rate|weight|score|slope|dropout|clip|delta|decay|fraction|smoothing|versions?)(?![a-z])|%",
    re.IGNORECASE,
)
DAY = re.compile(r"(?<![\w.-])(?:19|20)\d\d-[01]\d-[0-3]\d(?![\w-])")
BLOCKS = {
    "p",
    "li",
    "td",
    "th",
    "dd",
    "figcaption",
    "caption",
    "div",
    "summary",
    "h1",
    "h2",
    "h3",
    "article",
    "a",
    "text",
    "label",
}
SILENT = {"code", "pre", "script", "style", "select", "textarea", "svg", "time", "kbd", "title"}


def bare_numbers(html: str) -> Iterator[str]:
    """Each number with decimals that nothing near it explains; bits that are no gain over chance."""
    main = _main(html)
    words = text_of(main)
    if re.search(r"\d\sbits", words) and not re.search("chance|gain", words, re.IGNORECASE):
        yield "bits, and no chance beside them"
    for text, path in _texts(main, []):
        if NUMBER.search(text) and not any(UNIT.search(near) for near in _near(path)):
            yield f"no unit: {_block(path)[:90]!r}"


def bare_days(html: str) -> Iterator[str]:
    """Each day that is no <time>, but for what is Markdown: notes, descriptions, cards."""
    for text, path in _texts(_main(html), []):
        prose = any("prose" in (dict(each.attributes).get("class") or "") for each in path)
        if DAY.search(text) and not prose:
            yield f"no <time>: {_block(path)[:90]!r}"


def _main(html: str) -> Element:
    return next(each for each in elements(parse_html(html)) if each.name == "main")


def _texts(element: Element, above: list[Element]) -> Iterator[tuple[str, list[Element]]]:
    """Every piece of text that a person reads as such, with the elements around it."""
    if element.name in SILENT:
        return
    path = [*above, element]
    for child in element.children:
        if isinstance(child, Element):
            yield from _texts(child, path)
        else:
            yield child, path


def _near(path: list[Element]) -> Iterator[str]:
    """The words that may name the unit of what stands at the end of a path."""
    yield _block(path)
    for parent, child in zip(path, path[1:], strict=False):
        if child.name == "td":
            row = [each for each in parent.children if isinstance(each, Element)]
            yield from (text_of(each) for each in row if each.name == "th" or each is row[0])
            table = next(each for each in path if each.name == "table")
            yield from _heads(table, row.index(child))
        if child.name == "dd":
            terms = [each for each in parent.children if isinstance(each, Element)]
            before = terms[: terms.index(child)]
            yield from (text_of(each) for each in reversed(before) if each.name == "dt")


def _block(path: list[Element]) -> str:
    blocks = [each for each in path if each.name in BLOCKS]
    tile = [each for each in path if "tile" in dict(each.attributes).get("class", "").split()]
    return text_of((tile or blocks or path)[-1])


def _heads(table: Element, place: int) -> Iterator[str]:
    for part in elements(table):
        if part.name == "caption":
            yield text_of(part)
        if part.name == "tr":
            heads = [each for each in part.children if isinstance(each, Element)]
            if place < len(heads) and heads[place].name == "th":
                yield text_of(heads[place])
