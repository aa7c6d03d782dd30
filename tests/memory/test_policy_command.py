"""`memory_policy` and `compact_memory --cancel`: the buttons of the memory's page on a terminal."""

import json
from io import StringIO

import pytest
from django.core.management import call_command

from memory.models import JournalEntry
from memory.policies import read_policy
from memory.refusals import Invalid, NotFound

pytestmark = pytest.mark.django_db


def told(*words: str) -> str:
    out = StringIO()
    call_command(*words, stdout=out)
    return out.getvalue().strip()


def test_the_policy_is_said_in_a_line_and_stays_as_it_is():
    assert told("memory_policy").endswith("quota none; once a day by itself")
    assert not JournalEntry.objects.filter(event_type="policy_changed").exists()


def test_what_is_named_changes_and_the_rest_stays():
    said = told("memory_policy", "--age", "epochs=never", "--quota-mb", "500", "--json")
    policy = read_policy()
    assert (policy.days_of("epochs"), policy.days_of("journal")) == (None, 90)
    assert (policy.quota_mb, policy.stretch, policy.automatic) == (500, 50, True)
    assert json.loads(said)["ages"] == {"epochs": None, "journal": 90}
    told("memory_policy", "--quota-mb", "default", "--automatic", "off", "--stretch", "60")
    policy = read_policy()
    assert (policy.quota_mb, policy.stretch, policy.automatic) == (None, 60, False)
    assert JournalEntry.objects.filter(event_type="policy_changed").count() == 2


@pytest.mark.parametrize(
    ("words", "field"),
    [
        (("--age", "journal=soon"), "age"),
        (("--age", "weights=3"), "ages"),
        (("--quota-mb", "-1"), "quota-mb"),
        (("--quota-mb", "٣"), "quota-mb"),
        (("--stretch", "1"), "stretch"),
    ],
)
def test_a_bad_value_names_its_field_and_changes_nothing(words, field):
    with pytest.raises(Invalid) as refused:
        told("memory_policy", *(f"{words[0]}={words[1]}",))
    assert field in refused.value.fields
    assert read_policy().changed_at is None


def test_a_run_that_is_not_at_work_cannot_be_stopped():
    with pytest.raises(NotFound, match="No compaction 7"):
        told("compact_memory", "--cancel", "7")
