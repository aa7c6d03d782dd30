"""Search: everything that has a name, found by parts of it, in a bounded number of queries."""

import pytest

from memory import services as journal
from memory.models import JournalEntry
from registry.looks import look_of
from registry.services import reserve_model
from tests.units import bare_days
from training.models import Dataset, TrainingSession

HTMX = {"HX-Request": "true"}


@pytest.fixture
def held(db) -> TrainingSession:
    """A model with a session on a dataset, and entries about them."""
    dataset = Dataset.objects.create(
        name="powerball-2015", game="powerball", created_by="alice"
    )
    model = reserve_model(name="Night-Owl", actor="alice")
    model.tags.create(text="nocturnal")
    journal.append(event_type="note_added", actor="bob", metadata={"text": "look at the owl"})
    return TrainingSession.objects.create(
        model=model, dataset=dataset, total_epochs=3, config={"encoder": "gru"}, actor="alice"
    )


def found(client, query) -> dict[str, list[str]]:
    """Titles by kind."""
    kinds: dict[str, list[str]] = {}
    for hit in client.get("/api/search", {"q": query}).json()["results"]:
        kinds.setdefault(hit["kind"], []).append(hit["title"])
    return kinds


def test_a_part_of_a_name_finds_everything_that_has_it(api, held):
    assert found(api, "owl") == {
        "models": ["Night-Owl"],
        "sessions": [f"Night-Owl, session {held.pk}"],
        "journal": ["bob noted: look at the owl"],
    }
    assert found(api, "POWERBALL 2015")["datasets"] == ["powerball-2015"]


def test_all_words_have_to_occur_and_a_tag_or_an_encoder_counts(api, held):
    assert found(api, "owl nocturnal") == {"models": ["Night-Owl"]}
    assert found(api, "owl gru") == {"sessions": [f"Night-Owl, session {held.pk}"]}
    assert found(api, "owl lark") == {}


def test_a_number_is_a_session_and_an_entry(api, held):
    assert f"Night-Owl, session {held.pk}" in found(api, f"#{held.pk}")["sessions"]
    assert list(found(api, f"s{held.pk}")) == ["sessions"]
    assert found(api, "e1")["journal"] == ["bob noted: look at the owl"]


def test_a_deleted_model_is_not_found(api, held):
    held.model.deleted_at = held.created_at
    held.model.save()
    assert "models" not in found(api, "owl")


def test_the_page_leads_to_the_whole_list_when_there_is_more(signed_in, held):
    for number in range(25):
        reserve_model(name=f"owlet-{number}", actor="alice")
    page = signed_in.get("/search/?q=owl").content.decode()
    assert '<a class="meta" href="/models/?q=owl">' in page
    assert "More than these" not in signed_in.get("/search/?q=nocturnal").content.decode()


def test_nothing_found_says_so_and_what_to_try(signed_in, held):
    page = signed_in.get("/search/?q=zebra").content.decode()
    assert "Nothing matches “zebra”" in page
    assert "Try fewer words" in page


def test_suggestions_are_a_fragment(signed_in, held):
    page = signed_in.get("/search/?q=owl", headers=HTMX).content.decode()
    assert "<html" not in page
    assert "Night-Owl" in page
    assert signed_in.get("/search/?q=", headers=HTMX).content.strip() == b""


@pytest.mark.parametrize("query", ["x" * 201, " ".join("abcdefghijklmnopq")])
def test_a_query_that_is_too_long_is_refused(api, held, query):
    answer = api.get("/api/search", {"q": query})
    assert answer.status_code == 400
    assert "q" in answer.json()["fields"]


@pytest.mark.parametrize(
    "query", ["9" * 19, "%", "_", "\\", "'", '"', "e999999999999999999", "²"]
)
def test_odd_text_is_only_text(api, held, query):
    assert api.get("/api/search", {"q": query}).status_code == 200


def test_a_search_needs_few_queries(signed_in, held, django_assert_max_num_queries):
    with django_assert_max_num_queries(12):
        signed_in.get("/search/?q=owl")


def test_the_page_marks_models_as_everywhere_and_says_when_an_entry_was_made(signed_in, held):
    page = signed_in.get("/search/", {"q": "owl"}).content.decode()
    mark = f"series-{look_of(held.model.number).series}"
    assert page.count(mark) == 2  # the model and its session
    entry = JournalEntry.objects.get(event_type="note_added")
    assert f'<time datetime="{entry.at:%Y-%m-%dT%H:%M:%S}' in page
    assert not list(bare_days(page))
