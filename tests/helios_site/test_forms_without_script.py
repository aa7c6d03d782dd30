"""What a person does without JavaScript: the very forms of the pages, sent as they stand."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from helios_site.models import ApiToken
from memory.models import JournalEntry, JournalPin, Policy
from reflection.models import Job, SavedComparison
from reflection.tasks import run_job_slice
from registry.models import RegisteredModel, SavedView
from tests.forms import submit
from tests.training.draw_files import LINES, WRONG, csv_of
from training.models import Dataset, SavedPreset, TrainingSession
from training.services import sessions
from training.services.draws import simulate_dataset
from training.tasks import run_slice

SMALL = {"encoder": "counts", "epochs": 1, "window": 5}


@pytest.fixture
def drum(alice) -> Dataset:
    return simulate_dataset(name="drum", actor="alice", matrix="5/69+26", draws=300)


@pytest.fixture
def trained(drum):
    """A function that trains a small model of this name."""

    def train(name: str) -> TrainingSession:
        session = sessions.start_session(
            model_name=name, dataset_name="drum", settings=SMALL, actor="alice"
        )
        run_slice(session.pk)
        session.refresh_from_db()
        return session

    return train


def test_signing_in_and_out(alice):
    client = Client()
    page = submit(client, "/journal/", "Sign in", username="alice", password="a-long-password")
    assert "<h1>Journal</h1>" in page.content.decode()
    assert "<h1>Sign in</h1>" in submit(client, "/", "Sign out").content.decode()


def test_a_session_from_its_start_to_its_end(signed_in, drum):
    submit(signed_in, "/train/", "Start training", model_name="owl", epochs="3")
    session = TrainingSession.objects.get()
    for button, state in (
        ("Pause", "paused"),
        ("Resume", "queued"),
        ("Pause", "paused"),
        ("Stop…", "stopped"),
    ):
        submit(signed_in, f"/sessions/{session.pk}/", button)
        session.refresh_from_db()
        assert session.state == state
    submit(signed_in, f"/sessions/{session.pk}/", "Save", title="a try")
    session.refresh_from_db()
    assert session.title == "a try"


def test_a_failed_session_is_tried_again(signed_in, drum):
    submit(signed_in, "/train/", "Start training", model_name="owl")
    TrainingSession.objects.update(state="failed", error_code="diverged", error="It ran away.")
    submit(signed_in, f"/sessions/{TrainingSession.objects.get().pk}/", "Retry")
    assert TrainingSession.objects.filter(state="queued").count() == 1


def test_ticked_sessions_and_a_preset(signed_in, drum):
    for name in ("owl", "lark"):
        submit(signed_in, "/train/", "", model_name=name)
    numbers = [str(pk) for pk in TrainingSession.objects.values_list("pk", flat=True)]
    submit(signed_in, "/train/", "Pause", s=numbers)
    assert set(TrainingSession.objects.values_list("state", flat=True)) == {"paused"}
    submit(signed_in, "/train/", "Save preset", preset_name="brief", epochs="7")
    assert SavedPreset.objects.get().name == "brief"
    submit(signed_in, "/settings/?tab=training", "Delete brief")
    submit(signed_in, "/settings/?tab=training&saved=1", "Undo")
    assert SavedPreset.objects.get().values["epochs"] == 7


def test_a_file_of_draws_comes_in_and_goes(signed_in, drum):
    file = SimpleUploadedFile("draws.csv", csv_of(*LINES))
    page = submit(signed_in, "/draws/", "Preview the import", file=file, dataset="mine")
    address = page.redirect_chain[-1][0]
    submit(signed_in, address, "Import")
    assert Dataset.objects.get(name="mine").draw_count == len(LINES)
    found = submit(signed_in, "/draws/mine/", "Filter", n="7").content.decode()
    assert "with 7" in found
    submit(signed_in, "/draws/mine/", "Undo the last import…")
    assert Dataset.objects.get(name="mine").draw_count == 0
    bad = SimpleUploadedFile("draws.csv", csv_of(*LINES, WRONG))
    page = submit(signed_in, "/draws/", "Preview the import", file=bad, dataset="mine")
    assert "cannot be imported" in page.content.decode()
    submit(signed_in, "/draws/", "Simulate", name="fair", draws="60")
    assert Dataset.objects.get(name="fair").draw_count == 60


def test_a_model_is_curated_put_away_and_brought_back(signed_in, trained):
    trained("owl")
    page = "/models/owl/?tab=curate"
    submit(signed_in, page, "Save the description", description="Counts **balls**.")
    submit(signed_in, page, "Save the notes", notes="Only counts.")
    submit(signed_in, page, "Save the tags", tags="counts, small")
    submit(signed_in, page, "Let it name version 1", alias="champion", reason="alone")
    assert "champion" in signed_in.get("/models/").content.decode()
    submit(signed_in, page, "Remove")
    submit(signed_in, page, "Archive")
    submit(signed_in, page, "Unarchive")
    refused = submit(signed_in, page, "Delete owl", typed="bat").content.decode()
    assert "Nothing was deleted" in refused
    submit(signed_in, page, "Delete owl", typed="owl")
    assert RegisteredModel.objects.get().deleted_at
    submit(signed_in, page, "Restore owl")
    model = RegisteredModel.objects.get()
    assert (model.deleted_at, model.archived_at, model.description) == (
        *(None, None),
        "Counts **balls**.",
    )


def test_the_list_of_models_is_filtered_ticked_and_kept_as_a_view(signed_in, trained):
    trained("owl"), trained("lark")
    page = submit(signed_in, "/models/", "Filter", q="ow").content.decode()
    assert "/models/owl/" in page
    assert "/models/lark/" not in page
    submit(signed_in, "/models/?q=ow", "Save", name="owls")
    assert "q=ow" in SavedView.objects.get().get_absolute_url()
    page = submit(signed_in, "/models/", "Compare", m=["owl", "lark"]).content.decode()
    assert "<h1>Compare models</h1>" in page
    submit(signed_in, "/models/", "Tag", m=["owl"], tag="night")
    assert RegisteredModel.objects.get(tags__text="night").name == "owl"


def test_two_models_are_compared_and_the_comparison_is_kept(signed_in, trained):
    trained("owl"), trained("lark")
    page = submit(signed_in, "/compare/", "Compare", m=["owl", "lark"])
    address = f"{page.request['PATH_INFO']}?{page.request['QUERY_STRING']}"
    assert "<h1>Compare models</h1>" in page.content.decode()
    submit(signed_in, address, "Save", name="birds")
    submit(signed_in, "/compare/", "Save", name="two birds")
    assert SavedComparison.objects.get().name == "two birds"
    submit(signed_in, "/compare/", "Delete")
    submit(signed_in, "/compare/", "Undo")
    assert SavedComparison.objects.get().name == "two birds"


def test_the_journal_is_filtered_and_an_entry_noted_and_pinned(signed_in, drum):
    submit(signed_in, "/journal/", "Keep the note", text="A fair drum.")
    found = submit(signed_in, "/journal/", "Filter", q="fair").content.decode()
    assert "A fair drum." in found
    seq = JournalEntry.objects.get(event_type="note_added").seq
    submit(signed_in, f"/journal/{seq}/", "Pin")
    assert JournalPin.objects.get().entry_seq == seq
    submit(signed_in, f"/journal/{seq}/", "Take the pin away")
    assert not JournalPin.objects.exists()


def test_a_replay_is_started_held_and_dropped(signed_in, trained):
    trained("owl")
    submit(signed_in, "/reflection/backtests/", "Run backtest", origin="200")
    job = Job.objects.get()
    for button, state in (("Pause", "paused"), ("Resume", "queued"), ("Stop", "stopped")):
        submit(signed_in, job.get_absolute_url(), button)
        job.refresh_from_db()
        assert job.state == state
    submit(signed_in, job.get_absolute_url(), "Run again")
    again = Job.objects.latest("pk")
    run_job_slice(again.pk)
    assert "Open the outcome" in signed_in.get(again.get_absolute_url()).content.decode()


def test_the_memory_s_policy_and_an_archive(signed_in, drum):
    submit(signed_in, "/memory/", "Save the policy", quota_mb="500")
    assert Policy.objects.get().quota_mb == 500
    page = submit(signed_in, "/memory/", "Dry run", older_than="90d").content.decode()
    assert "Nothing to compact" in page
    submit(signed_in, "/memory/", "Verify the journal")


def test_settings_and_a_token(signed_in, alice):
    submit(signed_in, "/settings/", "Save", theme="dark", decimals="3")
    assert 'data-theme="dark"' in signed_in.get("/").content.decode()
    submit(signed_in, "/settings/?saved=1", "Undo")
    assert 'data-theme="system"' in signed_in.get("/").content.decode()
    submit(signed_in, "/", "Light")
    assert 'data-theme="light"' in signed_in.get("/").content.decode()
    made = submit(signed_in, "/settings/?tab=tokens", "Make a token", name="notebook")
    assert "helios_" in made.content.decode()
    submit(signed_in, "/settings/?tab=tokens", "Revoke notebook")
    assert not ApiToken.objects.exists()


def test_who_is_told_of_what_and_a_password(signed_in, alice, trained):
    submit(signed_in, "/settings/?tab=notifications", "Save", browser="on")
    assert alice.notice_wish.browser
    trained("owl")
    assert "ended since" in signed_in.get("/notifications/").content.decode()
    submit(signed_in, "/notifications/", "Mark all as read")
    assert "ended since" not in signed_in.get("/notifications/").content.decode()
    page = "/settings/?tab=profile"
    before = {"before": "a-long-password"}
    submit(signed_in, page, "Change the password", **before, wanted="one of whales")
    alice.refresh_from_db()
    assert alice.check_password("one of whales")
