"""What a person may write about a model."""

from memory import canonical
from memory.refusals import Invalid


def plain_text(value: object, field: str, *, limit: int) -> str:
    """Text of at most `limit` characters that every database can hold; Invalid otherwise."""
    if not isinstance(value, str):
        raise Invalid(fields={field: "Must be text."})
    text = value.replace("\r\n", "\n").strip()
    if len(text) > limit:
        raise Invalid(fields={field: f"Must be at most {limit:,} characters."})
    try:
        canonical.plain(text)
    except canonical.Unstorable as error:
        raise Invalid(fields={field: f"Is not storable: {error.problem}"}) from error
    return text
