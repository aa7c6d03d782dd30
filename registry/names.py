"""What a model may be called. A valid name is also a safe folder name on every system.

Pure: no Django. Names are ASCII, so there are no Unicode twins; case twins ("Owl", "owl")
share one key and the second is refused by whoever registers it.
"""

import re

MAX_LENGTH = 80
RULE = (
    f"Use 1 to {MAX_LENGTH} ASCII letters, digits, dots, dashes or underscores, "
    "beginning with a letter or digit and not ending with a dot."
)
_ALLOWED = re.compile(rf"[A-Za-z0-9][A-Za-z0-9._-]{{0,{MAX_LENGTH - 1}}}")
# Device names of Windows, with or without an extension: such a folder cannot be made there.
_DEVICES = {"con", "prn", "aux", "nul"} | {
    f"{port}{digit}" for port in ("com", "lpt") for digit in range(1, 10)
}

# Words that stand where a model's name stands in an address.
_ADDRESSES = {"load", "unload", "import", "found", "active", "trash"}


def problem_with(name: object) -> str:
    """Why `name` cannot be a model's name, as a sentence with the remedy; "" when it can."""
    if not isinstance(name, str) or not _ALLOWED.fullmatch(name) or name.endswith("."):
        return RULE
    if name.casefold().split(".")[0] in _DEVICES:
        return "This is the name of a device on Windows; choose another name."
    if name.casefold() in _ADDRESSES:
        return "This word is an address of Helios itself; choose another name."
    return ""


def key_of(name: str) -> str:
    """The form in which names are compared and in which they name a folder."""
    return name.casefold()
