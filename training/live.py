"""Live updates: the doorbell that services ring."""


def ring(session_id: int) -> None:
    """Something of this session changed and is committed."""
