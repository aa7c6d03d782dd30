"""AU-01: every address of the resolver, asked by a stranger, a user and the owner.

The table is made from the URL resolver, so a new address is in it without anybody's doing.
"""

import re
from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
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


@pytest.mark.django_db
@pytest.mark.parametrize("route", GUARDED)
def test_a_stranger_gets_no_further_than_the_door(route):
    stranger = Client(raise_request_exception=False)
    for method in METHODS:
        response = getattr(stranger, method)(route)
        assert is_the_door(response) or response.status_code in (401, 403, 404), (
            method,
            response,
        )
        assert response.status_code != 404 or is_catch_all(route), (method, route)


def is_the_door(response) -> bool:
    doors = ("/login/", "/admin/login/")
    return response.status_code == 302 and response["Location"].startswith(doors)


def is_catch_all(route: str) -> bool:
    """The admin's last pattern answers 404 to whatever it does not know."""
    return route.startswith("/admin/")


@pytest.mark.django_db
@pytest.mark.parametrize("route", OPEN)
def test_an_open_address_answers_a_stranger(route):
    assert Client().get(route).status_code in (200, 302, 403)


DESK = [r for r in GUARDED if r.startswith("/admin/") and r != "/admin/logout/"]


@pytest.mark.parametrize("route", DESK)
def test_the_admin_is_for_staff(client, bob, route):
    client.force_login(bob)
    for method in ("get", "post"):
        response = getattr(client, method)(route)
        assert is_the_door(response) or response.status_code in (403, 404, 405), method


def test_the_queue_s_tables_are_not_in_the_admin():
    """A Schedule is code to execute, and listing results unpickles them (DP-01, DP-02)."""
    assert not [route for route in ROUTES if "django_q" in route]


@pytest.mark.parametrize("route", GUARDED)
def test_no_address_breaks_for_the_owner(route, alice: User):
    owner = Client(raise_request_exception=False)
    owner.force_login(alice)
    assert owner.get(route).status_code < 500
