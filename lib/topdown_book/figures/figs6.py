"""Figure S6: every alignment angle during training, with and without mirroring."""

from topdown_book.figures._drawing import Drawing
from topdown_book.figures._experiment import Case, Experiment, Results
from topdown_book.figures._panels import (
    absent_in_words,
    in_words,
    last,
    no_data,
    over_epochs,
    right_angle,
    summary,
)
from topdown_book.figures._parameters import SEVERAL
from topdown_book.figures._recipes import MAY_BE_ABSENT, MIRRORING, VARIANTS, make, usual
from topdown_book.figures._theme import grid, legend_below, theme
from topdown_book.figures._words import joined, mirrored, runs

ANGLES = {
    "angle_total": ("$F$ and $(W_2 W_1)^T$", "F and the product of the weights"),
    "angle_adaptive": ("$W_1 F$ and $W_2^T$", "W1 F and W2"),
    "angle_layer_1": ("$B_1$ and $W_1^T$", "B1 and W1"),
    "angle_layer_2": ("$B_2$ and $W_2^T$", "B2 and W2"),
}


def cases(settings: dict) -> list[Case]:
    """Data sets x mirroring, PEPITA normal with one hidden layer, as in Figure 3c."""
    return [
        Case(make(settings, dataset=dataset, **VARIANTS["normal"], **options),
             dict(dataset=dataset, variant=name), optional=dataset in MAY_BE_ABSENT)
        for dataset in settings["datasets"] for name, options in MIRRORING.items()
    ]


FIGURE = Experiment(
    title="Alignment of feedback and weights", parameters=SEVERAL,
    profiles=usual(("mnist",), ("mnist", "cifar100")), cases=cases,
    metrics=("test_accuracy", *ANGLES))


def answer(results: Results) -> str:
    """The angle of F at the end without and with mirroring, on every data set that is here."""
    end = last(results.curves("angle_total"))
    parts = [f"{mirrored(rows)} on {dataset}"
             for dataset, rows in end.groupby("dataset", sort=False)]
    return f"F and the network that it bypasses end {joined(parts)}. {runs(results)}"


def draw(results: Results) -> Drawing:
    """A row per data set, a column per angle, a curve per kind of mirroring."""
    rows, datasets = results.frame[results.frame.metric.isin(ANGLES)], results.settings["datasets"]
    with theme():
        figure, axes = grid(len(datasets), len(ANGLES), 0.9 + 1.7 * len(datasets), sharex=True,
                            sharey=True)
        for line, dataset in zip(axes, datasets):
            for axis, metric in zip(line, ANGLES):
                _panel(axis, rows[(rows.dataset == dataset) & (rows.metric == metric)])
            line[0].set_ylabel(f"{dataset}\nangle (°)")
        for axis, (title, _) in zip(axes[0], ANGLES.values()):
            axis.set_title(title)
        for axis in axes[-1]:
            axis.set_xlabel("epoch")
        legend_below(figure, axes.flat, columns=4)
    data = summary(rows, ["dataset", "metric", "variant", "epoch"])
    return Drawing(figure, _alt(rows, datasets), _CAPTION, data)


def _panel(axis, rows) -> None:
    if rows.empty:
        no_data(axis)
        return
    over_epochs(axis, rows, "variant", MIRRORING, label="")
    right_angle(axis)
    axis.set_xlabel("")


def _alt(rows, datasets) -> str:
    end = rows[rows.epoch == rows.groupby("key").epoch.transform("max")]
    parts = [f"{dataset}, {ANGLES[metric][1]}: {in_words(group)}"
             for (dataset, metric), group in end.groupby(["dataset", "metric"], sort=False)]
    return (f"Alignment angles in degrees against epochs. At the end, {'; '.join(parts)}."
            f"{absent_in_words(rows, datasets)}")


_CAPTION = (
    "PEPITA normal, one hidden layer, without mirroring, with weight mirroring at every batch "
    "(WM), with one epoch of pre-mirroring (PreM), with both. Columns: F with the product of the "
    "weights; the effective feedback W_1 F with the output weights; each factor of F = B_1 B_2 "
    "with its own layer. 90° (dotted): no alignment. Mean ± standard deviation over seeds."
)
