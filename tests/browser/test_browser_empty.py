"""Pages with nothing to show yet: the first thing that a new person sees."""

from tests.browser.every_page import routes
from tests.browser.looking import axe_source, faults

WITHOUT = ("-/", "login/", "logout/", "healthz", "favicon")  # no pages of the house


def test_every_page_of_an_empty_installation_reads(visit, transactional_db):
    visitor, axe, found, seen = visit(), axe_source(), [], 0
    client = visitor.context.request
    for route in routes():
        path = f"/{route}"
        if "<" in route or route.startswith(WITHOUT):
            continue
        answer = client.get(path, max_redirects=0)
        if answer.ok and "<main" in answer.text():
            found += [f"{path}: {fault}" for fault in faults(visitor.goto(path), axe)]
            seen += 1
    assert seen >= 20
    assert not found, "\n".join(found)
    assert visitor.complaints == []
