"""What a worker does for the whole house."""

from helios_site import backups, notices


def back_up(actor: str) -> None:
    """Make a backup beside the data; the journal tells of it."""
    backups.back_up(actor=actor)


def send_notices() -> None:
    """Tell services of the sessions that ended."""
    notices.send_due()
