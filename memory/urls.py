"""The pages of the journal and of the memory."""

from django.urls import path

from memory import (
    converters,  # noqa: F401  registers <entry:...>
    storage_views,
    views,
)

app_name = "memory"
urlpatterns = [
    path("journal/", views.journal, name="journal"),
    path("journal/counts/", views.counts, name="counts"),
    path("journal/newer/", views.newer, name="newer"),
    path("journal/notes/", views.add_note, name="add_note"),
    path("journal/<entry:seq>/", views.entry, name="entry"),
    path("journal/<entry:seq>/pin/", views.pin, name="pin"),
    path("memory/", storage_views.storage, name="storage"),
    path("memory/runs/", storage_views.runs, name="runs"),
    path("memory/policy/", storage_views.policy, name="policy"),
    path("memory/compact/", storage_views.compact, name="compact"),
    path("memory/compactions/<entry:number>/cancel/", storage_views.cancel, name="cancel"),
    path("memory/archives/<str:file_name>/", storage_views.archive_file, name="archive_file"),
    path("memory/archives/<str:file_name>/restore/", storage_views.restore, name="restore"),
    path("memory/archives/<str:file_name>/verify/", storage_views.verify, name="verify"),
    path("memory/archives/<str:file_name>/delete/", storage_views.forget, name="forget"),
    path("memory/orphans/remove/", storage_views.remove_orphans, name="remove_orphans"),
    path(
        "memory/check/journal/",
        storage_views.check,
        {"what": "journal"},
        name="check_journal",
    ),
    path(
        "memory/check/database/",
        storage_views.check,
        {"what": "database"},
        name="check_database",
    ),
]
