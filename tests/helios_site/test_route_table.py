"""AU-01: every address of the resolver, asked by a stranger, a user and the owner.

The table is made from the URL resolver, so a new address is in it without anybody's doing.
"""

import re
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import LocalePrefixPattern, RegexPattern, RoutePattern

from tests.helios_site.policy import OPEN

EXAMPLES = {"int": "1", "entry": "1", "str": "x", "slug": "x", "path": "x", "uuid": "0" * 32}
METHODS = ("get", "post", "put", "patch", "delete", "head", "options")


def addresses(resolver: URLResolver, before: str = "/") -> Iterator[str]:
    """Every address below a resolver, with an example in place of each parameter."""
    for entry in resolver.url_patterns:
        address = before + example(entry.pattern)
        if isinstance(entry, URLPattern):
            yield address
        else:
            yield from addresses(entry, address)


def example(pattern: RoutePattern | RegexPattern | LocalePrefixPattern) -> str:
    text = str(pattern)
    if isinstance(pattern, RegexPattern):
        text = text.removeprefix("^").removesuffix("$").replace("\\Z", "")
        text = re.sub(r"\(\?P<\w+>[^)]*\)+", "x", text)
        return re.sub(r"[\\?]", "", text)
    return re.sub(r"<(?:(\w+):)?\w+>", lambda found: EXAMPLES.get(found[1] or "str", "x"), text)


ROUTES = sorted(set(addresses(get_resolver())))
GUARDED = [route for route in ROUTES if route not in OPEN]


def test_the_table_is_not_empty_and_the_open_ones_are_real():
    assert len(ROUTES) > 40
    assert set(OPEN) <= set(ROUTES)


def answers(client: Client, routes: list[str], methods=METHODS) -> Iterator[tuple]:
    """Ask each address in each way."""
    for route in routes:
        for method in methods:
            response = getattr(client, method)(route)
            yield response, f"{method.upper()} {route}: {response.status_code}"


def is_the_door(response) -> bool:
    doors = ("/login/", "/admin/login/")
    return response.status_code == 302 and response["Location"].startswith(doors)


@pytest.mark.django_db
def test_a_stranger_gets_no_further_than_the_door():
    stranger = Client(raise_request_exception=False)
    too_far = [
        said
        for response, said in answers(stranger, GUARDED)
        if not is_the_door(response)
        and response.status_code not in (401, 403)
        # the admin's last pattern answers 404 to whatever it does not know
        and not (response.status_code == 404 and said.split()[1].startswith("/admin/"))
    ]
    assert too_far == []


@pytest.mark.django_db
def test_an_open_address_answers_a_stranger():
    asked = answers(Client(), list(OPEN), methods=["get"])
    assert [
        said for response, said in asked if response.status_code not in (200, 302, 403)
    ] == []


def test_the_admin_is_for_staff(client, bob):
    client.force_login(bob)
    desk = [r for r in GUARDED if r.startswith("/admin/") and r != "/admin/logout/"]
    too_far = [
        said
        for response, said in answers(client, desk, methods=["get", "post"])
        if not is_the_door(response) and response.status_code not in (403, 404, 405)
    ]
    assert too_far == []


def test_the_queue_s_tables_are_not_in_the_admin():
    """A Schedule is code to execute, and listing results unpickles them (DP-01, DP-02)."""
    assert not [route for route in ROUTES if "django_q" in route]


def test_no_address_breaks_for_the_owner(alice):
    owner = Client(raise_request_exception=False)
    owner.force_login(alice)
    asked = answers(owner, GUARDED, methods=["get"])
    assert [said for response, said in asked if response.status_code >= 500] == []
