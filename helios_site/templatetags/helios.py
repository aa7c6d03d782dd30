"""How numbers, durations, times, states and icons are written on every page.

A value that was not measured says so; it is never shown as an empty cell or a zero.
"""

import math
import re
from collections.abc import Iterator
from datetime import date, datetime
from functools import cache, lru_cache
from typing import Any

from django import template
from django.core.paginator import Page
from django.templatetags.static import static
from django.urls import resolve, reverse
from django.utils import timezone
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from helios_site.backups import kept_backups
from helios_site.policy import refusal
from helios_site.roles import Role, role_of
from memory import sentences
from memory.display import display
from memory.page_sizes import SIZES
from registry.looks import Look, look_of

register = template.Library()

NOT_MEASURED = "not measured"
_DAY = re.compile(r"(?<![\w.-])(?:19|20)\d\d-[01]\d-[0-3]\d(?![\w-])")
MINUS = "\N{MINUS SIGN}"
NO_BREAK = "\N{NO-BREAK SPACE}"
DAY = 24 * 60 * 60  # seconds
MONTH = 30 * DAY


def _number(value: Any) -> float | None:
    """`value` as a finite float, or None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) else None


def _signed(number: float, decimals: int) -> str:
    """A number with its sign, a true minus, and no sign before a zero."""
    text = f"{abs(number):.{decimals}f}"
    if float(text) == 0:
        return text
    return ("+" if number > 0 else MINUS) + text


@register.filter
def bits(value: Any) -> str:
    """Bits per draw: `28.1224 bits`."""
    number = _number(value)
    if number is None:
        return NOT_MEASURED
    return f"{number:.{display().decimals}f}{NO_BREAK}bits".replace("-", MINUS)


@register.filter
def gain(value: Any) -> str:
    """Bits gained over chance per draw, signed: `+0.0021 bits`."""
    number = _number(value)
    if number is None:
        return NOT_MEASURED
    return f"{_signed(number, display().decimals)}{NO_BREAK}bits"


@register.filter
def signed(value: Any, places: int | None = None) -> str:
    """A number with its sign and no unit, for a column whose head names the unit."""
    number = _number(value)
    wanted = display().decimals if places is None else int(places)
    return NOT_MEASURED if number is None else _signed(number, wanted)


@register.filter
def decimals(value: Any, places: int | None = None) -> str:
    """A number with this many decimals, or as many as the reader likes, and no unit."""
    number = _number(value)
    wanted = display().decimals if places is None else int(places)
    return NOT_MEASURED if number is None else f"{number:.{wanted}f}".replace("-", MINUS)


@register.filter
def figure(value: Any) -> str:
    """A setting such as a learning rate, as short as it can be written: `0.001`, `3e-05`."""
    number = _number(value)
    return NOT_MEASURED if number is None else f"{number:.4g}".replace("-", MINUS)


@register.filter
def count(value: Any) -> str:
    """A whole number with thousands separators: `3,004`."""
    number = _number(value)
    return NOT_MEASURED if number is None else f"{number:,.0f}".replace("-", MINUS)


@register.filter
def duration(seconds: Any) -> str:
    """Seconds as `3 min 10 s`, less than one as `28 ms`."""
    number = _number(seconds)
    if number is None:
        return NOT_MEASURED
    return f"{number * 1000:.0f} ms" if 0 < number < 0.9995 else sentences.duration(number)


@register.filter
def size(value: Any) -> str:
    """Bytes as `1.2 MB`."""
    number = _number(value)
    return NOT_MEASURED if number is None else sentences.size(number)


@register.filter
def percent(value: Any, places: int = 0) -> str:
    """A share of one as `62 %`."""
    number = _number(value)
    if number is None:
        return NOT_MEASURED
    return f"{number * 100:.{int(places)}f}{NO_BREAK}%".replace("-", MINUS)


@register.filter
def short(digest: str) -> SafeString:
    """The first twelve characters of a digest, the whole on hover."""
    return format_html('<code title="{}">{}</code>', digest, str(digest)[:12])


@register.simple_tag
def time(when: datetime | None) -> SafeString:
    """A moment: relative to read, absolute on hover and for programs; or as the reader likes."""
    if when is None:
        return format_html('<span class="meta">{}</span>', "not yet")
    local = timezone.localtime(when)
    absolute = display().dates == "absolute"
    return format_html(
        '<time datetime="{}" title="{}"{}>{}</time>',
        local.isoformat(timespec="seconds"),
        local.strftime("%Y-%m-%d %H:%M:%S %Z"),
        "" if absolute else mark_safe(" data-ago"),  # static/helios/ago.js keeps it true
        local.strftime("%Y-%m-%d %H:%M") if absolute else _ago(when),
    )


@register.filter
def days(text: Any) -> SafeString:
    """A sentence, or a date, with each `2026-11-30` in it marked as a day."""
    marked = _DAY.sub(r'<time datetime="\g<0>">\g<0></time>', conditional_escape(str(text)))
    return mark_safe(marked)  # noqa: S308 - escaped, and a day holds digits and hyphens


@register.simple_tag
def day(when: date | None, form: str = "") -> SafeString:
    """A day, with its weekday where `form` is "weekday"."""
    if when is None:
        return format_html('<span class="meta">{}</span>', "not known")
    words = f"{when:%a %Y-%m-%d}" if form == "weekday" else f"{when:%Y-%m-%d}"
    return format_html('<time datetime="{}">{}</time>', f"{when:%Y-%m-%d}", words)


def _ago(when: datetime) -> str:
    """How long ago, in one unit: `now`, `12 s ago`, `3 h ago`; a date after a month."""
    seconds = round((timezone.now() - when).total_seconds())
    if abs(seconds) < 2:
        return "now"
    for unit, length, limit in (
        ("s", 1, 60),
        ("min", 60, 3600),
        ("h", 3600, DAY),
        ("d", DAY, MONTH),
    ):
        if abs(seconds) < limit:
            amount = f"{abs(seconds) // length}{NO_BREAK}{unit}"
            return f"{amount} ago" if seconds > 0 else f"in {amount}"
    local = timezone.localtime(when)
    return f"{local.day} {local:%b %Y}"


@register.simple_tag
def icon(name: str) -> SafeString:
    """A symbol of the sprite; the words beside it carry the meaning."""
    return _icon(name, static("helios/icons.svg"))


@lru_cache(maxsize=256)
def _icon(name: str, sprite: str) -> SafeString:
    return format_html(
        '<svg class="icon" aria-hidden="true" width="16" height="16"><use href="{}#{}"/></svg>',
        sprite,
        name,
    )


@register.simple_tag
def status(state: str, words: str = "") -> SafeString:
    """A state as shape, colour and word."""
    return format_html(
        '<span class="status status-{}">{}{}</span>',
        state,
        icon(f"status-{state}"),
        words or state.replace("_", " "),
    )


@register.filter
def look(number: int) -> Look:
    """The colour, dash and marker of the model with this number."""
    return look_of(number)


@register.simple_tag
def swatch(of: int | Look) -> SafeString:
    """A model's line and marker, before its name: what its curves and dots look like."""
    return _swatch(look_of(of) if isinstance(of, int) else of)


@cache
def _swatch(shown: Look) -> SafeString:
    return format_html(
        '<svg class="swatch series-{}" width="26" height="12" viewBox="-13 -6 26 12" aria-hidden="true">'
        '<path class="swatch-line" d="M-13 0H13" stroke-dasharray="{}"/><path d="{}"/></svg>',
        shown.series,
        "none" if shown.dash == "solid" else shown.dash,
        shown.outline,
    )


@register.simple_tag
def ball(number: int | str, kind: str = "") -> SafeString:
    """A white ball, or the bonus ball with its letters: `{% ball 12 "PB" %}`."""
    if not kind:
        return format_html('<span class="ball">{}</span>', number)
    return format_html(
        '<span class="ball ball-bonus"><span class="ball-kind">{}</span> {}</span>',
        kind,
        number,
    )


@register.inclusion_tag("helios_site/_nav_link.html", takes_context=True)
def nav_link(
    context: template.Context, address: str, label: str, symbol: str
) -> dict[str, Any]:
    """A link of the navigation, marked when the page is inside that room."""
    path = context["request"].path
    here = path == address or (address != "/" and path.startswith(address))
    return {"address": address, "label": label, "symbol": symbol, "here": here}


@register.inclusion_tag("helios_site/_backups.html", takes_context=True)
def backups(context: template.Context) -> dict[str, Any]:
    """The backups that Helios keeps itself."""
    request = context["request"]
    role = role_of(request.user)
    kept = kept_backups() if role == Role.ADMIN else []
    return {"kept": kept, "role": role, "csrf_token": context.get("csrf_token")}


@register.simple_tag(takes_context=True)
def refused(context: template.Context, name: str, *args: Any) -> str:
    """Why the reader may not post to an address, by its name; empty when it is allowed."""
    return refusal(context["request"], resolve(reverse(name, args=args)), "POST")


@register.filter
def sizes(page: Page) -> tuple[int, ...]:
    """How many rows a page may hold, where there are more than the fewest."""
    return SIZES if page.paginator.count > SIZES[0] else ()


@register.filter
def elided(page: Page) -> Iterator[str | int]:
    """The page numbers around a page, with gaps."""
    return page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)
