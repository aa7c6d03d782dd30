"""How numbers, durations and times are written on every page."""

from django import template

register = template.Library()
