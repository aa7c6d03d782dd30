"""The pages of the journal."""

from django.urls import path, register_converter
from django.urls.converters import IntConverter

from memory import views


class EntryNumber(IntConverter):
    """A number that every database can look for: at most 18 digits."""

    regex = "[0-9]{1,18}"


register_converter(EntryNumber, "entry")

app_name = "memory"
urlpatterns = [
    path("journal/", views.journal, name="journal"),
    path("journal/newer/", views.newer, name="newer"),
    path("journal/notes/", views.add_note, name="add_note"),
    path("journal/<entry:seq>/", views.entry, name="entry"),
]
