"""What is left of alignment once mirroring stops: our own figure, in place of an unknown one."""

from topdown_book.figures._drawing import Drawing
from topdown_book.figures._experiment import Case, Experiment, Results
from topdown_book.figures._panels import in_words, over_epochs, summary
from topdown_book.figures._parameters import COMMON, Parameter
from topdown_book.figures._recipes import VARIANTS, decay_within, each
from topdown_book.figures._theme import PALETTE, legend_below, panels, theme
from topdown_book.figures._words import paired, runs

PANELS = {
    "angle_total": ("a  whole feedback", "angle of $F$ and $(W_2 W_1)^T$ (°)"),
    "angle_adaptive": ("b  effective feedback", "angle of $W_1 F$ and $W_2^T$ (°)"),
    "test_accuracy": ("c  accuracy", "test accuracy (%)"),
}


def kinds(until: int) -> dict[str, dict]:
    """Recipe options: no mirroring, mirroring throughout, and two rules for which it stops."""
    pepita, stopped = VARIANTS["normal"], dict(mirror_every=1, mirror_until=until)
    return {
        "never mirrored": pepita,
        "mirrored throughout": dict(**pepita, mirror_every=1),
        "mirroring stops": dict(**pepita, **stopped),
        "mirroring stops, Hebbian": dict(**VARIANTS["hebbian"], **stopped),
    }


def cases(settings: dict) -> list[Case]:
    """One hidden layer; mirroring, where there is some, at every batch of its epochs."""
    return each(settings, kinds(settings["until"]), decay_epochs=decay_within(settings["epochs"]))


FIGURE = Experiment(
    title="Alignment after mirroring has stopped",
    parameters=(*COMMON, Parameter("until", int, "last epoch that mirrors", low=1, high=1000)),
    profiles={
        "smoke": dict(dataset="digits", width=64, epochs=30, until=10, seeds=2),
        "laptop": dict(dataset="mnist", width=256, epochs=10, until=3, seeds=3),
        "paper": dict(dataset="mnist", width=1024, epochs=100, until=30, seeds=10),
    },
    cases=cases,
    metrics=("test_accuracy", "angle_total", "angle_adaptive"),
)


def answer(results: Results) -> str:
    """Alignment is kept if F's angle, after mirroring has stopped, clearly falls or stays."""
    angles, until = results.curves("angle_total"), results.settings["until"]
    mine = angles[(angles.variant == "mirroring stops")
                  & angles.epoch.isin([until, angles.epoch.max()])]
    change = paired(mine, "epoch", angles.epoch.max(), until)
    lead = ("Some alignment is lost" if change.above else "Alignment even grows" if change.below
            else "Alignment stays, as far as these runs can tell")
    return (f"{lead}: once mirroring has stopped the angle of F changes by "
            f"{change.words('°', '+.1f')} until the end. {runs(results)}")


def draw(results: Results) -> Drawing:
    """Panels: angle of F, angle of W_1 F, test accuracy; a line where mirroring stops."""
    until = results.settings["until"]
    rows = results.frame[results.frame.metric.isin(PANELS)]
    with theme():
        figure, axes = panels(3, height=3.1)
        for axis, (metric, words) in zip(axes, PANELS.items()):
            over_epochs(axis, rows[rows.metric == metric], "variant", kinds(until), *words)
            axis.axvline(until, color=PALETTE["grey"], lw=0.8, ls=":")
        legend_below(figure, axes, columns=4)
    return Drawing(figure, _alt(rows, until), _CAPTION,
                   summary(rows, ["metric", "variant", "epoch"]))


def _alt(rows, until: int) -> str:
    def at(metric, epoch):
        return in_words(rows[(rows.metric == metric) & (rows.epoch == epoch)])
    end = rows.epoch.max()
    return (f"Three panels against epochs; mirroring stops after epoch {until}. Angle of F in "
            f"degrees then: {at('angle_total', until)}; at the end: {at('angle_total', end)}. "
            f"Angle of W1 F at the end: {at('angle_adaptive', end)}. Test accuracy at the end: "
            f"{at('test_accuracy', end)}.")


_CAPTION = (
    "PEPITA normal, one hidden layer, never mirrored, mirrored at every batch throughout, and only "
    "up to the dotted line, there also with the Hebbian rule. (a) Angle of F with the product of "
    "the weights. (b) Angle of the effective feedback with the output weights. (c) Test accuracy. "
    "Mean ± standard deviation over seeds."
)
