"""The presets as cards: what each trains, how long it takes here, how much room it needs."""

from collections.abc import Mapping
from dataclasses import dataclass

from registry.networks.spec import parameter_count
from training.draws.games import Matrix
from training.engine.config import PRESETS, Config, ConfigError
from training.forms import TrainForm
from training.models import Dataset, SavedPreset
from training.recent_runs import Size
from training.services.draws import eras_of_dataset


@dataclass(frozen=True, slots=True)
class PresetCard:
    """`seconds` is measured on this computer, None where nothing like it has trained here."""

    name: str
    title: str
    help: str
    epochs: int
    models: int
    seconds: float | None
    weight_bytes: int | None
    is_saved: bool
    is_chosen: bool


def preset_cards(form: TrainForm, pace: Mapping[Size, float]) -> list[PresetCard]:
    """Built-in and saved presets; one query. `pace` is what `paces` measured."""
    matrix = matrix_of(form.dataset)
    built_in = [(p.key, p.title, p.help, p.config, False) for p in PRESETS.values()]
    saved = [
        (p.name, p.name, f"Saved by {p.actor}.", config, True)
        for p in SavedPreset.objects.all()
        if (config := _config(p)) is not None
    ]
    return [
        _card(name, title, help, config, is_saved, form.preset, pace, matrix)
        for name, title, help, config, is_saved in [*built_in, *saved]
    ]


def matrix_of(dataset: Dataset | None) -> Matrix | None:
    """The matrix of the newest draws."""
    if dataset is None or dataset.last_date is None:
        return None
    held = [era for era in eras_of_dataset(dataset) if era.start <= dataset.last_date]
    return held[-1].matrix if held else None


def _config(preset: SavedPreset) -> Config | None:
    """The settings of a saved preset, unless a newer Helios does not know them."""
    try:
        return Config.parse(preset.values)
    except ConfigError:
        return None


def _card(
    name: str,
    title: str,
    help: str,
    config: Config,
    is_saved: bool,
    chosen: str,
    pace: Mapping[Size, float],
    matrix: Matrix | None,
) -> PresetCard:
    parameters = None
    if matrix is not None:
        spec = config.spec(white=matrix.white, bonus=matrix.bonus, picks=matrix.picks)
        parameters = parameter_count(spec) * len(config.rows)
    each = pace.get((config.encoder, parameters or 0, config.batch_size))
    return PresetCard(
        name=name,
        title=title,
        help=help,
        epochs=config.epochs,
        models=len(config.rows),
        seconds=None if each is None else each * config.epochs,
        weight_bytes=None if parameters is None else 4 * parameters,
        is_saved=is_saved,
        is_chosen=name == chosen,
    )
