"""What was learned, computed from stored rows. Pages, REST and commands call these verbs."""

from reflection.services import backtests, poison, tickets
from reflection.services.audits import DrawAudit, audit_draws, eras_with_draws, record_audit
from reflection.services.backtests import find_backtest
from reflection.services.comparable import make_comparable
from reflection.services.comparison import Comparison, compare, newest_models, split_names
from reflection.services.controls import CONTROLLING, USUAL
from reflection.services.curves import Overlay, overlays
from reflection.services.findings import Reflection
from reflection.services.freshness import kept, stamp
from reflection.services.instrument import Pipeline, pipelines
from reflection.services.jobs import find_job, start_job
from reflection.services.models import find_model, reflect_on_model, verdicts
from reflection.services.overview import Insights, insights
from reflection.services.pooling import Recommendation, recommend
from reflection.services.reports import Report, full_report

__all__ = [
    "CONTROLLING",
    "USUAL",
    "Pipeline",
    "pipelines",
    "Insights",
    "Comparison",
    "DrawAudit",
    "Recommendation",
    "Report",
    "full_report",
    "Reflection",
    "audit_draws",
    "backtests",
    "compare",
    "eras_with_draws",
    "find_backtest",
    "find_job",
    "find_model",
    "insights",
    "kept",
    "make_comparable",
    "newest_models",
    "overlays",
    "poison",
    "split_names",
    "Overlay",
    "recommend",
    "record_audit",
    "reflect_on_model",
    "stamp",
    "start_job",
    "tickets",
    "verdicts",
]
