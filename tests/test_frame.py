"""The house stands: open doors are few, the rest asks who you are."""


def test_a_stranger_is_sent_to_the_sign_in_page(client):
    response = client.get("/")
    assert response.status_code == 302
    assert response["Location"].startswith("/login/")


def test_health_is_open_and_tells_nothing(client):
    assert client.get("/healthz").json() == {"status": "ok"}
