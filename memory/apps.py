"""The memory app."""

from django.apps import AppConfig
from django.core.checks import Tags, register


class MemoryConfig(AppConfig):
    """The journal: the lowest floor, which knows nobody."""

    name = "memory"
    verbose_name = "Journal"

    def ready(self) -> None:
        """Register what needs the models to be loaded: the check, and the journal as a part."""
        from memory import floors, segments  # noqa: PLC0415
        from memory.checks import journal_is_append_only  # noqa: PLC0415

        register(journal_is_append_only, Tags.database)
        floors.add_part(segments.JournalPart())
