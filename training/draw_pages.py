"""What the pages of draws show: the list of datasets, and one dataset with its facts."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
from django.core.paginator import Page
from django.db.models import Max, QuerySet
from django.http import QueryDict

from memory.page_sizes import page_of
from memory.refusals import Invalid, NotFound
from registry.networks.history import History
from training.draw_figures import DotPlot, Segment, dot_plot, era_segments
from training.draw_filters import DrawFilter
from training.draw_table import Head, Use, heading, heads, newest_use, order_of, sorted_draws
from training.draws.frequency import Frequency, frequency, repeated_results
from training.draws.games import Era, Game, missing_dates, next_draw_date
from training.models import Dataset, Draw, DrawImport
from training.services.draws import eras_of_dataset, find_game, load_history

PAGE = 50


@dataclass(frozen=True, slots=True)
class DatasetLine:
    """A dataset in the list."""

    dataset: Dataset
    game: Game
    era: Era
    last_import: DrawImport | None


@dataclass(frozen=True, slots=True)
class DatasetListing:
    """One page of datasets."""

    page: Page[Dataset]
    lines: list[DatasetLine]


def dataset_listing(query: QueryDict) -> DatasetListing:
    """The datasets that `?page=` asks for, each with its latest import; four queries."""
    page = page_of(Dataset.objects.all(), query, PAGE)
    datasets = list(page)
    imports = DrawImport.objects.filter(dataset__in=datasets, undone_at=None).order_by()
    latest = dict(imports.values_list("dataset").annotate(Max("pk")))
    records = DrawImport.objects.in_bulk(latest.values())
    lines = [
        DatasetLine(
            dataset=dataset,
            game=find_game(dataset.game),
            era=eras_of_dataset(dataset)[-1],
            last_import=records.get(latest.get(dataset.pk, 0)),
        )
        for dataset in datasets
    ]
    return DatasetListing(page, lines)


@dataclass(frozen=True, slots=True)
class EraLine:
    """An era of a dataset: its draws, and its part of the bar."""

    era: Era
    last: dt.date | None  # the day before the next era
    count: int
    segment: Segment
    chosen: bool


@dataclass(frozen=True, slots=True)
class DrawLine:
    draw: Draw
    era: Era
    again: tuple[dt.date, ...]  # other days with the same full result
    used: str  # for which part of the newest session


@dataclass(frozen=True, slots=True)
class Drum:
    """The counts of one drum in one era, with their figure."""

    key: str
    title: str
    found: Frequency
    plot: DotPlot


@dataclass(frozen=True, slots=True)
class Chip:
    """A chosen filter and the address without it."""

    words: str
    address: str


@dataclass(frozen=True, slots=True)
class DatasetView:
    """Everything the page of a dataset shows."""

    dataset: Dataset
    game: Game
    eras: list[EraLine]
    shown_era: EraLine | None
    drums: list[Drum]
    missing: list[dt.date]
    repeated: list[tuple[dt.date, ...]]
    last_import: DrawImport | None
    next_draw: dt.date | None
    chips: list[Chip]
    heading: str
    heads: dict[str, Head]
    use: Use | None
    page: Page[Draw]
    lines: list[DrawLine]

    @property
    def has_order(self) -> bool:
        """Is the drawn order of any draw on this page known?"""
        return any(line.draw.drawn_order for line in self.lines)


def dataset_view(dataset: Dataset, query: QueryDict) -> DatasetView:
    """The page of a dataset for `?era=&from=&to=&n=&pb=&page=`; the number of queries is fixed."""
    history = load_history(dataset)
    game, eras = find_game(dataset.game), _eras(dataset, history, query.get("era", ""))
    days = [dt.date.fromordinal(day) for day in history.ordinal.tolist()]
    repeated = [
        tuple(days[place] for place in places.tolist())
        for places in repeated_results(history.white, history.bonus)
    ]
    chosen = next((line for line in eras if line.chosen), None)
    filled = [line for line in eras if line.count]
    shown = chosen or (filled[-1] if filled else None)
    order, chips, use = order_of(query), _chips(query), newest_use(dataset)
    page = page_of(sorted_draws(_filtered(dataset, query, chosen), order), query, PAGE)
    return DatasetView(
        dataset=dataset,
        game=game,
        eras=eras,
        shown_era=shown,
        drums=_drums(history, shown, game),
        missing=missing_dates(game, days),
        repeated=repeated,
        last_import=dataset.imports.filter(undone_at=None).first(),
        next_draw=next_draw_date(game, days[-1]) if days else None,
        chips=chips,
        heading=heading(page.paginator.count, (chip.words for chip in chips), order),
        heads=heads(order),
        use=use,
        page=page,
        lines=_lines(page, dataset, repeated, use),
    )


def _eras(dataset: Dataset, history: History, key: str) -> list[EraLine]:
    eras = eras_of_dataset(dataset)
    if key and key not in {era.key for era in eras}:
        raise Invalid(
            fields={"era": f"is not known; choose from {', '.join(e.key for e in eras)}"}
        )
    counts = [int((history.era == era.key).sum()) for era in eras]
    ends = [era.start - dt.timedelta(days=1) for era in eras[1:]]
    return [
        EraLine(era, last, count, segment, era.key == key)
        for era, last, count, segment in zip(
            eras, [*ends, None], counts, era_segments(counts), strict=True
        )
    ]


def _drums(history: History, line: EraLine | None, game: Game) -> list[Drum]:
    """Both drums of an era that has draws."""
    if line is None or not line.count:
        return []
    here = history.take(history.era == line.era.key)
    white = frequency(here.white, line.era.matrix.white)
    bonus = frequency(np.reshape(here.bonus, (-1, 1)), line.era.matrix.bonus)
    return [
        Drum("white", "White balls", white, dot_plot(white)),
        Drum("bonus", game.bonus_name, bonus, dot_plot(bonus)),
    ]


def _filtered(dataset: Dataset, query: QueryDict, era: EraLine | None) -> QuerySet[Draw]:
    rows = DrawFilter.parse(query).apply(dataset.draws.order_by("-date"))
    if era is not None:
        rows = DrawFilter(first=era.era.start, last=era.last).apply(rows)
    return rows


def chosen_draws(dataset: Dataset, query: QueryDict) -> QuerySet[Draw]:
    """The draws that the page shows for `?era=&from=&to=&n=&pb=`, newest first."""
    eras = _eras(dataset, load_history(dataset), era) if (era := query.get("era", "")) else []
    return _filtered(dataset, query, next((line for line in eras if line.chosen), None))


def drum_of(dataset: Dataset, key: str, era: str) -> Drum:
    """One drum of the page's frequency figures, or NotFound."""
    history = load_history(dataset)
    lines = _eras(dataset, history, era)
    chosen = [line for line in lines if line.chosen] or [line for line in lines if line.count]
    drums = _drums(history, chosen[-1] if chosen else None, find_game(dataset.game))
    found = next((drum for drum in drums if drum.key == key), None)
    if found is None:
        raise NotFound(f"{dataset.name} has no counts of {key[:40]} balls.")
    return found


def _lines(
    page: Page[Draw],
    dataset: Dataset,
    repeated: list[tuple[dt.date, ...]],
    use: Use | None,
) -> list[DrawLine]:
    eras = eras_of_dataset(dataset)
    again = {day: days for days in repeated for day in days}
    return [
        DrawLine(
            draw=draw,
            era=next(era for era in reversed(eras) if era.start <= draw.date),
            again=tuple(day for day in again.get(draw.date, ()) if day != draw.date),
            used=use.of(draw.date) if use else "",
        )
        for draw in page
    ]


def _chips(query: QueryDict) -> list[Chip]:
    """Each chosen filter with the address that leaves it out."""
    chosen = [*DrawFilter.parse(query).words()]
    if query.get("era"):
        chosen.append(("era", f"era of {query['era']}"))
    chips = []
    for name, words in chosen:
        rest = query.copy()
        for gone in (name, "page"):
            rest.pop(gone, None)
        chips.append(Chip(words, f"?{rest.urlencode()}"))
    return chips
