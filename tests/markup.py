"""What stands in a page, from the tree that Django's tests parse it into."""

from collections.abc import Iterator

from django.test.html import Element


def elements(element: Element) -> Iterator[Element]:
    """All elements within an element, in the order of the page."""
    for child in element.children:
        if isinstance(child, Element):
            yield child
            yield from elements(child)


def text_of(element: Element) -> str:
    """The text of an element, its spaces as a reader sees them."""
    parts = (each if isinstance(each, str) else text_of(each) for each in element.children)
    return " ".join(" ".join(parts).split())
