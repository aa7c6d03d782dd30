"""A report as one file that needs no other: HTML with its figures as SVG inside, or Markdown."""

from collections.abc import Sequence

from django.template.loader import render_to_string

from reflection.figures import Dot, dots
from reflection.services.control_words import rate_words
from reflection.services.instrument import Group
from reflection.services.reports import Report
from reflection.statistics.intervals import Interval
from reflection.statistics.verdicts import signed

WIDTH = 320  # pixels of a figure's axis
KINDS = {"html": "text/html", "markdown": "text/markdown"}
ENDINGS = {"html": "html", "markdown": "md"}


def as_html(report: Report) -> str:
    """Self-contained and printable: one style sheet inside, no script, nothing to be fetched."""
    gains = [row.gain for row in report.found.models]
    context = {
        "report": report,
        "found": report.found,
        "rows": list(zip(report.found.models, dots(gains, WIDTH), strict=True)),
        "rates": [
            (one, list(zip(one.groups, _bars(one.groups), strict=True)))
            for one in report.controls
        ],
        "width": WIDTH,
    }
    return render_to_string("reflection/report.html", context)


def _bars(groups: Sequence[Group]) -> list[Dot | None]:
    """Rates on an axis from 0 to 1, as dots with their intervals."""
    rates = [group.crossed for group in groups]
    shares = [Interval(rate.share, rate.low, rate.high, rate.trials) for rate in rates]
    whole = Interval(1.0, 0.0, 1.0, 1)  # the axis is that of all shares
    return dots([*shares, whole], WIDTH, whole=True)[:-1]


def as_markdown(report: Report) -> str:
    """The same for a note or a repository."""
    found = report.found
    lines = [f"# Reflection on {found.dataset or 'no draws'}", ""]
    lines += [found.cards[0].answer, "", "## Twelve questions", ""]
    for card in found.cards:
        lines += [f"### {card.question}", "", card.answer, ""]
        if card.is_measured:
            lines += [f"**{card.value}** {card.interval}".rstrip(), ""]
        kind = "exact" if card.exact else "approximate"
        lines += [
            f"Grade {card.grade}, n = {card.n:,}, {card.models} models ever, {kind}. {card.how}",
            "",
        ]
    lines += ["## Models", "", *_models(report), "", "## The drum", "", *_audit(report), ""]
    lines += ["## Controls", "", *_controls(report), ""]
    lines += [
        f"Computed {found.computed_at:%Y-%m-%d %H:%M %Z}. Gains are bits over chance per draw.",
        "",
    ]
    return "\n".join(lines)


def _models(report: Report) -> list[str]:
    if not report.found.models:
        return ["No models yet."]
    lines = ["| model | verdict | gain | 95 % interval | draws |", "|---|---|---|---|---|"]
    for row in report.found.models:
        gain = row.gain
        ends = (
            f"{signed(gain.low)} to {signed(gain.high)}"
            if gain and gain.low is not None and gain.high is not None
            else ""
        )
        lines.append(
            f"| {row.model_name} | {row.judgement.title} | {signed(gain.mean) if gain else 'not measured'}"
            f" | {ends} | {gain.n if gain else ''} |"
        )
    return lines


def _audit(report: Report) -> list[str]:
    audit = report.audit
    if audit is None:
        return [f"Not measured: {report.problem}"]
    lines = [audit.verdict, ""]
    lines += [f"- {'ok' if check.ok else 'TO CHECK'}: {check.text}" for check in audit.checks]
    lines += [
        "",
        "| test | here | 95 % of fair histories | p | joint p |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| {one.name} | {one.statistic:.2f} | {one.low:.1f} to {one.high:.1f} | {one.p:.3f} | {one.joint_p:.3f} |"
        for one in audit.tests.findings
    ]
    return lines


def _controls(report: Report) -> list[str]:
    if not report.controls:
        return ["Not measured: no control was run."]
    lines = []
    for one in report.controls:
        lines.append(f"**{', '.join(one.model_names) or one.encoder}** ({one.encoder})")
        lines += [
            f"- {group.title}: evidence over 20 in {rate_words(group.crossed)}"
            for group in one.groups
        ]
        lines += [
            f"- {'Leak canary' if test.canary else 'Poison test'}: {'as it should' if test.ok else 'FAILED'},"
            f" {test.changed} of {test.compared} forecasts changed"
            for test in one.poison
        ]
        lines += [
            f"- Placebo rank of backtest {found.backtest} of {found.model_name}: {found.rank.sentence}"
            for found in one.ranks
        ]
        lines.append("")
    return lines


FORMS = {"html": as_html, "markdown": as_markdown}
