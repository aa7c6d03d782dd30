"""What the tables share: a field, and the name that several forms have."""

from typing import Any

from helios_site.twins import Value
from memory.wire import camel


def value(field: str, flag: str | None = "-", key: str | None = "-", **more: Any) -> Value:
    """A field whose flag and key are called as it is, where nothing else is said."""
    return Value(
        field,
        "--" + field.replace("_", "-") if flag == "-" else flag,
        camel(field) if key == "-" else key,
        **more,
    )


NAME = value("name", "", "name", required=True)
