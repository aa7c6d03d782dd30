"""The demonstration: real sessions by the verbs, in an empty installation only."""

import pytest
from django.core.management import call_command

from helios_site import demo
from helios_site.demo import Run
from memory.integrity import verify_journal
from memory.models import JournalEntry, JournalSegment
from memory.refusals import Conflict
from registry.models import ModelAlias
from training.models import TrainingSession

TINY = {"epochs": 2, "window": 5, "hidden_size": 8, "features": ["frequency"], "patience": 0}


@pytest.fixture
def small(monkeypatch, transactional_db):
    """The same acts with fewer and smaller networks; the full ones take half a minute."""
    names = ("night-owl", "river", "triplets", "skeptic")
    runs = (*(Run(name, settings=TINY) for name in names), Run("coin-toss", "control", TINY))
    monkeypatch.setattr(demo, "RUNS", runs)
    monkeypatch.setattr(demo, "LONG", Run("marathon", settings={**TINY, "epochs": 400}))
    monkeypatch.setattr(demo, "PAUSED_AT", 3)


def test_an_empty_installation_is_filled_with_real_work(small, capsys):
    call_command("demo")
    told = capsys.readouterr().out
    assert "is the champion" in told
    states = dict(TrainingSession.objects.values_list("model__name", "state"))
    assert states.pop("marathon") == "paused"
    assert set(states.values()) == {"completed"}
    assert set(ModelAlias.objects.values_list("alias", flat=True)) == {"champion", "control"}
    assert JournalSegment.objects.exists()
    assert JournalEntry.objects.filter(event_type="note_added").exists()  # pinned, so not moved
    assert verify_journal().good
    with pytest.raises(Conflict, match="empty HELIOS_HOME"):
        call_command("demo")
