"""Taking an import back."""

from django.db import transaction
from django.db.models import Min
from django.utils import timezone

from memory import services as journal
from memory.refusals import NotFound
from training.models import Dataset, DrawImport
from training.services.draws.histories import refresh_facts
from training.services.draws.imports import refuse_in_training


def latest_import(dataset: Dataset) -> DrawImport:
    """The import that would be undone; NotFound when there is none."""
    record: DrawImport | None = dataset.imports.filter(undone_at=None).first()
    if record is None:
        raise NotFound(f"No import into {dataset.name} is left to undo.")
    return record


def undo_import(*, dataset: Dataset, actor: str) -> DrawImport:
    """Take back the latest import of a dataset: exactly the draws that it added.

    Raises NotFound when there is none, Conflict while a session trains on the dataset.
    """
    with transaction.atomic():
        dataset = Dataset.objects.select_for_update().get(pk=dataset.pk)
        record = latest_import(dataset)
        first = record.draws.aggregate(first=Min("date"))["first"]
        refuse_in_training(dataset, first)
        removed, _ = record.draws.all().delete()
        record.undone_at = timezone.now()
        record.save(update_fields=["undone_at"])
        refresh_facts(dataset)
        journal.append(
            event_type="import_undone",
            actor=actor,
            metadata={
                "dataset": dataset.name,
                "file_name": record.file_name,
                "removed": removed,
                "fingerprint": dataset.fingerprint,
            },
        )
    return record
