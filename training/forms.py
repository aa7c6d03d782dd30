"""The form of a training run, derived from the table of settings.

The form only turns text into values and back: `Config.parse` and the services say what is wrong.
The sweep is left to REST and the command line.
"""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django.http import QueryDict

from memory.refusals import Refusal
from registry.names import is_spelled_right, key_of
from training.engine.config import PRESETS, SETTINGS, Config, ConfigError
from training.engine.setting import WEEKDAYS, Setting
from training.engine.setting_text import read_texts
from training.models import Dataset, TrainingDefaults, TrainingSession
from training.services.draws import eras_of_dataset
from training.services.presets import preset_values

GROUPS = {
    "basic": ("Basics", "The model and how long it learns"),
    "data": ("Data", "Which draws it sees, split strictly by time"),
    "advanced": ("Advanced", "Size, regularisation, loss, device, notes"),
}
MANY = ("set", "keys", "weekdays")  # kinds with several values
HIDDEN = ("rows",)
QUICK, CONTROL = "quick", "control"
LABELS = {
    "model_name": "Model name",
    "data_source": "Draws",
    "preset_name": "Name of the preset",
    "note": "Note",
    "tags": "Tags",
}
IDS = {"data_source": "dataset"}  # of fields whose id is not their name
Text = str | list[str]


@dataclass(frozen=True, slots=True)
class Option:
    """One value that can be chosen."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Field:
    """A setting with what is typed in it and what is wrong with that."""

    setting: Setting
    text: Text
    error: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return f"id_{self.setting.name}"

    @property
    def step(self) -> str:
        return "1" if self.setting.kind == "integer" else "any"

    @property
    def changed(self) -> bool:
        """Does it differ from the default?"""
        return self.text != as_text(self.setting.default)

    @property
    def options(self) -> list[Option]:
        chosen = self.text if isinstance(self.text, list) else [self.text]
        return [Option(value, label, value in chosen) for value, label in self.choices.items()]


@dataclass(frozen=True, slots=True)
class Group:
    """A part of the form; only the first is open, and any in which something is wrong."""

    title: str
    help: str
    fields: list[Field]
    first: bool
    remarks_wrong: bool = False  # note and tags stand in the last group

    @property
    def is_open(self) -> bool:
        return self.first or self.remarks_wrong or any(field.error for field in self.fields)

    @property
    def changed(self) -> int:
        """How many settings are not at their default."""
        return sum(field.changed for field in self.fields)


@dataclass(frozen=True, slots=True)
class Complaint:
    """A field that is wrong: its label, where it is on the page, and what to do."""

    label: str
    address: str
    text: str


@dataclass(frozen=True, slots=True)
class TrainForm:
    """What is typed in the form of the Train page. `texts` has an entry for each setting.

    The settings of `preset` are in `texts`; its name still matters, because a control trains
    on the fair twin of the chosen dataset.
    """

    model_name: str
    dataset: Dataset | None
    texts: dict[str, Text]
    preset: str = ""
    request_key: str = ""
    preset_name: str = ""
    note: str = ""
    tags: str = ""  # with commas between
    message: str = ""
    refused_what: str = "Nothing was started."
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def values(self) -> dict[str, Any]:
        """The settings as `Config.parse` reads them; nothing ticked is an empty list."""
        nothing: dict[str, Any] = {name: [] for name in SETTINGS if self.texts.get(name) == []}
        return {**read_texts(self.texts), **nothing}

    @property
    def tag_list(self) -> list[str]:
        return [tag for text in self.tags.split(",") if (tag := text.strip())]

    @property
    def complaints(self) -> list["Complaint"]:
        """What is wrong, field by field, for the summary above the form."""
        return [
            Complaint(label_of(name), f"#id_{IDS.get(name, name)}", text)
            for name, text in self.errors.items()
        ]

    @property
    def groups(self) -> list[Group]:
        return [
            Group(
                title,
                help,
                [self._field(s) for s in _settings(key)],
                first=key == "basic",
                remarks_wrong=key == "advanced"
                and not {"note", "tags"}.isdisjoint(self.errors),
            )
            for key, (title, help) in GROUPS.items()
        ]

    def refused(self, refusal: Refusal) -> "TrainForm":
        """The same form with what a service said about it."""
        return replace(self, errors=refusal.fields, message=refusal.message)

    def _field(self, setting: Setting) -> Field:
        choices = setting.choices
        if setting.kind == "keys":
            choices = _era_labels(self.dataset)
        if setting.kind == "weekdays":
            choices = {str(day): name for day, name in enumerate(WEEKDAYS)}
        error = self.errors.get(setting.name, "")
        return Field(setting, self.texts[setting.name], error, choices)


def blank_form(
    query: QueryDict,
    datasets: Iterable[Dataset],
    newest: int = 0,
    usual: TrainingDefaults | None = None,
) -> TrainForm:
    """The form of an address: `?preset=`, `?from=` (a session or a model), then single settings on top.

    `newest` is the number of the newest session, from which a name is made. `usual` is what the
    person begins with where the address names no preset.
    """
    usual = usual or TrainingDefaults()
    preset, texts = _preset_texts(query.get("preset", usual.preset))
    if "preset" not in query:
        texts |= texts_of(usual.values)
    note, tags = "", ""
    name, held = query.get("model_name") or query.get("model", ""), list(datasets)
    dataset = _named(held, query.get("dataset", usual.dataset)) or _first_choice(held)
    earlier = _session(query.get("from", ""))
    if earlier:
        texts = texts | texts_of(earlier.config)
        name, dataset = name or earlier.model.name, earlier.dataset
        note, tags = earlier.note, ", ".join(earlier.tags)
        preset = CONTROL if query.get("preset") == CONTROL else ""
    return TrainForm(
        model_name=name or suggested_name(texts, newest),
        dataset=dataset,
        texts=texts | _typed(query),
        preset=preset,
        request_key=uuid.uuid4().hex,
        note=query.get("note", note),
        tags=query.get("tags", tags),
    )


def _preset_texts(asked: str) -> tuple[str, dict[str, Text]]:
    """A preset by its name, and its settings; the quick one where there is no such preset."""
    try:
        values = preset_values(asked or QUICK)
        return asked or QUICK, texts_of(Config.parse(values).as_dict())
    except (Refusal, ConfigError):
        return QUICK, texts_of(PRESETS[QUICK].config.as_dict())


def posted_form(body: QueryDict, datasets: Iterable[Dataset]) -> TrainForm:
    """The form as it was sent."""
    return TrainForm(
        model_name=body.get("model_name", "").strip(),
        dataset=_named(list(datasets), body.get("dataset", "")),
        texts=texts_of(PRESETS[QUICK].config.as_dict()) | _typed(body),
        preset=body.get("preset", ""),
        request_key=body.get("request_key", "")[:80],
        preset_name=body.get("preset_name", "").strip(),
        note=body.get("note", "").strip(),
        tags=body.get("tags", "").strip(),
    )


def texts_of(values: Mapping[str, Any]) -> dict[str, Text]:
    """Settings as the form shows them."""
    shown = (name for name, setting in SETTINGS.items() if setting.kind not in HIDDEN)
    return {name: as_text(values[name]) for name in shown if name in values}


def as_text(value: Any) -> Text:
    """One setting as text: lists stay lists, None is empty."""
    if isinstance(value, list | tuple):
        return [str(item) for item in value]
    if isinstance(value, float):
        return f"{value:g}" if float(f"{value:g}") == value else repr(value)
    return value.isoformat() if isinstance(value, date) else "" if value is None else str(value)


def suggested_name(texts: Mapping[str, Text], newest: int) -> str:
    """A free name: the encoder and the next session's number."""
    return f"{texts['encoder']}-{newest + 1}"


def label_of(name: str) -> str:
    """A field's name as the form writes it."""
    return (
        SETTINGS[name].label if name in SETTINGS else LABELS.get(name, name.replace("_", " "))
    )


def _typed(query: QueryDict) -> dict[str, Text]:
    """The settings named in a query; a hidden empty value says "nothing is ticked"."""
    found: dict[str, Text] = {}
    for name in (name for name in SETTINGS if name in query):
        if SETTINGS[name].kind in MANY:
            found[name] = [item for item in map(str, query.getlist(name)) if item]
        else:
            found[name] = query.get(name, "")
    return found


def _settings(group: str) -> list[Setting]:
    return [s for s in SETTINGS.values() if s.group == group and s.kind not in HIDDEN]


def _era_labels(dataset: Dataset | None) -> dict[str, str]:
    """The eras of the chosen dataset that can have draws, newest first."""
    if dataset is None or dataset.last_date is None:
        return {}
    eras = [era for era in eras_of_dataset(dataset) if era.start <= dataset.last_date]
    return {era.key: f"{era.matrix}, from {era.start}" for era in reversed(eras)}


def _named(datasets: list[Dataset], name: str) -> Dataset | None:
    return next((dataset for dataset in datasets if dataset.name == name), None)


def _first_choice(datasets: list[Dataset]) -> Dataset | None:
    """Real draws first."""
    return min(datasets, key=lambda held: held.kind != Dataset.Kind.REAL, default=None)


def _session(text: str) -> TrainingSession | None:
    """The session of this number, or the newest one of the model of this name."""
    if not text:
        return None
    found = TrainingSession.objects.select_related("model", "dataset").order_by("-pk")
    if text.isascii() and text.isdigit() and len(text) < 19:
        return found.filter(pk=int(text)).first()
    return found.filter(model__key=key_of(text)).first() if is_spelled_right(text) else None
