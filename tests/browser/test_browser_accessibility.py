"""axe finds nothing serious on any page."""

import importlib.util
from pathlib import Path

import pytest

from tests.browser.test_browser_pages import paths  # noqa: F401 - a fixture


@pytest.fixture(scope="module")
def axe() -> str:
    """axe-core's source, as the Python package carries it."""
    found = importlib.util.find_spec("axe_core_python")
    if found is None or found.origin is None:
        pytest.skip("no axe here: pip install axe-core-python")
    return (Path(found.origin).parent / "axe.min.js").read_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_serious_on_any_page(visit, paths, axe, scheme):  # noqa: F811
    visitor, found = visit(color_scheme=scheme), []
    for path in paths:
        page = visitor.goto(path)
        page.evaluate(axe)
        for fault in page.evaluate("axe.run()")["violations"]:
            if fault["impact"] in ("serious", "critical"):
                nodes = [node["html"][:120] for node in fault["nodes"][:3]]
                found.append(f"{path}: {fault['id']}: {nodes}")
    assert not found, "\n".join(found)
