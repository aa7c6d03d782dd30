"""How a model looks in every list and figure: its colour, dash and marker follow from its number.

Pure: no Django. The eight colours are the stylesheet's series. Dash and marker move on with each
round of eight, so that two models of one colour can be told apart; what is drawn together takes
its looks from `looks_of`, in which no two are alike.
"""

from collections.abc import Sequence
from dataclasses import dataclass

SERIES = 8
# As Plotly and SVG both read them. Dots stay free: they are training beside validation.
DASHES = (
    *("solid", "8px,4px", "14px,4px", "8px,3px,2px,3px"),
    *("14px,3px,2px,3px", "10px,8px", "14px,3px,5px,3px", "8px,3px,2px,3px,2px,3px"),
)
# Plotly's name of each marker, and its outline around 0, 0.
MARKERS = {
    "circle": "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0z",
    "square": "M-3.5-3.5h7v7h-7z",
    "diamond": "M0-5L5 0L0 5L-5 0z",
    "triangle-up": "M0-4.8L4.8 3.6H-4.8z",
    "triangle-down": "M0 4.8L4.8-3.6H-4.8z",
    "cross": "M-1.6-4.8h3.2v3.2h3.2v3.2h-3.2v3.2h-3.2v-3.2h-3.2v-3.2h3.2z",
    "x": "M-4.5-2.3L-2.3-4.5L0-2.2L2.3-4.5L4.5-2.3L2.2 0L4.5 2.3L2.3 4.5L0 2.2L-2.3 4.5L-4.5 2.3L-2.2 0z",
    "hourglass": "M-4.2-4.6H4.2L-4.2 4.6H4.2z",
}
_NAMES = tuple(MARKERS)


@dataclass(frozen=True, slots=True)
class Look:
    """A colour (1 to 8, a series of the stylesheet) with the shape that goes with it (0 to 7)."""

    series: int
    shape: int

    @property
    def dash(self) -> str:
        """How its line is broken."""
        return DASHES[self.shape]

    @property
    def marker(self) -> str:
        """Plotly's name of its marker."""
        return _NAMES[self.shape]

    @property
    def outline(self) -> str:
        """The path of its marker around 0, 0."""
        return MARKERS[self.marker]

    @property
    def beside(self) -> int:
        """The colour of what is drawn beside it and is no model, such as training."""
        return 1 if self.series in (2, 6) else 2


FIRST = Look(1, 0)  # of model number 1, and of a curve that stands for none


def look_of(number: int) -> Look:
    """The look of the model with this number of registration (1, 2, 3 ...)."""
    rounds, place = divmod(number - 1, SERIES)
    return Look(place + 1, (place + rounds) % len(DASHES))


def looks_of(numbers: Sequence[int]) -> list[Look]:
    """Looks of models that share a figure, in their order.

    Each has the colour of its number; one whose shape an earlier model of the same colour has
    takes the next free shape.
    """
    found: list[Look] = []
    for number in numbers:
        look = look_of(number)
        for step in range(len(DASHES)):
            moved = Look(look.series, (look.shape + step) % len(DASHES))
            if moved not in found:
                look = moved
                break
        found.append(look)
    return found
