"""The columns of the list of models."""

from collections.abc import Collection

from memory.list_columns import Column, Columns, Kind

# Name and status are always there: the first says whose row it is, and the second changes while
# one looks.
COLUMNS = Columns(
    {
        "name": Kind("Model", "name", "text"),
        "status": Kind("Status", "", "text"),
        "encoder": Kind("Architecture", "", "text"),
        "parameters": Kind("Parameters", "parameters", "number"),
        "size": Kind("Size", "size", "number", usual=False),
        "val_gain": Kind("Validation gain", "val_gain", "number"),
        "gain": Kind("Test gain", "gain", "number"),
        "interval": Kind("95 % interval", "", "text"),
        "epochs": Kind("Best epoch", "", "number"),
        "hits": Kind("Hits per draw", "", "number"),
        "era": Kind("Era", "", "text", usual=False),
        "seconds": Kind("Training time", "", "number", usual=False),
        "trained": Kind("Trained on", "trained", "time"),
    },
    always=("name", "status"),
)


def heads(shown: Collection[str], sort: str) -> list[Column]:
    """The heads of the columns that are shown, in a list sorted by `sort`."""
    # The interval stands below the gain where both are shown.
    one = {"interval"} if "gain" in shown else set()
    return COLUMNS.heads(frozenset(shown) - one, sort)
