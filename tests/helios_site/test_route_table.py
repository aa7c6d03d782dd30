"""AU-01: every address of the resolver, asked by a stranger and in every role.

The table is made from the URL resolver, so a new address is in it without anybody's doing.
"""

import re
from collections.abc import Iterator

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import LocalePrefixPattern, RegexPattern, RoutePattern
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.views import APIView

from tests.helios_site.policy import ADMIN_LOOKS, CHANGES, OPEN

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


LOOKING = ("get", "head", "options")
RANKS = ("viewer", "editor", "admin")
REACHED = 418


@pytest.fixture
def stopped_inside(settings, monkeypatch):
    """Whoever is let in gets no further than the view: nothing is done, however it is asked."""
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{__name__}.StopInside"]
    guard = APIView.initial

    def initial(view: APIView, request: Request, *args: object, **named: object) -> None:
        guard(view, request, *args, **named)
        raise Reached

    monkeypatch.setattr(APIView, "initial", initial)


class Reached(APIException):
    status_code = REACHED


class StopInside:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, *view):
        is_api = request.path.startswith("/api/")
        return None if is_api else HttpResponse(status=REACHED)


def role_by_the_table(method: str, route: str) -> str:
    if route.startswith("/admin/"):
        return "admin"
    if method == "get":
        return "admin" if route in ADMIN_LOOKS else "viewer"
    listed = (role for role in RANKS if f"{method.upper()} {route}" in CHANGES[role])
    return next(listed, "viewer")


def allowed(client: Client, route: str) -> list[str]:
    """The methods by which an address says that it changes something."""
    said = client.options(route).headers.get("Allow", "")
    return [word for word in said.lower().split(", ") if word and word not in LOOKING]


@pytest.mark.usefixtures("stopped_inside")
@pytest.mark.parametrize("role", RANKS)
def test_every_address_asks_for_its_role(role, alice, bob, carol):
    user = {"viewer": carol, "editor": bob, "admin": alice}[role]
    client = Client(raise_request_exception=False)
    client.force_login(user)
    changes = {tuple(said.split()) for role in RANKS for said in CHANGES[role]}
    asked = [("get", route) for route in GUARDED] + [(m.lower(), r) for m, r in changes]
    wrong = []
    for method, route in asked:
        is_enough = RANKS.index(role) >= RANKS.index(role_by_the_table(method, route))
        status = getattr(client, method)(route).status_code
        if status != (REACHED if is_enough else 403):
            wrong.append(f"{method.upper()} {route} as {role}: {status}")
    assert wrong == []


def test_every_address_that_changes_something_is_in_the_table(client, alice):
    client.force_login(alice)
    here = {
        f"{method.upper()} {route}"
        for route in GUARDED
        if not route.startswith("/admin/")
        for method in allowed(client, route)
    }
    listed = set().union(*CHANGES.values())
    assert here - listed == set(), "give each a role in tests/helios_site/policy.py"
    assert listed - here == set(), "these are no more"
    assert sum(map(len, CHANGES.values())) == len(listed), "an address with two roles"


def test_the_queue_s_tables_are_not_in_the_admin():
    """A Schedule is code to execute, and listing results unpickles them (DP-01, DP-02)."""
    assert not [route for route in ROUTES if "django_q" in route]


def test_no_address_breaks_for_the_owner(alice):
    owner = Client(raise_request_exception=False)
    owner.force_login(alice)
    asked = answers(owner, GUARDED, methods=["get"])
    assert [said for response, said in asked if response.status_code >= 500] == []
