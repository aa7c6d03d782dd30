"""Figures of training, as Plotly figures: numbers in, `go.Figure` out. Pure: no Django.

y is bits gained over chance per draw (chance is 0, higher is better) or bits per draw. Colours and
fonts are the page's: a trace says in `meta.series` which series of the stylesheet it is, and in
`meta.column` what it plots, so that chart.js can go on drawing it while a session trains.
"""

from training.figures.curve import Break, Curve, ends
from training.figures.main import CurvePoint, can_be_log, curve_figure, gain_curve, plain
from training.figures.options import AXES, ChartOptions, read_options
from training.figures.others import SMALL, replica_figure, small_figures
from training.figures.sketch import Sketch, sketch
from training.figures.thinning import MOST_POINTS, thinned
from training.figures.words import (
    course_words,
    curve_words,
    remarks,
    replica_words,
    small_words,
)

__all__ = [
    "AXES",
    "MOST_POINTS",
    "SMALL",
    "Break",
    "ChartOptions",
    "Curve",
    "CurvePoint",
    "Sketch",
    "can_be_log",
    "course_words",
    "curve_figure",
    "ends",
    "curve_words",
    "gain_curve",
    "plain",
    "read_options",
    "remarks",
    "replica_figure",
    "replica_words",
    "sketch",
    "small_figures",
    "small_words",
    "thinned",
]
