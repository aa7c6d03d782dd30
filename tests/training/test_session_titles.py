"""A session's title: what a person calls it, on its page, in the list, over REST, in a terminal."""

import pytest
from django.core.management import call_command


def text(client, path) -> str:
    return client.get(path).content.decode()


def test_a_title_stands_on_the_page_and_in_the_list(signed_in, start):
    session = start(name="owl")
    signed_in.post(f"/sessions/{session.pk}/title", {"title": "with <more> dropout"})
    assert "with &lt;more&gt; dropout, session" in text(signed_in, f"/sessions/{session.pk}/")
    assert "with &lt;more&gt; dropout" in text(signed_in, "/train/")
    sent = b"".join(signed_in.get("/train/sessions.csv")).decode()
    assert ",with <more> dropout," in sent
    signed_in.post(f"/sessions/{session.pk}/title", {"title": "=1+1"})
    assert ",'=1+1," in b"".join(signed_in.get("/train/sessions.csv")).decode()
    assert "alice called it" in text(signed_in, f"/sessions/{session.pk}/?tab=log")
    signed_in.post(f"/sessions/{session.pk}/title", {"title": ""})
    assert "dropout, session" not in text(signed_in, f"/sessions/{session.pk}/")


@pytest.mark.parametrize("title", ["x" * 81, "two\nlines", 3, None])
def test_a_title_that_cannot_be_is_refused(api, start, title):
    session = start(name="owl")
    answer = api.patch(f"/api/train/sessions/{session.pk}", {"title": title}, format="json")
    assert answer.status_code == 400
    assert set(answer.json()["fields"]) == {"title"}


def test_programs_and_the_command_give_titles(api, start, capsys):
    session = start(name="owl")
    address = f"/api/train/sessions/{session.pk}"
    assert api.patch(address, {"title": "first"}, format="json").json()["title"] == "first"
    assert api.get("/api/train/history").json()["sessions"][0]["title"] == "first"
    call_command("session", "name", str(session.pk), "--title", "second try")
    assert "owl on drum: second try" in capsys.readouterr().out
    assert (
        api.patch("/api/train/sessions/999", {"title": "x"}, format="json").status_code == 404
    )
