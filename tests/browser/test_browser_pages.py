"""Every page of a filled installation: whole, quiet, at home, and readable without JavaScript.

One installation is filled for all tests of this file; none of them changes it.
"""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.conf import settings
from django.test import Client, TransactionTestCase, override_settings
from django.urls import resolve

from registry.inference.server import Inference, Server
from tests.browser.every_page import pages, routes
from tests.browser.installation import Installation, fill
from tests.browser.looking import axe_source, faults
from tests.browser.serving import served
from tests.forms import forms_of
from tests.helios_site.policy import CHANGES
from tests.units import bare_days, bare_numbers

# A form with one field is sent by Enter alone; one without any waits for buttons of other views.
FORMS = """[...document.forms].map(form => ({
  where: new URL(form.action).pathname,
  query: new URLSearchParams(new FormData(form)).toString(),
  post: form.method === "post",
  signed: !!form.elements.csrfmiddlewaretoken,
  sent: [...form.elements].some(e => e.type === "submit")
    || [...form.elements].filter(e => e.type !== "hidden").length <= 1
}))"""
# Addresses whose button stands in a state that nothing of this installation is in;
# tests/helios_site/test_forms_without_script.py presses most of them.
LATER = {
    *("compare/backtests/", "compare/saved/undo/"),
    *(f"compare/saved/<int:number>/{act}/" for act in ("delete", "rename")),
    *("draws/<slug:name>/undo/", "draws/import/<str:token>/apply/"),
    *("memory/compact/", "memory/compactions/<entry:number>/cancel/", "memory/orphans/remove/"),
    *("models/<str:name>/restore/", "models/found/", "notifications/read/"),
    *("reflection/cards/<str:key>/bring-back/", "reflection/experiment/start/"),
    *(f"reflection/jobs/<int:job_id>/{act}/" for act in ("again", "resume")),
    *(f"sessions/<int:session_id>/{act}" for act in ("pause", "resume", "retry", "stop")),
    *(f"settings/{part}/" for part in ("notifications/test", "password", "undo")),
}
LINKS = "[...document.querySelectorAll('a:not([href])')].map(a => a.outerHTML.slice(0, 120))"


@pytest.fixture(scope="module")
def db(browser, django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[Installation]:
    """pytest-django's fixture of this name is for one test; this one is for all of the file."""
    home = tmp_path_factory.mktemp("filled")
    with django_db_blocker.unblock(), override_settings(HELIOS_HOME=home):
        (home / "models").mkdir()
        with inference():
            yield fill()
        TransactionTestCase("__init__")._fixture_teardown()


@contextmanager
def inference() -> Iterator[None]:
    """The process that models speak in, as a thread."""
    server = Server(settings.HELIOS_HOME, Inference())
    thread = threading.Thread(target=server.run)
    thread.start()
    yield
    server.close()
    thread.join()


@pytest.fixture(scope="module")
def filled(db: Installation) -> Installation:
    return db


@pytest.fixture
def home() -> None:
    """Not a folder for each test here: that of the installation."""


@pytest.fixture(scope="module")
def address(filled) -> Iterator[str]:
    """Helios on a free port, served as in production."""
    with served() as address:
        yield address


@pytest.fixture(scope="module")
def paths(filled: Installation) -> list[str]:
    return pages(filled)


@pytest.fixture(scope="module")
def sources(paths: list[str], filled: Installation) -> dict[str, str]:
    """The pages as they come, before any script."""
    client = filled.client()
    return {path: client.get(path).content.decode() for path in paths}


def test_the_resolver_knows_many_pages(paths):
    assert len(list(routes())) > 80
    assert len(paths) > 60


def test_every_page_fits_is_quiet_and_has_nothing_serious_for_axe(visit, paths):
    visitor, axe, found = visit(viewport={"width": 1366, "height": 860}), axe_source(), []
    for path in paths:
        page = visitor.goto(path)
        found += [f"{path}: {fault}" for fault in faults(page, axe)]
    assert not found, "\n".join(found)
    assert visitor.complaints == []


def test_without_javascript_every_page_reads_and_its_forms_lead_somewhere(visit, paths, filled):
    visitor, found, forms = visit(java_script_enabled=False), [], {}
    for path in paths:
        page = visitor.goto(path)
        words = page.locator("main").inner_text()
        if page.locator("h1:visible").count() != 1 or len(words) < 60 or "Loading" in words:
            found.append(f"{path}: {words[:200]!r}")
        found += [f"{path}: leads nowhere: {link}" for link in page.evaluate(LINKS)]
        for form in page.evaluate(FORMS):
            forms.setdefault((form["where"], form["post"], form["query"][:40]), (path, form))
    client = filled.client()
    found += [
        f"{path}: {why(form, client)}" for path, form in forms.values() if why(form, client)
    ]
    assert not found, "\n".join(found)


def why(form: dict, client: Client) -> str:
    """Why a form does not work without scripts; "" when it does. None that changes a thing is sent."""
    if not form["sent"]:
        return f"nothing sends the form of {form['where']}"
    if form["post"]:
        missing = client.options(form["where"]).status_code == 404
        return f"{form['where']} takes no form" if missing or not form["signed"] else ""
    status = client.get(f"{form['where']}?{form['query']}").status_code
    return f"{form['where']}?{form['query']}: {status}" if status >= 400 else ""


def test_a_first_load_without_a_figure_is_light(visit):
    visitor, sizes = visit(), []
    visitor.page.on("response", lambda response: sizes.append(len(response.body())))
    visitor.goto("/models/")
    visitor.page.wait_for_load_state("networkidle")
    assert sum(sizes) < 300_000  # bytes, decoded


def test_every_address_that_changes_something_has_a_button_that_needs_no_script(sources):
    found = set()
    for path, source in sources.items():
        for form in forms_of(source):
            for _, pressed in form.buttons:
                where = pressed.get("formaction") or form.attributes.get("action") or path
                if (pressed.get("formmethod") or form.attributes.get("method")) == "post":
                    found.add(resolve(re.split(r"[?#]", where)[0]).route)
    changes = (each.split()[1] for role in CHANGES.values() for each in role)
    wanted = {
        resolve(each).route for each in changes if not each.startswith(("/api/", "/admin/"))
    }
    assert found <= wanted
    assert wanted - found == LATER


def test_no_number_of_any_page_lacks_its_unit_and_no_bits_stand_without_chance(sources):
    found = [f"{path}: {fault}" for path in sources for fault in bare_numbers(sources[path])]
    assert not found, "\n".join(found)


def test_every_day_of_every_page_is_a_time(sources):
    found = [f"{path}: {fault}" for path in sources for fault in bare_days(sources[path])]
    assert not found, "\n".join(found)
