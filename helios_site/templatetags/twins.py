"""Beside a form: the command and the call that do the same."""

from dataclasses import dataclass
from typing import Any

from django import template

from helios_site.twin_table import TWINS
from helios_site.twins import api_call, as_json, command_line

register = template.Library()


@dataclass(frozen=True, slots=True)
class Shown:
    """The twins of one form."""

    key: str
    title: str
    command: str
    call: str
    spec: dict[str, Any]


@register.inclusion_tag("helios_site/_twins.html", takes_context=True)
def twins(context: template.Context, names: str, **known: Any) -> dict[str, Any]:
    """Those of one or several forms, by their addresses' names, with what the page knows."""
    address = context["request"].build_absolute_uri("/")
    return {"twins": [_shown(name, known, address) for name in names.split()]}


def _shown(name: str, known: dict[str, Any], address: str) -> Shown:
    twin = TWINS[name]
    return Shown(
        key=f"twin-{name.replace(':', '-')}",
        title=twin.title,
        command=command_line(twin, known),
        call=api_call(twin, known, address),
        spec=as_json(twin, address) | {"known": known},
    )
