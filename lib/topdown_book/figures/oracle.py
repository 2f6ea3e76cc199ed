"""How far could mirroring go? Feedback from the current weights, its upper bound."""

from topdown_book.figures._drawing import Drawing
from topdown_book.figures._experiment import Case, Experiment, Results
from topdown_book.figures._panels import learning_figure
from topdown_book.figures._parameters import COMMON, DEPTH
from topdown_book.figures._recipes import BASELINES, VARIANTS, each, usual
from topdown_book.figures._words import paired, runs

FIXED, MIRRORED, ORACLE, BP = "fixed F", "weight mirroring", "oracle", "BP"
FEEDBACKS = {
    FIXED: VARIANTS["normal"],
    MIRRORED: dict(**VARIANTS["normal"], mirror_every=1),
    ORACLE: {**VARIANTS["normal"], "feedback": "oracle"},
    BP: BASELINES["BP"],
}


def cases(settings: dict) -> list[Case]:
    """One network, four ways to send the error back; all but the oracle are Table 2's."""
    return each(settings, FEEDBACKS, settings["depth"])


FIGURE = Experiment(
    title="Feedback from the current weights: the upper bound of mirroring",
    parameters=(*COMMON, DEPTH), profiles=usual("cifar10", "cifar10", depth=1), cases=cases,
    metrics=("test_accuracy", "angle_total"))


def draw(results: Results) -> Drawing:
    """Test accuracy against epochs, and at the end, for four ways to send the error back."""
    return learning_figure(results, list(FEEDBACKS), _CAPTION)


_CAPTION = (
    "PEPITA with F fixed, mirrored at every batch, or set to the transposed product of the current "
    "weights at every step (oracle), always at the same standard deviation; and backpropagation. "
    "(a) Test accuracy, mean ± standard deviation over seeds. (b) Single seeds."
)


def answer(results: Results) -> str:
    """Better mirroring gains (or loses) if oracle minus mirroring has an interval without zero."""
    final = results.final()
    gain = paired(final, "variant", ORACLE, MIRRORED)
    lead = (f"Better mirroring could still gain {gain.words()}" if gain.above else
            f"Perfect alignment does worse than weight mirroring, by {gain.words()}"
            if gain.below else
            f"These runs show no gain beyond noise: oracle minus mirroring is {gain.words()}")
    return (f"{lead}. Mirroring itself adds {paired(final, 'variant', MIRRORED, FIXED).words()} to "
            f"fixed F. From the oracle to backpropagation it is another "
            f"{paired(final, 'variant', BP, ORACLE).words()}. {runs(results)}")
