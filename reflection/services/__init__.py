"""What was learned, computed from stored rows. Pages, REST and commands call these verbs."""

from reflection.services.audits import DrawAudit, audit_draws, eras_with_draws, record_audit
from reflection.services.comparison import Comparison, compare
from reflection.services.freshness import kept, stamp
from reflection.services.models import Reflection, find_model, reflect_on_model, verdicts
from reflection.services.overview import Insights, insights
from reflection.services.pooling import Recommendation, recommend

__all__ = [
    "Insights",
    "Comparison",
    "DrawAudit",
    "Recommendation",
    "Reflection",
    "audit_draws",
    "compare",
    "eras_with_draws",
    "find_model",
    "insights",
    "kept",
    "recommend",
    "record_audit",
    "reflect_on_model",
    "stamp",
    "verdicts",
]
