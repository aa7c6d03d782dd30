"""What a number in an address may be."""

from django.urls import register_converter
from django.urls.converters import IntConverter


class EntryNumber(IntConverter):
    """A number that every database can look for: at most 18 digits."""

    regex = "[0-9]{1,18}"


register_converter(EntryNumber, "entry")
