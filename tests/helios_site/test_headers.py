"""Every answer carries the headers that keep a browser safe, errors included."""

import pytest
from django.urls import path

from helios_site import urls
from helios_site.problems import not_found, server_error  # noqa: F401 - handlers of this urlconf


def broken(request):
    raise RuntimeError("/secret/path SECRET_KEY=abc SELECT * FROM users")


urlpatterns = [path("broken", broken), path("api/broken", broken), *urls.urlpatterns]
handler400, handler403, handler404, handler500 = (
    urls.handler400,
    urls.handler403,
    urls.handler404,
    urls.handler500,
)


@pytest.fixture(autouse=True)
def with_a_broken_page(settings, client):
    settings.ROOT_URLCONF = __name__
    client.raise_request_exception = False


ANSWERS = {
    "/": 302,
    "/login/": 200,
    "/healthz": 200,
    "/static/helios/helios.css": 200,
    "/static/missing.css": 404,
    "/nowhere": 404,
    "/broken": 302,
    "/-/enter?token=x": 403,
    "/api/models": 401,
    "/api/nowhere": 404,
    "/admin/": 302,
}


def check(response):
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["X-Request-ID"]
    if response.streaming:  # a static file
        response.close()


@pytest.mark.parametrize(("address", "status"), ANSWERS.items())
def test_a_stranger_s_answers_have_them(client, db, address, status):
    response = client.get(address)
    assert response.status_code == status
    check(response)


@pytest.mark.parametrize("address", ["/", "/nowhere", "/broken", "/admin/", "/api/models"])
def test_an_owner_s_answers_have_them(signed_in, address):
    signed_in.raise_request_exception = False
    check(signed_in.get(address))


def test_a_foreign_host_s_answer_has_them(client):
    response = client.get("/", headers={"Host": "evil.example"})
    assert response.status_code == 400
    check(response)


@pytest.mark.parametrize("address", ["/broken", "/api/broken"])
def test_a_mistake_of_ours_shows_a_reference_and_nothing_else(signed_in, address):
    signed_in.raise_request_exception = False
    response = signed_in.get(address)
    text = response.content.decode()
    assert response.status_code == 500
    assert response["X-Request-ID"] in text
    assert not any(word in text for word in ("secret", "SELECT", "RuntimeError", "Traceback"))


def test_a_page_that_broke_keeps_the_theme_and_is_tried_again(signed_in):
    signed_in.cookies["helios_theme"] = "dark"
    page = signed_in.get("/broken?a=1&b=2").content.decode()
    assert '<html lang="en" data-theme="dark">' in page
    assert 'href="/broken?a=1&amp;b=2">Try again' in page
    assert "Try again" not in signed_in.post("/broken").content.decode()


def test_an_unknown_rest_address_is_answered_by_the_envelope(client, db):
    body = client.get("/api/nowhere").json()
    assert body["status"] == "error"
    assert body["code"] == "not_found"
    assert body["requestId"]


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(client, alice):
    client.post("/login/", {"username": "alice", "password": "a-long-password"})
    cookie = client.cookies["helios_8000"]
    assert cookie["httponly"] is True
    assert cookie["samesite"] == "Lax"


def test_no_other_origin_may_read_answers(client):
    response = client.get("/healthz", headers={"Origin": "http://evil.example"})
    assert not [name for name in response.headers if name.lower().startswith("access-control")]
