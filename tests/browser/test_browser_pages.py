"""Every page, in both schemes and on every width: whole, quiet and at home."""

import importlib.util
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.chromium import WIDTHS
from training.services import sessions

PAGES = [
    "/",
    "/train/",
    "/train/?preset=thorough&window=999",
    "/sessions/{session}/",
    "/sessions/{session}/?tab=split",
    "/sessions/{session}/?tab=models",
    "/sessions/{session}/?tab=log",
    "/sessions/{session}/?tab=journal",
    "/sessions/{session}/?tab=environment",
    "/models/",
    "/models/first-light/",
    "/models/first-light/?tab=files",
    "/models/first-light/?tab=lineage",
    "/models/first-light/?tab=card",
    "/models/first-light/?tab=curate",
    "/models/import/",
    "/models/found/",
    "/journal/",
    "/reflection/",
    "/reflection/first-light/",
    "/compare/",
    "/draws/drum/audit/",
    "/memory/",
    "/draws/",
    "/draws/drum/",
    "/search/?q=first",
    "/settings/",
    "/settings/?tab=tokens",
    "/settings/?tab=workers",
    "/settings/?tab=about",
    "/help/",
    "/status/",
]
SIDEWAYS = "document.documentElement.scrollWidth > innerWidth"
# Only colours depend on the scheme: asking all of axe twice would take twice as long.
LOOKS = {
    "light": "{resultTypes: ['violations']}",
    "dark": "{resultTypes: ['violations'], runOnly: ['color-contrast', 'link-in-text-block']}",
}
EMPTY = (
    *("/", "/train/", "/models/", "/journal/", "/reflection/", "/compare/", "/draws/"),
    *("/memory/", "/search/?q=x", "/settings/?tab=tokens", "/settings/?tab=workers"),
)


@pytest.fixture(scope="module")
def axe() -> str:
    """axe-core's source, as the Python package carries it."""
    found = importlib.util.find_spec("axe_core_python")
    if found is None or found.origin is None:
        pytest.skip("no axe here: pip install axe-core-python")
    return (Path(found.origin).parent / "axe.min.js").read_text()


@pytest.fixture
def paths(trained) -> list[str]:
    """The pages of an installation with a model, and a session that waits."""
    sessions.start_session(
        model_name="waiting", dataset_name="drum", settings={"window": 5}, actor="test"
    )
    return [path.format(session=trained.pk) for path in PAGES]


def test_every_page_fits_is_quiet_and_has_nothing_serious_for_axe(visit, paths, axe):
    """Each page is loaded once; then the window and the scheme change, as a person's may."""
    visitor, faults = visit(viewport={"width": 1366, "height": 860}), []
    for path in paths:
        page = visitor.goto(path)
        if page.locator("h1").count() != 1:
            faults.append(f"{path}: not one h1")
        page.evaluate(axe)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            faults += [f"{path} {scheme}: {fault}" for fault in serious(page, LOOKS[scheme])]
            faults += [f"{path} {scheme}: wider than {width}" for width in too_wide(page)]
    assert not faults, "\n".join(faults)
    assert visitor.complaints == []


def serious(page: Page, options: str) -> list[str]:
    """What axe finds, with the first places."""
    return [
        f"{fault['id']}: {[node['html'][:120] for node in fault['nodes'][:3]]}"
        for fault in page.evaluate(f"axe.run({options})")["violations"]
        if fault["impact"] in ("serious", "critical")
    ]


def too_wide(page: Page) -> list[int]:
    """The widths at which the page scrolls to the side; 683 is 1366 at twice the text size."""
    found = []
    for width in (320, 390, 683, 768, 1366):
        page.set_viewport_size({"width": width, "height": WIDTHS.get(width, 860)})
        if page.evaluate(SIDEWAYS) and (page.wait_for_timeout(800) or page.evaluate(SIDEWAYS)):
            found.append(width)  # also after a figure was drawn at its new width
    return found


def test_an_empty_installation_reads_on_every_page(visit, transactional_db):
    visitor = visit()
    for path in EMPTY:
        page = visitor.goto(path)
        assert page.locator("h1").count() == 1, path
    assert visitor.complaints == []


def test_a_first_load_without_a_figure_is_light(visit, paths):
    visitor = visit()
    sizes = []
    visitor.page.on("response", lambda response: sizes.append(len(response.body())))
    visitor.goto("/models/")
    visitor.page.wait_for_load_state("networkidle")
    assert sum(sizes) < 300_000  # bytes, decoded
