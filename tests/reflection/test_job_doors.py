"""Jobs through their doors: pages, REST, command, admin."""

import json
from io import StringIO

import pytest
from django.core.management import call_command

from memory.refusals import Invalid, NotFound
from reflection.models import Job
from reflection.services import running
from reflection.tasks import run_job_slice


@pytest.mark.usefixtures("count")
def test_a_job_is_queued_watched_and_asked_by_rest(api):
    answer = api.post("/api/jobs", {"kind": "count", "upto": 3}, format="json")
    assert (answer.status_code, answer.json()["state"]) == (201, "queued")
    where = f"/api/jobs/{answer.json()['id']}"
    assert api.post(f"{where}/pause").json()["state"] == "paused"
    assert api.post(f"{where}/resume").json()["state"] == "queued"
    run_job_slice(answer.json()["id"])
    done = api.get(where).json()
    assert (done["state"], done["done"], done["result"]) == (
        "completed",
        3,
        {"counted": [0, 1, 2]},
    )
    assert api.post(f"{where}/again").json()["state"] == "queued"
    assert api.post(f"{where}/stop").status_code == 409


def test_the_list_of_rest_is_filtered(api, count):
    first, second = count(1), count(2)
    run_job_slice(first.pk)
    found = api.get("/api/jobs?state=queued&kind=count").json()
    assert ([row["id"] for row in found["jobs"]], found["total"]) == ([second.pk], 1)
    assert api.get("/api/jobs?state=odd").json()["fields"]["state"]
    assert api.get("/api/jobs/999").status_code == 404
    refused = api.post("/api/jobs", {"kind": "count"}, format="json")
    assert (refused.status_code, list(refused.json()["fields"])) == (400, ["upto"])


def test_the_page_of_a_job_polls_while_it_lives_and_no_longer(signed_in, count):
    job = count(2)
    page = signed_in.get(job.get_absolute_url()).content.decode()
    assert "0 of 2" in page
    assert f'hx-get="{job.get_absolute_url()}live/"' in page
    run_job_slice(job.pk)
    part = signed_in.get(f"{job.get_absolute_url()}live/").content.decode()
    assert "2 of 2" in part
    assert "hx-get" not in part
    assert "Run again" in part


def test_the_buttons_of_the_page_ask_without_javascript(signed_in, count):
    job = count()
    where = job.get_absolute_url()
    assert signed_in.post(f"{where}pause/").url == where
    job.refresh_from_db()
    assert job.state == Job.State.PAUSED
    signed_in.post(f"{where}stop/")
    assert signed_in.post(f"{where}again/").url != where
    refused = signed_in.post(f"{where}resume/", follow=True)
    assert "it cannot become queued" in refused.content.decode()


def test_a_running_job_says_so_and_how_long_it_will_take(signed_in, count):
    lease = running.claim(job_id=count(4).pk, owner="w1")
    running.record(
        lease=lease,
        first=0,
        units=[b"0"],
        done=1,
        sentence="half",
        checkpoint=None,
        seconds=2.0,
    )
    page = signed_in.get(f"/reflection/jobs/{lease.pk}/live/").content.decode()
    assert "running" in page
    assert "1 of 4: half" in page
    assert "about 6.0" in page


def test_twice_the_jobs_need_no_more_queries(signed_in, count, django_assert_max_num_queries):
    for upto in range(1, 13):
        count(upto)
    with django_assert_max_num_queries(14):
        page = signed_in.get("/reflection/jobs/")
    assert page.content.decode().count("Count to") == 12


def test_the_command_lists_shows_and_asks(count):
    job, out = count(2), StringIO()
    call_command("job", "pause", job.pk, stdout=out)
    call_command("job", "list", stdout=out)
    assert out.getvalue().count("paused") == 2
    shown = StringIO()
    call_command("job", "show", job.pk, "--json", stdout=shown)
    assert json.loads(shown.getvalue())["title"] == "Count to 2"
    with pytest.raises(NotFound, match="no job 999"):
        call_command("job", "show", 999)


@pytest.mark.usefixtures("count")
def test_the_command_starts_a_job_of_any_kind():
    out = StringIO()
    call_command("job", "start", "--kind", "count", "--set", "upto=3", stdout=out)
    assert "Count to 3" in out.getvalue()
    assert Job.objects.get().settings["upto"] == 3
    with pytest.raises(Invalid, match="not NAME=VALUE"):
        call_command("job", "start", "--kind", "count", "--set", "upto")
    with pytest.raises(Invalid):
        call_command("job", "start", "--kind", "odd")


def test_the_admin_asks_the_same_verbs(signed_in, count):
    job = count()
    chosen = {"action": "pause", "_selected_action": [job.pk]}
    page = signed_in.post("/admin/reflection/job/", chosen, follow=True)
    assert "Asked to pause: 1." in page.content.decode()
    job.refresh_from_db()
    assert job.state == Job.State.PAUSED
