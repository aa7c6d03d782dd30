"""Looking at one page as a critic: axe, widths, headings."""

import importlib.util
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.chromium import WIDTHS

SIDEWAYS = "document.documentElement.scrollWidth > innerWidth"
# Only colours depend on the scheme: asking all of axe twice would take twice as long.
ALL = "resultTypes: ['violations'], preload: false"
LOOKS = {
    "light": f"{{{ALL}}}",
    "dark": f"{{{ALL}, runOnly: ['color-contrast', 'link-in-text-block']}}",
}
# The layout does not depend on it either; 683 is 1366 at twice the text size.
WIDE = {"light": (768, 683, 390, 320), "dark": (320, 1366)}


def axe_source() -> str:
    """axe-core's source, as the Python package carries it."""
    found = importlib.util.find_spec("axe_core_python")
    if found is None or found.origin is None:
        pytest.skip("no axe here: pip install axe-core-python")
    return (Path(found.origin).parent / "axe.min.js").read_text()


def faults(page: Page, axe: str) -> list[str]:
    """What is wrong with the page that is open: the window and the scheme change as a person's may."""
    found = [] if page.locator("h1").count() == 1 else ["not one h1"]
    page.evaluate(axe)
    for scheme, options in LOOKS.items():
        page.emulate_media(color_scheme=scheme)
        found += [f"{scheme}: {fault}" for fault in serious(page, options)]
        found += [f"{scheme}: wider than {width}" for width in too_wide(page, WIDE[scheme])]
    return found


def serious(page: Page, options: str) -> list[str]:
    """What axe finds, with the first places."""
    return [
        f"{fault['id']}: {[node['html'][:120] for node in fault['nodes'][:3]]}"
        for fault in page.evaluate(f"axe.run({options})")["violations"]
        if fault["impact"] in ("serious", "critical")
    ]


def too_wide(page: Page, widths: tuple[int, ...]) -> list[int]:
    """The widths at which the page scrolls to the side."""
    found = []
    for width in widths:
        page.set_viewport_size({"width": width, "height": WIDTHS.get(width, 860)})
        if page.evaluate(SIDEWAYS) and (page.wait_for_timeout(800) or page.evaluate(SIDEWAYS)):
            found.append(width)  # also after a figure was drawn at its new width
    return found
