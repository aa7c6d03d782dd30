"""What Helios refuses to do, said so that a person knows the remedy.

A verb raises a `Refusal`; the REST handler, the page middleware and `manage.py`
turn it into the error envelope, a page, or one line and a non-zero exit. It lives
on the lowest floor so that every app can raise it.
"""

from collections.abc import Mapping


class Refusal(Exception):
    """A request that is refused; nothing was changed.

    `fields` maps a field's name (snake_case) to what is wrong with it and how to mend it.
    """

    status = 400
    code = "refused"

    def __init__(
        self,
        message: str = "",
        *,
        fields: Mapping[str, str] | None = None,
        code: str | None = None,
    ) -> None:
        self.fields = dict(fields or {})
        self.message = message or "; ".join(
            f"{name}: {text}" for name, text in self.fields.items()
        )
        if code is not None:
            self.code = code
        super().__init__(self.message)


class Invalid(Refusal):
    """A value that cannot be used as it is."""

    code = "invalid"


class NotFound(Refusal):
    """Something is named that does not exist."""

    status = 404
    code = "not_found"


class Conflict(Refusal):
    """The request is right in itself but not in this state."""

    status = 409
    code = "conflict"


class TooLarge(Refusal):
    """More bytes than Helios reads at once."""

    status = 413
    code = "too_large"


class Full(Refusal):
    """Nothing can be stored: the disk or the quota is full, or a folder is gone."""

    status = 507
    code = "storage_full"
