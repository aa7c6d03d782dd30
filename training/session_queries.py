"""Which sessions, and in which order: one filter for the page, REST, files and the command."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.db.models import F, Q, QuerySet

from memory.addresses import one_of, read_fields, short_text
from memory.refusals import Invalid
from registry.names import key_of
from registry.networks.spec import ENCODERS
from training.models import TrainingSession

State = TrainingSession.State
ACTIVE = tuple(s for s in State.values if s not in TrainingSession.TERMINAL)
TABS: dict[str, tuple[str, tuple[str, ...]]] = {
    "all": ("All", tuple(State.values)),
    "active": ("Active", ACTIVE),
    "done": ("Done", (State.COMPLETED, State.STOPPED)),
    "failed": ("Failed", (State.FAILED,)),
}
# Sort keys of lists: the column, and how the heading says it.
SORTS: Mapping[str, tuple[str, str]] = {
    "started": ("pk", "start"),
    "best_val": ("best_gain", "best validation gain"),
    "model": ("model__key", "model"),
    "epochs": ("current_epoch", "epochs"),
    "time": ("process_seconds", "time"),
    "parameters": ("parameter_count", "parameters"),
    "finished": ("finished_at", "end"),
}
DEFAULT_SORT = "-started"
# How REST spelled its orders before there were these keys. By gain it told only of sessions that
# have one, as a rank needs, and still does.
RANKS = {"bestGain": ("best_gain", "pk"), "-bestGain": ("-best_gain", "-pk")}
OLD_SORTS = {"-id": DEFAULT_SORT}
SORT_KEYS = (*(f"{sign}{key}" for key in SORTS for sign in ("", "-")), *OLD_SORTS, *RANKS)
# Of a version's row and a session's own, what makes it large is not read for a list.
LARGE = ("metrics", "network", "config", "environment", "reproduction", "notes", "evaluation")
_HEAVY = ("split", "environment", "verification", *(f"artifact__{name}" for name in LARGE))


@dataclass(frozen=True, slots=True)
class SessionFilter:
    """Empty fields do not restrict, the others all hold. `state` is a tab or a single state."""

    q: str = ""  # a part of the model's name or of the title, or the session's number
    state: str = "all"
    source: str = ""  # the dataset
    arch: str = ""
    model: str = ""  # its whole name
    sort: str = DEFAULT_SORT

    def queryset(self) -> QuerySet[TrainingSession]:
        """The matching sessions in order, with what a row shows."""
        found = self.in_every_state().select_related("model", "dataset", "artifact")
        if self.state != "all":
            states = TABS[self.state][1] if self.state in TABS else (self.state,)
            found = found.filter(state__in=states)
        return _ordered(found.defer(*_HEAVY), self.sort)

    def in_every_state(self) -> QuerySet[TrainingSession]:
        """The same whatever the state, in no order."""
        found = TrainingSession.objects.order_by()
        if self.q:
            found = found.filter(_named(self.q))
        exact = {
            "dataset__name": self.source,
            "config__encoder": self.arch,
            "model__key": key_of(self.model),
        }
        return found.filter(**{name: value for name, value in exact.items() if value})


def _ordered(found: QuerySet[TrainingSession], sort: str) -> QuerySet[TrainingSession]:
    if sort in RANKS:
        return found.filter(best_gain__isnull=False).order_by(*RANKS[sort])
    column, falls = SORTS[sort.lstrip("-")][0], sort.startswith("-")
    last = "-pk" if falls else "pk"
    if column == "pk":
        return found.order_by(last)
    place = F(column)
    first = place.desc(nulls_last=True) if falls else place.asc(nulls_last=True)
    return found.order_by(first, last)


def _named(text: str) -> Q:
    """By a part of a name, or by the number as a page writes it: `38` or `#38`."""
    found = Q(model__key__contains=key_of(text)) | Q(title__icontains=text)
    number = text.removeprefix("#")
    if number.isascii() and number.isdigit() and len(number) < 19:
        found |= Q(pk=int(number))
    return found


def parse_filter(raw: Mapping[str, str], *, leave_out: bool = False) -> SessionFilter:
    """The filter that raw text values ask for; Invalid names every bad field.

    With `leave_out` bad fields are as if they were not there: the page has a form to show as well.
    """
    values, problems = read_fields(raw, _FIELDS)
    if problems and not leave_out:
        raise Invalid(fields=problems)
    return SessionFilter(**values)


def _sort(text: str) -> str:
    return OLD_SORTS.get(text) or one_of(SORT_KEYS)(text)


_FIELDS: Mapping[str, Callable[[str], str]] = {
    "q": short_text,
    "state": one_of((*TABS, *State.values)),
    "source": short_text,
    "arch": one_of(tuple(ENCODERS)),
    "model": short_text,
    "sort": _sort,
}
# Of the page's address, which is the Train form's as well and has `model` for that.
ADDRESS = ("state", "q", "source", "arch", "sort", "per_page", "cols")
