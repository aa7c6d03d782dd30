"""Aliases, tags, words and the archive."""

import pytest

from memory.models import JournalEntry
from memory.refusals import Conflict, Invalid, NotFound
from registry import services
from registry.services import remove_alias, reserve_model, set_alias, set_tags


def told(event_type: str) -> list[JournalEntry]:
    return list(JournalEntry.objects.filter(event_type=event_type).order_by("seq"))


def test_moving_an_alias_is_told_with_its_reason(make_version):
    set_alias(version=make_version(), alias="champion", actor="alice")
    set_alias(version=make_version(), alias="champion", actor="bob", reason="more draws")
    first, second = told("model_alias_moved")
    assert (first.metadata["version"], first.metadata["previous"]) == (1, None)
    assert (second.metadata["previous"], second.reason) == ("version 1", "more draws")


def test_the_same_alias_again_is_no_event(make_version):
    version = make_version()
    for _ in range(2):
        set_alias(version=version, alias="champion", actor="alice")
    assert len(told("model_alias_moved")) == 1


@pytest.mark.parametrize("alias", ["", "7", "Champion", "a/b", "x" * 41, "-x", "é"])
def test_an_alias_that_could_be_a_number_or_a_path_is_refused(make_version, alias):
    with pytest.raises(Invalid, match="alias"):
        set_alias(version=make_version(), alias=alias, actor="alice")


def test_an_alias_needs_a_version_that_opens(make_version):
    version = make_version()
    services.archive_version(version=version, actor="alice")
    with pytest.raises(Conflict, match="archived"):
        set_alias(version=version, alias="champion", actor="alice")


def test_an_alias_can_be_taken_away(make_version):
    version = make_version()
    set_alias(version=version, alias="champion", actor="alice")
    remove_alias(model=version.model, alias="champion", actor="alice")
    assert told("model_alias_removed")[0].metadata["previous"] == "version 1"
    with pytest.raises(NotFound):
        remove_alias(model=version.model, alias="champion", actor="alice")


def test_tags_are_exactly_what_was_asked_for(make_version):
    model = make_version().model
    set_tags(model=model, tags=["small", "night"], actor="alice")
    set_tags(model=model, tags=["night", "red"], actor="alice")
    assert [tag.text for tag in model.tags.all()] == ["night", "red"]
    assert told("model_edited")[1].metadata["removed"] == ["small"]


@pytest.mark.parametrize("tag", ["", " ", "a,b", "a\nb", "x" * 41, "a\x00", 7, "\ud800"])
def test_a_bad_tag_is_refused(make_version, tag):
    with pytest.raises(Invalid, match="tags"):
        set_tags(model=make_version().model, tags=[tag], actor="alice")


def test_words_are_told_once(make_version):
    version = make_version()
    for _ in range(2):
        services.describe(model=version.model, description="The **first**.", actor="alice")
        services.annotate(version=version, notes="Small.", actor="alice")
    assert [entry.metadata["part"] for entry in told("model_edited")] == [
        "description",
        "notes",
    ]


def test_an_archived_model_is_out_of_the_way(make_version, api):
    model = make_version().model
    services.archive_model(model=model, actor="alice", reason="old")
    assert api.get("/api/models").json()["total"] == 0
    assert api.get("/api/models?archived=yes").json()["total"] == 1
    with pytest.raises(Conflict, match="Unarchive"):
        reserve_model(name="owl", actor="alice")
    services.unarchive_model(model=model, actor="alice")
    assert reserve_model(name="owl", actor="alice") == model


def test_an_archived_version_does_not_open(make_version):
    version = make_version()
    services.archive_version(version=version, actor="alice")
    with pytest.raises(Conflict, match="Unarchive"):
        services.open_version(version)
    services.unarchive_version(version=version, actor="alice")
    assert services.open_version(version).artifact == version
