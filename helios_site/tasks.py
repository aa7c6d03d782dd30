"""What a worker does for the whole house."""

from helios_site import backups


def back_up(actor: str) -> None:
    """Make a backup beside the data; the journal tells of it."""
    backups.back_up(actor=actor)
