"""What can be said about a forecast of a drum, in numpy and scipy alone.

No Django is imported here: the modules take and return arrays, numbers and frozen
dataclasses, so they can be copied into a notebook. Bits are base-2 logarithms and
the null hypothesis is a fair drum throughout.
"""
