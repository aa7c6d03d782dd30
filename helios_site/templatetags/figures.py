"""Small figures of a row, and the whole of a number that a page shows shortened.

Tags, not templates: a list has a hundred of each, and an included template takes ten times as long.
"""

import math
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from helios_site.templatetags.helios import signed
from registry.figures import Mark
from registry.looks import Look

register = template.Library()


@register.filter
def full(value: Any, unit: str = "") -> SafeString:
    """The attribute that tells a number in full on hover: ` title="0.00212345 bits"`.

    Twelve digits, as those behind them are the computer's rounding; empty for what was not measured.
    """
    known = isinstance(value, int | float) and not isinstance(value, bool)
    if not known or not math.isfinite(value):
        return SafeString("")
    return format_html(' title="{}"', f"{value:.12g} {unit}".rstrip())


@register.simple_tag
def mark(
    drawn: Mark, low: float | None, high: float | None, look: Look | None = None
) -> SafeString:
    """A gain as a dot with its interval, on an axis with chance; `low` and `high` in bits."""
    line = (
        ""
        if drawn.low is None
        else f'<line x1="{drawn.low}" x2="{drawn.high}" y1="8" y2="8" stroke="currentColor" stroke-width="2"/>'
    )
    dot = (
        f'<path d="{look.outline}" transform="translate({drawn.dot} 8)" fill="currentColor"/>'
        if look
        else f'<circle cx="{drawn.dot}" cy="8" r="3.5" fill="currentColor"/>'
    )
    return SafeString(  # numbers and constants only: nothing to escape
        f'<svg class="mark{f" series-{look.series}" if look else ""}" width="120" height="16"'
        f' viewBox="0 0 120 16" role="img"'
        f' aria-label="95 % interval {signed(low)} to {signed(high)} bits, chance is 0">'
        f'<line class="chance" x1="{drawn.chance}" x2="{drawn.chance}" y1="0" y2="16"/>{line}{dot}</svg>'
    )


@register.simple_tag
def spark(points: str, look: Look | None = None) -> SafeString:
    """Validation gains by epoch as a line."""
    return format_html(
        '<svg class="mark{}" width="60" height="16" viewBox="0 0 60 16" role="img"'
        ' aria-label="Validation gain by epoch">'
        '<polyline points="{}" fill="none" stroke="currentColor"/></svg>',
        f" series-{look.series}" if look else "",
        points,
    )
