"""The forms of the draws pages: a file to import, and a history to simulate."""

from __future__ import annotations

from django import forms

from training.draws.games import GAMES, POWERBALL
from training.draws.simulate import MAX_DRAWS, Bias

GAME_CHOICES = [(game.key, game.title) for game in GAMES.values()]
FAIR = Bias()


class UploadForm(forms.Form):
    """A file, and optionally which game it is and which dataset it goes into."""

    file = forms.FileField(
        label="File",
        help_text="CSV, JSON or text as a lottery publishes it; at most 5 MB.",
        error_messages={"required": "Choose a file.", "empty": "The file is empty."},
    )
    game = forms.ChoiceField(
        required=False,
        choices=[("", "As the file says"), *GAME_CHOICES],
        help_text="A file that names no game is taken for Powerball.",
    )
    dataset = forms.CharField(
        required=False, max_length=80, help_text="Where it goes; empty: the name of the game."
    )


class FetchForm(forms.Form):
    """Which official history to download."""

    game = forms.ChoiceField(choices=GAME_CHOICES, initial=POWERBALL.key)


class SimulateForm(forms.Form):
    """A simulated dataset; the defaults are a fair drum over the whole real calendar."""

    name = forms.CharField(max_length=80, help_text="a-z, 0-9, - and _")
    game = forms.ChoiceField(choices=GAME_CHOICES, initial=POWERBALL.key)
    draws = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=MAX_DRAWS,
        help_text="Empty: as many as there were, up to today.",
    )
    matrix = forms.CharField(
        required=False,
        max_length=30,
        help_text="One for all draws, such as 5/69+26. Empty: that of each era.",
    )
    seed = forms.IntegerField(initial=1, min_value=0, max_value=2**63 - 1)
    ball = forms.IntegerField(
        initial=FAIR.ball, min_value=1, max_value=99, label="White ball with another weight"
    )
    weight = forms.FloatField(initial=FAIR.weight, label="Its weight", help_text="1 is fair.")
    lognormal = forms.FloatField(
        initial=FAIR.lognormal,
        label="Spread of all weights",
        help_text="Standard deviation of their logarithm; 0 is fair.",
    )
    repeat_odds = forms.FloatField(
        initial=FAIR.repeat_odds,
        label="Odds of repeats",
        help_text="Factor on the previous draw's balls; 1 is fair.",
    )
    bonus_ball = forms.IntegerField(
        initial=FAIR.bonus_ball,
        min_value=1,
        max_value=99,
        label="Bonus ball with another weight",
    )
    bonus_weight = forms.FloatField(
        initial=FAIR.bonus_weight, label="Its weight", help_text="1 is fair."
    )
    starts = forms.FloatField(
        initial=FAIR.starts,
        label="Fair share before the bias",
        help_text="0: biased from the first draw.",
    )

    @property
    def bias(self) -> Bias:
        """The bias of a valid form."""
        return Bias(**{name: self.cleaned_data[name] for name in FAIR.__slots__})
