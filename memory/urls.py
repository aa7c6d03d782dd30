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
    path("journal/<entry:seq>/pin/", views.pin, name="pin"),
    path("memory/", views.storage, name="storage"),
    path("memory/runs/", views.runs, name="runs"),
    path("memory/compact/", views.compact, name="compact"),
    path("memory/compactions/<entry:number>/cancel/", views.cancel, name="cancel"),
    path("memory/segments/<entry:first>/restore/", views.restore, name="restore"),
]
