"""Insight cards: put away by an account until they say something else, and kept in the journal."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from memory import recall
from reflection.models import DismissedCard
from tests.reflection.conftest import gains_of


@pytest.fixture
def owl(train, score):
    return score(train("owl"), gains_of(1, mean=-0.02))


def page(client, path: str = "/reflection/") -> str:
    return client.get(path).content.decode()


def dismissed(api) -> list[str]:
    return [row["key"] for row in api.get("/api/reflection/cards").json() if row["dismissed"]]


def test_a_dismissed_card_is_out_of_sight_and_can_be_brought_back(signed_in, owl):
    assert 'id="verdict"' in page(signed_in)
    answer = signed_in.post("/reflection/cards/verdict/dismiss/", {"dataset": "drum"})
    assert answer["Location"] == "/reflection/?dataset=drum#cards"
    assert 'id="verdict"' not in page(signed_in)
    assert "Dismissed <span" in page(signed_in)
    signed_in.post("/reflection/cards/verdict/bring-back/", {"dataset": "drum"})
    assert 'id="verdict"' in page(signed_in)
    assert "Dismissed <span" not in page(signed_in)


def test_another_account_still_sees_the_card(signed_in, client, bob, owl):
    signed_in.post("/reflection/cards/verdict/dismiss/")
    client.force_login(bob)
    assert 'id="verdict"' in page(client)


def test_new_numbers_leave_it_away_and_a_new_verdict_brings_it_back(api, train, score, owl):
    api.put("/api/reflection/cards/verdict/dismissal")
    score(train("wren"), gains_of(2, mean=-0.03))
    assert dismissed(api) == ["verdict"]
    score(train("lark"), gains_of(3, mean=0.1))
    assert dismissed(api) == []


def test_a_saved_card_is_an_entry_with_its_claim_and_numbers(signed_in, owl):
    answer = signed_in.post("/reflection/cards/skill/save/", follow=True)
    entry = recall.find(recall.newest_seq())
    assert entry.event_type == "insight_saved"
    assert "How far from chance is my best model? owl: worse than guessing" in entry.sentence
    assert "n = 208, grade B." in entry.sentence
    assert entry.metadata["interval"].startswith("needs ")
    assert entry.address == "/reflection/owl/"
    assert 'href="/reflection/owl/">details</a>' in answer.content.decode()


def test_a_card_that_was_not_measured_cannot_be_saved(signed_in, api, owl):
    before = recall.newest_seq()
    answer = signed_in.post("/reflection/cards/controls/save/", follow=True)
    assert "There is nothing to keep yet." in answer.content.decode()
    refused = api.post("/api/reflection/cards/controls/save")
    assert (refused.status_code, recall.newest_seq()) == (409, before)


def test_programs_put_away_bring_back_and_save(api, owl):
    assert api.put("/api/reflection/cards/skill/dismissal").json()["dismissed"]
    assert api.put("/api/reflection/cards/skill/dismissal").status_code == 200
    assert dismissed(api) == ["skill"]
    assert api.delete("/api/reflection/cards/skill/dismissal").json()["dismissed"] is False
    assert dismissed(api) == []
    saved = api.post("/api/reflection/cards/skill/save")
    assert (saved.status_code, saved.json()["metadata"]["card"]) == (201, "skill")
    assert api.put("/api/reflection/cards/nothing/dismissal").status_code == 404


def test_the_command_lists_puts_away_and_saves(owl, alice):
    def insight(*words: str) -> str:
        said = StringIO()
        call_command("insight", *words, "--user", alice.username, stdout=said)
        return said.getvalue()

    assert "put away until its verdict changes" in insight("dismiss", "skill")
    assert json.loads(insight("list", "--json"))[-1]["dismissed"]
    assert "skill          no evidence  (dismissed)" in insight("list")
    insight("bring-back", "skill")
    assert not DismissedCard.objects.exists()
    assert insight("save", "skill").startswith("Saved as entry ")
    with pytest.raises(CommandError, match="Say which card"):
        insight("save")


def test_a_viewer_may_dismiss_but_is_not_offered_to_save(client, carol, owl):
    client.force_login(carol)
    assert client.post("/reflection/cards/verdict/dismiss/").status_code == 302
    assert "Save to journal" not in page(client)
    assert client.post("/reflection/cards/skill/save/").status_code == 403
