"""Everything that reflection says about one history of draws, gathered for one file."""

from dataclasses import dataclass

from memory.refusals import Conflict
from reflection.services.audits import DrawAudit, audit_draws
from reflection.services.instrument import Pipeline, pipelines
from reflection.services.overview import Insights, insights


@dataclass(frozen=True)
class Report:
    """The house, its cards and models, the audit of the draws, and the controls.

    `audit` is None where there are too few draws; `problem` says so.
    """

    found: Insights
    audit: DrawAudit | None
    problem: str
    controls: tuple[Pipeline, ...]


def full_report(*, dataset_name: str = "") -> Report:
    """Gather the report of a dataset: the one named, or the realest there is. NotFound if unknown."""
    found = insights(dataset_name=dataset_name)
    name = found.dataset or ""
    audit, problem = None, "There are no draws yet."
    if name:
        try:
            audit, problem = audit_draws(dataset_name=name), ""
        except Conflict as refusal:
            problem = refusal.message
    return Report(found, audit, problem, pipelines(dataset_name=name))
