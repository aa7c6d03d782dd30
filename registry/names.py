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

# Words that stand, or may come to stand, where a model's name stands in an address: a page or an
# endpoint of that word would hide the model. A test compares this with every address there is.
_ADDRESSES = {
    *(
        "active",
        "all",
        "api",
        "audit",
        "backtest",
        "backtests",
        "bundle",
        "calibration",
        "cards",
        "chain",
    ),
    *(
        "compare",
        "comparison",
        "controls",
        "detect",
        "edit",
        "ensemble",
        "ensembles",
        "evidence",
    ),
    *(
        "experiment",
        "experiments",
        "export",
        "forecast",
        "forecasts",
        "found",
        "health",
        "import",
    ),
    *("index", "integrity", "jobs", "list", "load", "models", "new", "newer", "notes"),
    *("pins", "plot"),
    *(
        "predict",
        "predictions",
        "queue",
        "rescan",
        "report",
        "reports",
        "search",
        "selected",
        "selection",
        "sessions",
    ),
    *("status", "summary", "table", "tickets", "trash", "unload", "upload", "view", "verify"),
    "views",
}


def is_spelled_right(name: object) -> bool:
    """Whether `name` could be a model's: the letters only, not whether the word is free."""
    return isinstance(name, str) and bool(_ALLOWED.fullmatch(name)) and name[-1] != "."


def problem_with(name: object) -> str:
    """Why `name` cannot be a model's name, as a sentence with the remedy; "" when it can."""
    if not isinstance(name, str) or not is_spelled_right(name):
        return RULE
    if name.casefold().split(".")[0] in _DEVICES:
        return "This is the name of a device on Windows; choose another name."
    if name.casefold() in _ADDRESSES:
        return (
            f"{name!r} is an address of Helios itself; choose another name, such as {name}-1."
        )
    return ""


def key_of(name: str) -> str:
    """The form in which names are compared and in which they name a folder."""
    return name.casefold()
