"""The columns of the list of sessions."""

from memory.list_columns import Columns, Kind

# Model and state are always there: the first says whose row it is, and the second changes while
# one looks.
COLUMNS = Columns(
    {
        "model": Kind("Model", "model", "text"),
        "state": Kind("State", "", "text"),
        "source": Kind("Draws", "", "text"),
        "arch": Kind("Architecture", "", "text"),
        "epochs": Kind("Epochs", "epochs", "number"),
        "gain": Kind(
            "Best gain, bits",
            "best_val",
            "number",
            help="validation bits per draw gained over chance, the mean of the models that "
            "train together; chance is 0",
        ),
        "time": Kind("Time", "time", "number"),
        "parameters": Kind("Parameters", "parameters", "number", usual=False),
        "rate": Kind("Learning rate", "", "number", usual=False),
        "seed": Kind("Seed", "", "number", usual=False),
        "version": Kind("Version", "", "number", usual=False),
        "tags": Kind("Tags", "", "text", usual=False),
        "by": Kind("Started by", "", "text", usual=False),
        "started": Kind("Started", "started", "time"),
        "finished": Kind("Ended", "finished", "time", usual=False),
    },
    always=("model", "state"),
)
