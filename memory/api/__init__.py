"""The REST endpoints of the journal and its archives."""

from memory.api import journal, storage

urlpatterns = [*journal.urlpatterns, *storage.urlpatterns]
