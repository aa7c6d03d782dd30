"""Looking at the models folder again while Helios runs: what is gone, what is back, what is new."""

from dataclasses import dataclass

from registry.services.discovery import Found, find_unregistered
from registry.services.reconciling import mark_missing
from registry.services.verifying import verify_artifacts


@dataclass(frozen=True)
class Rescan:
    """Versions that are damaged now, versions whose files are right again, and stray files."""

    damaged: tuple[str, ...]
    repaired: tuple[str, ...]
    found: tuple[Found, ...]

    def as_words(self) -> str:
        """One line for a person."""
        said = (
            (len(self.repaired), "version is right again", "versions are right again"),
            (len(self.damaged), "version is damaged", "versions are damaged"),
            (len(self.found), "file belongs to no version", "files belong to no version"),
        )
        parts = [f"{count} {one if count == 1 else many}" for count, one, many in said if count]
        return ", ".join(parts) or "Every version has its files, and there are no others"


def rescan() -> Rescan:
    """Mark versions whose files are gone, hash those that were damaged, and find stray files.

    Safe while models are trained and used: nothing is removed. `verify_artifacts` hashes
    everything, which takes as long as reading the disk does.
    """
    mark_missing()
    findings = list(verify_artifacts(only_damaged=True))
    return Rescan(
        damaged=tuple(str(one.artifact) for one in findings if one.problem),
        repaired=tuple(str(one.artifact) for one in findings if not one.problem),
        found=tuple(find_unregistered()),
    )
