"""The insight cards: twelve questions, each answered by stored rows or "not measured"."""

from dataclasses import dataclass

from django.urls import reverse

NOT_MEASURED = "not measured"


@dataclass(frozen=True)
class Card:
    """One question with its answer and everything needed to check it.

    `value` is the number in words, empty when it was not measured; `interval` its interval
    or threshold in words. `n` is how many draws, sessions or runs it rests on, `models` how
    many were ever registered. Grade A: forecasts registered before the draw; B: a replay; C:
    descriptive. `evidence` is the address of the journal entries or the page behind it.
    `verdict` is the answer without its numbers: it changes when there is something new to say.
    """

    key: str
    question: str
    answer: str
    value: str
    interval: str
    grade: str
    n: int
    models: int
    exact: bool
    how: str
    evidence: str
    verdict: str
    crossed: bool = False  # evidence passed its threshold: only then may a card look glad

    @property
    def is_measured(self) -> bool:
        """Whether there is a number to show."""
        return bool(self.value)


@dataclass(frozen=True)
class Question:
    """What a card asks, and how its answer is computed."""

    key: str
    text: str
    how: str
    exact: bool = True

    def answer(
        self,
        answer: str,
        *,
        verdict: str,
        evidence: str,
        models: int,
        value: str,
        interval: str = "",
        grade: str = "C",
        n: int = 0,
        crossed: bool = False,
    ) -> Card:
        """The card of a measured answer."""
        return Card(
            self.key, self.text, answer, value, interval, grade, n, models, self.exact, self.how,
            evidence, verdict, crossed,
        )  # fmt: skip

    def unmeasured(self, why: str, *, evidence: str, models: int, n: int = 0) -> Card:
        """The card that says what is missing."""
        text = f"Not measured: {why}"
        return Card(
            self.key, self.text, text, "", "", "C", n, models, self.exact, self.how, evidence,
            NOT_MEASURED,
        )  # fmt: skip


def journal_rows(event_type: str) -> str:
    """Address of the journal entries of one kind."""
    return f"{reverse('memory:journal')}?type={event_type}"


VERDICT = Question(
    "verdict",
    "Does any of my models know anything?",
    "The bankroll bets 1/(j(j+1)) of itself on the j-th model ever registered, deleted and failed"
    " ones too, at fair odds on every held-out draw. On a fair drum it passes 20 with probability"
    " 5 % at most, however often one looks (Ville).",
)
SKILL = Question(
    "skill",
    "How far from chance is my best model?",
    "Log2 of the hedged wealth of betting its forecasts, beside the j(j+1)/0.05 that the j-th model"
    " needs; Student's interval of its mean gain for one look.",
)
DETECTABILITY = Question(
    "detectability",
    "Could I have seen it?",
    "Closed forms for this matrix: draws that a one-sided 5 % test needs to find one ball of a"
    " changed probability in 80 % of cases; all balls share the 5 % (Bonferroni).",
)
CONTROLS = Question(
    "controls",
    "Is the instrument honest?",
    "The same pipeline on simulated fair histories must raise an alarm in 5 % of them at most, and"
    " should find planted biases; exact intervals (Clopper and Pearson). No forecast may change when"
    " the draws from its own on are replaced by garbage (poison test).",
)
MEMORISATION = Question(
    "memorisation",
    "Did it learn or memorise?",
    "A fit of d parameters to N fair draws gains d / (2 N ln 2) bits per draw on them, and loses as"
    " much on others.",
)
COMPARISON = Question(
    "comparison",
    "Is my best model better than the next?",
    "Confidence sequence of the mean difference of their gains on the same draws, valid however"
    " often one looks.",
)
WINNERS_CURSE = Question(
    "winners-curse",
    "Is my best model just lucky?",
    "The best total among models that know nothing but spread their gains as yours do: median of"
    " 2,000 simulations, taken as independent. Accepted: e-BH at 5 % false discoveries.",
    exact=False,
)
CALIBRATION = Question(
    "calibration",
    "Are the probabilities honest?",
    "The factor b by which a model's logits must be scaled to fit its held-out draws best: 1 is"
    " honest, 0 carries no information; the error is 1 / sqrt(sum of the variances). Beside it, a"
    " chi-square of how often each ball came and was forecast to.",
)
EFFICIENCY = Question(
    "efficiency",
    "What did my compute buy?",
    "Seconds of all stored epochs, and of those after their session's best epoch on the validation"
    " draws. Energy is not measured.",
)
SETTINGS_THAT_MATTER = Question(
    "settings",
    "Which settings matter?",
    "Share of the spread of the sessions' outcomes that each setting explains; 999 permutations"
    " of the outcomes, Holm's correction. Importances without such a test sum to 1 on pure noise"
    " too. Computed with the next experiment, whose page has the whole table.",
    exact=False,
)
ENSEMBLE = Question(
    "ensemble",
    "What should I forecast with?",
    "Bayes mixture with half the prior on uniform: never more than 1 bit behind chance, on any draws"
    " whatever. Fitted pools are used only if they beat it where they were not fitted.",
)
HISTORY = Question(
    "history",
    "Is the drum fair, and what next?",
    "Eight tests against simulated fair histories, one joint p (min-p). The next draw by the game's"
    " calendar.",
    exact=False,
)
QUESTIONS = {
    one.key: one
    for one in (
        *(VERDICT, SKILL, DETECTABILITY, CONTROLS, MEMORISATION, COMPARISON),
        *(WINNERS_CURSE, CALIBRATION, EFFICIENCY, SETTINGS_THAT_MATTER, ENSEMBLE, HISTORY),
    )
}
