"""The keys and the words of the pages. Pure: the dialog, the help page and tests read it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Key:
    """Keys that are pressed one after the other, and what they do."""

    keys: tuple[str, ...]
    does: str


@dataclass(frozen=True, slots=True)
class Keys:
    """A group of keys."""

    title: str
    rows: tuple[Key, ...]


KEYS = (
    Keys(
        "Go to",
        (
            Key(("g", "o"), "Overview"),
            Key(("g", "t"), "Train"),
            Key(("g", "m"), "Models"),
            Key(("g", "c"), "Compare"),
            Key(("g", "j"), "Journal"),
            Key(("g", "r"), "Reflection"),
            Key(("g", "d"), "Draws"),
            Key(("g", "s"), "Settings"),
            Key(("n",), "New training"),
            Key(("/",), "Search (Ctrl-K as well)"),
        ),
    ),
    Keys(
        "In a list",
        (
            Key(("j",), "Next row"),
            Key(("k",), "Previous row"),
            Key(("Enter",), "Open the row"),
            Key(("x",), "Select the row"),
            Key(("c",), "Compare what is selected"),
            Key(("e",), "Export this view"),
            Key(("f",), "To the filters of the journal"),
            Key(("[",), "Previous page"),
            Key(("]",), "Next page"),
        ),
    ),
    Keys(
        "On a model",
        (
            Key(("1",), "Its first tab, and so on to 9"),
            Key(("c",), "Compare it with others"),
            Key(("e",), "Export it"),
        ),
    ),
    Keys(
        "On a session",
        (
            Key(("p",), "Pause or resume"),
            Key(("s",), "Stop (asks)"),
            Key(("t",), "Chart or table"),
        ),
    ),
    Keys(
        "In a chart that has the focus",
        (
            Key(("←",), "Earlier part"),
            Key(("→",), "Later part"),
            Key(("+",), "Narrower"),
            Key(("-",), "Wider"),
            Key(("0",), "All of it"),
        ),
    ),
    Keys(
        "Everywhere",
        (
            Key(("?",), "The keys"),
            Key(("Esc",), "Close"),
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the pages, and what it means here."""

    word: str
    meaning: str


GLOSSARY = (
    Word(
        "Chance",
        "What a forecast scores that knows nothing: every combination of the matrix has the "
        "same probability. It is the zero of every gain, computed from the matrix of each draw.",
    ),
    Word(
        "Bit",
        "The unit of surprise. A forecast that gives the drawn combination twice the "
        "probability of chance gains one bit on that draw.",
    ),
    Word(
        "Gain over chance (Δ)",
        "Bits gained per draw, on average. Above zero is better than chance, below is worse; "
        "a model that merely guesses is near zero.",
    ),
    Word(
        "95 % interval (CI)",
        "If the same thing were measured again and again, 95 of 100 such intervals would hold "
        "the true value. An interval that holds zero says: this may well be chance.",
    ),
    Word("Draw", "One drawing: the white balls and the bonus ball of a day."),
    Word("Matrix", "How many balls of how many are drawn, such as 5 of 69 and 1 of 26."),
    Word(
        "Era",
        "A time with one matrix. Draws of several eras are each compared with the chance of "
        "their own.",
    ),
    Word("Epoch", "One pass of training over all training draws."),
    Word("Session", "One training, from the click to a model: a chain of slices of a minute."),
    Word(
        "Version",
        "What a finished session leaves: weights, settings and scores, with their digests.",
    ),
    Word("Alias", "A name such as champion that points to one version of a model."),
    Word(
        "Training, validation and test draws",
        "Oldest, newer and newest part of the history. The first are learned from, the second "
        "choose the best epoch, the third are scored once at the end.",
    ),
    Word(
        "Control",
        "The same training on draws that are known to be fair, to see what chance alone gives.",
    ),
    Word(
        "Replica", "The same training with another seed, to see how much of a result is luck."
    ),
    Word(
        "Verdict",
        "The sentence that sums up the evidence. The usual one is: indistinguishable from "
        "chance. Draws are random, and nothing here makes them less so.",
    ),
    Word(
        "Journal",
        "Everything that happened, entry by entry. Each entry carries the digest of the one "
        "before it, so that no entry can be changed or lost unnoticed.",
    ),
)
