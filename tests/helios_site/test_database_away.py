"""While the database does not answer, every door says 503 and when to come again."""

import pytest
from django.db import DataError, InterfaceError, OperationalError, connection


@pytest.fixture
def ask(signed_in, api):
    """Ask while every query about `table` fails, in the words of each kind of failure."""
    signed_in.raise_request_exception = False

    def ask(method, address, error, table=""):
        def fail(execute, sql, *args):
            if table in sql:
                raise error("server closed the connection unexpectedly")
            return execute(sql, *args)

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
    assert ask("get", address, DataError, "registry_registeredmodel").status_code == 400
