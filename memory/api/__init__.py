"""The REST endpoints of the journal and its archives."""

from memory.api import compaction, journal

urlpatterns = [*journal.urlpatterns, *compaction.urlpatterns]
