"""The pages of the journal."""

from django.urls import path

from memory import (
    converters,  # noqa: F401  registers <entry:...>
    views,
)

app_name = "memory"
urlpatterns = [
    path("journal/", views.journal, name="journal"),
    path("journal/newer/", views.newer, name="newer"),
    path("journal/notes/", views.add_note, name="add_note"),
    path("journal/<entry:seq>/", views.entry, name="entry"),
]
