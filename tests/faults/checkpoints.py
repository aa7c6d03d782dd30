"""What the fault test kills: a session, and the next start (a stage of `tests.faults.dying`)."""

import json
import sys

import django

django.setup()

from django.core.management import call_command  # noqa: E402 - Django comes first

from tests.faults.dying import perform  # noqa: E402
from training import recorder  # noqa: E402
from training.models import TrainingSession  # noqa: E402
from training.services import leases, recovery, sessions, slices  # noqa: E402
from training.services.draws import simulate_dataset  # noqa: E402
from training.services.finishing import epochs_digest  # noqa: E402
from training.tasks import run_slice  # noqa: E402

recorder.FLUSH_SECONDS = recorder.CHECKPOINT_SECONDS = recorder.SHARE = 0.0
recorder.LONG_EPOCH_SECONDS = (
    0.0  # a checkpoint an epoch: no other number is sure to be reached
)


def prepare() -> None:
    call_command("migrate", verbosity=0)
    simulate_dataset(name="drum", actor="alice", draws=300, matrix="5/69+26")


def train() -> None:
    settings = {"epochs": 12, "dropout": 0.2, "seed": 3}
    session = sessions.start_session(
        model_name="m", dataset_name="drum", settings=settings, actor="alice"
    )
    run_slice(session.pk)


def mend() -> None:
    """The next start: the session goes on; then what it ended with, and what lies around."""
    slices.TMP_SECONDS = -1.0  # whoever wrote it is dead
    recovery.take_over(host=leases.owner_name().rpartition(":")[0])
    left = slices.sweep_checkpoints()
    session = TrainingSession.objects.get()
    run_slice(session.pk)
    session.refresh_from_db()
    found = {
        "state": session.state,
        "epochs": epochs_digest(session),
        "count": session.epochs.count(),
        "weights": session.artifact.weights_sha256,
        "left": left,
        "files": sorted(path.name for path in slices.checkpoint_path("").iterdir()),
    }
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    perform({"prepare": prepare, "train": train, "mend": mend})
