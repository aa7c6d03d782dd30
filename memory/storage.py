"""One look at the storage: files are gone through once, archives and floors asked once."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone

from memory import floors, quota, space
from memory.database import Facts, read_facts
from memory.floors import Archive, Belonging
from memory.models import Policy
from memory.policies import quota_bytes
from memory.quota import Quota
from memory.space import Kind, Large, Orphan


@dataclass(frozen=True)
class Storage:
    """What takes how much room, what is large, strange or gone, and the database itself."""

    quota: Quota
    kinds: list[Kind]
    largest: list[Large]
    orphans: list[Orphan]
    missing: list[str]
    archives: list[Archive]
    facts: Facts

    @property
    def hot(self) -> int:
        """Entries that are in the database; the others are in archives alone."""
        return self.facts.entries - sum(archive.left for archive in self.archives)


def read_storage(*, largest: int, policy: Policy | None = None) -> Storage:
    """Look at everything once; who has read the policy gives it. Eight queries with its own."""
    files, (database, free) = space.look_at_files(), space.database_room()
    samples, archives = quota.recent_samples(), space.archives()
    large = space.largest(files, largest)
    kept = floors.ask_keepers([path for path, _ in large])
    today = next((one for one in samples if one.day == timezone.localdate()), None)
    tables = today.kinds if today and today.kinds else space.measure()
    return Storage(
        quota=quota.forecast(space.used(files, database), quota_bytes(policy), samples),
        kinds=space.usage(files, database, tables),
        largest=[
            Large(path, held, kept.owners.get(path) or _own(path)) for path, held in large
        ],
        orphans=space.orphans(archives, kept.orphans),
        missing=space.missing(archives),
        archives=archives,
        facts=read_facts(archives, database, free),
    )


def _own(path: str) -> Belonging | None:
    """Which part of the memory's page is about a file of the memory's own."""
    words = {"archives": "an archive", "backups": "a backup"}.get(path.partition("/")[0])
    if words is None and space.is_database(path):
        words = "the database"
    place = "archives" if words == "an archive" else "database"
    return Belonging(words, f"{reverse('memory:storage')}#{place}") if words else None
