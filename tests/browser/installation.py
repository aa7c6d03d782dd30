"""An installation in which every page has something to show, made by the verbs that people use."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings as django_settings
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from helios_site import accounts
from memory import archiving
from memory import services as journal
from reflection.models import Job
from reflection.services import audit_draws, jobs, record_audit
from reflection.services.ensembles import create_ensemble
from reflection.services.forecasts import register_forecast
from reflection.tasks import run_job_slice
from registry import services as registry
from registry.inference.server import Inference
from registry.models import RegisteredModel
from registry.queries import find_model, find_version
from registry.services.views import save_view
from tests.training.draw_files import LINES, WRONG, csv_of
from training.models import Dataset, Draw, TrainingSession
from training.services import sessions
from training.services.draws import simulate_dataset
from training.services.draws.histories import refresh_facts
from training.services.presets import save_preset
from training.tasks import run_slice

SMALL = {"epochs": 12, "window": 5, "hidden_size": 8, "batch_size": 128}
BY = {"actor": "test"}


@dataclass(frozen=True)
class Installation:
    """`examples` are values of the parameters of addresses; those of one part of the site are
    named with its beginning: `draws/ name`.
    """

    owner: User
    examples: dict[str, str]

    def client(self) -> Client:
        """Its pages without a browser."""
        client = Client(SERVER_NAME="127.0.0.1")
        client.force_login(self.owner, "django.contrib.auth.backends.ModelBackend")
        return client


def fill() -> Installation:
    """A dozen seconds of work: models, a session that waits, replays, controls, an archive."""
    owner = accounts.local_owner()
    simulate_dataset(name="drum", matrix="5/69+26", draws=400, **BY)
    first = trained("first-light", SMALL)
    trained("second-light", {"encoder": "counts", "epochs": 1, "window": 5})
    trained("lost", {**SMALL, "encoder": "gru", "features": ["window"], "learning_rate": 1.0})
    start("waiting", {"window": 5})
    replay = finished("backtest", model_name="first-light", origin=300)
    finished("backtest", model_name="second-light", origin=300)
    play = finished("tickets", backtest=replay["backtest"])
    finished("controls", model_name="second-light", placebos=3, planted=["ball-100"], each=1)
    waiting = jobs.start_job(
        kind="controls", settings={"model_name": "first-light", "placebos": 1}, **BY
    )
    create_ensemble(models=["first-light", "second-light"], name="both", pool="mixture", **BY)
    record_audit(found=audit_draws(dataset_name="drum"), **BY)
    forecast = register_forecast(
        version=find_version(find_model("first-light")),
        dataset=real_draws(),
        ask=Inference().predict,
        **BY,
    )
    curate(owner)
    archive = archived()
    return Installation(
        owner,
        {
            "session_id": str(first.pk),
            "name": "first-light",
            "dataset": "drum",
            "draws/ name": "drum",
            "drum": "white",
            "token": upload(owner),
            "reflection/jobs/ job_id": str(waiting.pk),
            "reflection/backtests/ pk": str(replay["backtest"]),
            "reflection/tickets/ pk": str(play["play"]),
            "reflection/forecasts/ pk": str(forecast.pk),
            "seq": str(journal.add_note(text="A note.", **BY).seq),
            "memory/archives/ file_name": archive,
            "memory/backups/ name": backup(),
            "memory/compactions/ number": "1",
            "train/presets/ name": "small",
            "seen": "x",
            "version": "1",
            "alias": "champion",
            "key": "verdict",
            "number": "1",
        },
    )


def start(name: str, settings: dict[str, Any]) -> TrainingSession:
    return sessions.start_session(model_name=name, dataset_name="drum", settings=settings, **BY)


def trained(name: str, settings: dict[str, Any]) -> TrainingSession:
    session = start(name, settings)
    run_slice(session.pk)
    session.refresh_from_db()
    return session


def finished(kind: str, **settings: Any) -> dict[str, Any]:
    """The result of a job, done as a worker does it."""
    job = jobs.start_job(kind=kind, settings=settings, **BY)
    run_job_slice(job.pk)
    job.refresh_from_db()
    assert job.state == Job.State.COMPLETED, job.error
    return dict(job.result)


def real_draws() -> Dataset:
    """A history that goes on: 30 weeks up to the last Saturday."""
    dice = np.random.default_rng(7)
    dataset = Dataset.objects.create(name="powerball", game="powerball", kind="real")
    today = dt.datetime.now(dt.UTC).date()
    last = today - dt.timedelta(days=(today.weekday() - 5) % 7 or 7)
    for week in range(30):
        balls = sorted(int(ball) + 1 for ball in dice.choice(69, 5, replace=False))
        whites = {f"white{place}": ball for place, ball in enumerate(balls, 1)}
        day = last - dt.timedelta(days=7 * week)
        Draw.objects.create(dataset=dataset, date=day, bonus=1 + week % 26, **whites)
    refresh_facts(dataset)
    return dataset


def curate(owner: User) -> None:
    """What a person adds: words, tags, aliases, views, a preset, a stray file."""
    model = RegisteredModel.objects.get(name="first-light")
    registry.describe(model=model, description="Reads the **window**.", **BY)
    registry.set_tags(model=model, tags=["window"], **BY)
    registry.set_alias(version=find_version(model), alias="champion", reason="the best", **BY)
    journal.pin_entry(seq=journal.add_note(text="Remember this.", **BY).seq, **BY)
    save_view(owner=owner, name="networks", query="arch=mlp")
    save_preset(name="small", settings=SMALL, **BY)
    accounts.make_token(name="notebook", user=owner)
    (Path(django_settings.HELIOS_HOME) / "models" / "stray.safetensors").write_bytes(b"x")


def archived() -> str:
    """The file into which the journal so far was moved."""
    plan = archiving.plan_compaction(older_than=dt.timedelta(0), at_least=10, parts=["journal"])
    archiving.carry_out(archiving.begin_compaction(plan=plan, **BY))
    folder = archiving.archive_folder()
    return next(path.name for path in sorted(folder.iterdir()) if path.is_file())


def backup() -> str:
    """A file that is listed as a backup."""
    path = Path(django_settings.HELIOS_HOME) / "backups" / "helios-20261101-000000.zip"
    path.parent.mkdir()
    path.write_bytes(b"x")
    return path.name


def upload(owner: User) -> str:
    """The token of a preview with a problem."""
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(owner, "django.contrib.auth.backends.ModelBackend")
    file = SimpleUploadedFile("draws.csv", csv_of(*LINES, WRONG, "2026-08-08,1,2"))
    answer = client.post("/draws/import/", {"file": file, "dataset": "new"})
    return answer["Location"].split("/")[-2]
