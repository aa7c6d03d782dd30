"""The epochs of a session as pages of a table, and as CSV."""

import csv
import io
from collections.abc import Iterator

from django.core.paginator import Page, Paginator

from training.histories import read_epochs, read_history
from training.models import Epoch, TrainingSession
from training.panel import ROWS

COLUMNS = (
    "number",
    "train_bits",
    "val_bits",
    "gain",
    "learning_rate",
    "grad_norm",
    "seconds",
    "best",
    "hits",
    "memory_bytes",
    "at",
)
CHUNK = 2000


def epoch_page(session: TrainingSession, asked: str | None) -> Page:
    """Epochs newest first; the first page is the live one. Two queries."""
    if session.epochs_kept is not None:
        return Paginator(read_epochs(session)[0][::-1], ROWS).get_page(asked)
    rows = Epoch.objects.filter(session=session).defer("rows").order_by("-number")
    return Paginator(rows, ROWS).get_page(asked)


def epochs_csv(session: TrainingSession) -> Iterator[str]:
    """Every epoch, oldest first. Bits are per draw, `gain` is over chance, seconds are of work."""
    yield ",".join(COLUMNS) + "\n"
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for count, (*figures, at) in enumerate(read_history(session, COLUMNS).rows, 1):
        writer.writerow([*figures, at.isoformat()])
        if count % CHUNK == 0:
            yield text.getvalue()
            text.seek(0)
            text.truncate()
    yield text.getvalue()
