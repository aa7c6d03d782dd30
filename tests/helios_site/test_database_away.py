"""While the database does not answer, every door says 503 and when to come again."""

import pytest
from django.db import DataError, InterfaceError, OperationalError, connection


@pytest.fixture
def ask(signed_in, api):
    """Ask while every query that holds `text` fails with an error of this kind."""
    signed_in.raise_request_exception = False

    def ask(method, address, error, text=""):
        def fail(execute, sql, params, *rest):
            if text in str(params):
                raise error("server closed the connection unexpectedly")
            return execute(sql, params, *rest)

        client = api if address.startswith("/api/") else signed_in
        with connection.execute_wrapper(fail):
            return getattr(client, method)(address)

    return ask


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
@pytest.mark.parametrize(
    ("method", "address"),
    [("get", "/"), ("get", "/models/"), ("post", "/train/"), ("get", "/api/models")],
)
def test_who_comes_is_asked_to_come_again(ask, error, method, address):
    answer = ask(method, address, error)
    assert answer.status_code == 503
    assert int(answer["Retry-After"]) > 0
    assert "server closed" not in answer.content.decode()


@pytest.mark.parametrize("address", ["/models/owl/", "/api/models/owl/info"])
def test_what_the_database_cannot_hold_is_refused(ask, address):
    """PostgreSQL says so of NUL in a text that no field's check has looked at."""
    assert ask("get", address, DataError, "owl").status_code == 400
