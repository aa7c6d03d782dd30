"""What is said about a model, as records; services/models.py fills them."""

from dataclasses import dataclass, field
from datetime import datetime

from reflection.services.calibration import Calibration
from reflection.services.curves import LossCurve
from reflection.services.forecasts.live import LiveBet
from reflection.services.placebo_ranks import PlaceboRank
from reflection.services.statements import Statement
from reflection.statistics.intervals import Interval
from reflection.statistics.verdicts import Judgement


@dataclass(frozen=True)
class Evidence:
    """Wealth of betting a model's forecasts of its held-out draws, in bits (log2).

    `needed_bits` is `log2(j (j + 1) openings / alpha)` for the j-th model registered whose
    test draws were scored `openings` times. Grade B: a replay of draws that chose nothing;
    C: draws that an earlier version was scored on, so that its settings may have been
    chosen by them.
    """

    raw_bits: float
    hedged_bits: float
    needed_bits: float
    openings: int
    grade: str

    @property
    def crossed(self) -> bool:
        """Whether the wealth passed its threshold."""
        return self.hedged_bits >= self.needed_bits


@dataclass(frozen=True)
class TestScore:
    """A version on its held-out draws: intervals for one look and for many, and evidence.

    The draws are those of `backtest` where one was run, else the test draws of its training.
    `placebo` is their rank among placebos of the same pipeline; asked only of one model at a time.
    """

    gain: Interval
    anytime: Interval
    hits: Interval | None
    chance_hits: float | None
    first_date: str | None
    last_date: str | None
    evidence: Evidence
    draws_to_settle: int | None
    backtest: int | None
    spread: float
    placebo: PlaceboRank | None = None


@dataclass(frozen=True)
class TrainingSummary:
    """The session behind the reflection, and how many the model had. Seconds without pauses."""

    session_id: int
    state: str
    dataset: str
    encoder: str
    epochs: int
    total_epochs: int
    best_epoch: int | None
    best_gain: float | None
    members: int  # models that trained together; `best_gain` is their mean
    seconds: float
    parameter_count: int | None
    started_at: datetime | None
    finished_at: datetime | None
    sessions: int
    completed: int
    failed: int


@dataclass(frozen=True)
class Reflection:
    """Everything that is said about one model; parts are None where nothing was measured."""

    model_name: str
    number: int
    version: int | None
    judgement: Judgement
    test: TestScore | None
    live: tuple[LiveBet, ...]
    training: TrainingSummary | None
    curve: LossCurve | None
    statements: tuple[Statement, ...]
    calibration: Calibration | None
    computed_at: datetime = field(compare=False)


@dataclass(frozen=True)
class ModelVerdict:
    """A model in a list: the verdict first, then what it rests on.

    `spread` is the standard deviation of its gains, bits per draw.
    """

    model_name: str
    number: int
    version: int | None
    encoder: str | None
    dataset: str | None
    judgement: Judgement
    gain: Interval | None
    spread: float | None
    evidence: Evidence | None
