"""Foreign hosts and pages of other sites are turned away at the door."""

import pytest
from django.test import Client

SECRET = "s" * 32
OPEN = ["/healthz", "/static/helios/helios.css", "/login/"]


@pytest.mark.parametrize("path", [*OPEN, "/", "/admin/", "/api/models"])
@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "a b", "[::1"]
)
def test_an_unknown_host_is_refused_everywhere(client, db, path, host):
    assert client.get(path, headers={"Host": host}).status_code == 400


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1:9999", "[::1]:8000"])
def test_this_computer_is_known_by_every_name(client, host):
    assert client.get("/healthz", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
@pytest.mark.parametrize("path", ["/logout/", "/api/train/start", "/api/models/x"])
def test_a_page_of_another_site_changes_nothing(signed_in, method, path):
    headers = {"Sec-Fetch-Site": "cross-site"}
    assert getattr(signed_in, method)(path, headers=headers).status_code == 403


def test_following_a_link_from_another_site_is_fine(signed_in):
    assert signed_in.get("/", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200


@pytest.fixture
def strict(alice):
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    return client


@pytest.mark.parametrize(
    "content_type", ["application/json", "text/plain", "multipart/form-data"]
)
@pytest.mark.parametrize("path", ["/logout/", "/train/", "/api/train/start"])
def test_a_write_without_the_form_s_secret_is_refused(strict, path, content_type):
    body = "--x--" if content_type.startswith("multipart") else "{}"
    response = strict.post(path, body, content_type=f"{content_type}; boundary=x")
    assert response.status_code == 403


ORIGINS = {
    "http://testserver": 302,
    "null": 403,
    "http://evil.example": 403,
    "http://testserver:81": 403,
}


@pytest.mark.parametrize(("origin", "status"), ORIGINS.items())
def test_a_write_with_a_foreign_origin_is_refused(strict, origin, status):
    strict.cookies["helios_csrf_8000"] = SECRET
    form = {"csrfmiddlewaretoken": SECRET}
    response = strict.post("/logout/", form, headers={"Origin": origin})
    assert response.status_code == status


def test_signing_in_needs_the_form_s_secret_too(db):
    client = Client(enforce_csrf_checks=True)
    assert client.post("/login/", {"username": "a", "password": "b"}).status_code == 403


@pytest.mark.parametrize(
    "path", ["/%00", "/models/a%00b/", "/api/models/%00/info", "/static/%00"]
)
def test_an_address_with_nul_is_nowhere(signed_in, path):
    assert signed_in.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/", "/login/", "/api/models"])
def test_a_cookie_with_nul_is_refused(client, db, path):
    headers = {"Cookie": r'helios_8000="\000abcdefghijk"'}
    assert client.get(path, headers=headers).status_code == 400


@pytest.mark.parametrize(
    "path", ["/draws/?q=%00", "/train/?state=%00&model=%00", "/reflection/audit/?dataset=%00"]
)
def test_nul_in_a_query_never_breaks_a_page(signed_in, path):
    signed_in.raise_request_exception = False
    assert signed_in.get(path).status_code in {200, 400, 404}
