"""Every page, in both schemes and on every width: whole, quiet and at home."""

import pytest

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
]


@pytest.fixture
def paths(trained) -> list[str]:
    """The pages of an installation with a model, and a session that waits."""
    sessions.start_session(
        model_name="waiting", dataset_name="drum", settings={"window": 5}, actor="test"
    )
    return [path.format(session=trained.pk) for path in PAGES]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_fits_and_is_quiet(visit, paths, scheme, width):
    visitor = visit(color_scheme=scheme, viewport={"width": width, "height": WIDTHS[width]})
    for path in paths:
        page = visitor.goto(path)
        assert page.locator("h1").count() == 1, path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    assert visitor.complaints == []


def test_every_page_reads_at_twice_the_text_size(visit, paths):
    visitor = visit(viewport={"width": 683, "height": 430})
    for path in paths:
        page = visitor.goto(path)
        page.evaluate("document.documentElement.setAttribute('class', 'twice')")
        assert page.evaluate("document.documentElement.scrollWidth") <= 683, path


def test_an_empty_installation_reads_on_every_page(visit, transactional_db):
    visitor = visit()
    for path in ("/", "/train/", "/models/", "/journal/", "/reflection/", "/draws/"):
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
