"""What the fault test kills: acts on the registry (a stage of `tests.faults.dying`)."""

import json
import sys

import django

django.setup()

from django.conf import settings  # noqa: E402 - Django comes first
from django.core.management import call_command  # noqa: E402

from registry import services, storage  # noqa: E402
from registry.models import ModelArtifact  # noqa: E402
from tests.faults.dying import perform  # noqa: E402
from tests.registry.conftest import a_record, random_weights  # noqa: E402


def save() -> None:
    model = services.reserve_model(name="owl", actor="alice")
    services.save_version(
        model=model, weights=random_weights(), record=a_record(), actor="alice"
    )


def prepare() -> None:
    call_command("migrate", verbosity=0)
    save()


def delete() -> None:
    version = ModelArtifact.objects.select_related("model").earliest("pk")
    services.delete(model=version.model, versions=[version.version], actor="alice")
    services.purge(all_now=True)


def mend() -> None:
    """The next start; then what rows and disk say, and whether every version opens."""
    found = services.reconcile()
    root = settings.HELIOS_HOME / "models"
    kept = ModelArtifact.objects.filter(purged_at=None).exclude(status="deleted")
    for version in kept:
        services.open_version(version)
    promised = ModelArtifact.objects.filter(purged_at=None).values_list("folder", flat=True)
    files = sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())
    wanted = sorted(
        f"{folder}/{name}" for folder in promised for name in (storage.SIDECAR, storage.WEIGHTS)
    )
    sys.stdout.write(json.dumps({"missing": found.missing, "files": files, "wanted": wanted}))


if __name__ == "__main__":
    perform({"prepare": prepare, "save": save, "delete": delete, "mend": mend})
