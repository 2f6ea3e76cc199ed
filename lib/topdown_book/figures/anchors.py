"""Two known runs: PEPITA as its inventors released it, against what their notebook printed."""

from topdown.recipes import Recipe
from topdown_book.figures._drawing import Drawing
from topdown_book.figures._experiment import Case, Experiment, Results
from topdown_book.figures._known import known_curve
from topdown_book.figures._panels import in_words, last, over_epochs, summary
from topdown_book.figures._parameters import COMMON, DATASET, EPOCHS, Parameter
from topdown_book.figures._recipes import decay_within, make
from topdown_book.figures._theme import PALETTE, panels, percent_axis, spread, theme
from topdown_book.figures._words import estimate

THIS_PAPER, ANCESTOR = "this paper's code", "ICML 2022 code"
OPTIONS = {THIS_PAPER: dict(), ANCESTOR: dict(sign=1, output_error="second", decay_delay=1)}
SECOND_LR = 0.1


def cases(settings: dict) -> list[Case]:
    """Both versions of PEPITA on the first data set; the ancestor's with lr 0.1 on the second."""
    runs = [(settings["dataset"], name, settings["epochs"], 0.01) for name in OPTIONS]
    runs += [(settings["second_dataset"], ANCESTOR, settings["second_epochs"], SECOND_LR)]
    return [Case(_recipe(settings, *run), dict(variant=run[1], dataset=run[0], lr=run[3]))
            for run in runs]


def _recipe(settings: dict, dataset: str, variant: str, epochs: int, lr: float) -> Recipe:
    """A run that ends before the first decay has no delay of it."""
    decays, options = decay_within(epochs), OPTIONS[variant]
    if not decays:
        options = {name: value for name, value in options.items() if name != "decay_delay"}
    return make(settings, dataset=dataset, epochs=epochs, lr=lr, decay_epochs=decays, **options)


FIGURE = Experiment(
    title="Two known runs: the ancestor's recipe on CIFAR-10 and on MNIST",
    parameters=(
        *COMMON,
        Parameter("second_dataset", str, "data set of the run with learning rate 0.1",
                  choices=DATASET.choices),
        Parameter("second_epochs", int, "epochs of that run", low=1, high=EPOCHS.high),
    ),
    profiles={
        "smoke": dict(dataset="digits", width=64, epochs=20, seeds=2,
                      second_dataset="digits", second_epochs=10),
        "laptop": dict(dataset="cifar10", width=1024, epochs=10, seeds=3,
                       second_dataset="mnist", second_epochs=3),
        "paper": dict(dataset="cifar10", width=1024, epochs=100, seeds=10,
                      second_dataset="mnist", second_epochs=100),
    },
    cases=cases,
)


def answer(results: Results) -> str:
    """Our version of the ancestor beside the last value it printed that our runs reach."""
    s, rows = results.settings, results.curves("test_accuracy")
    known = known_curve("anchors", dict(variant=ANCESTOR, dataset=s["dataset"]), s)
    ours = rows[(rows.variant == ANCESTOR) & (rows.lr < SECOND_LR)]
    reached = [epoch for epoch in known if epoch in set(ours.epoch)]
    if not reached:
        return "No run here reaches an epoch whose accuracy is known."
    here = estimate(ours[ours.epoch == max(reached)].value)
    return (f"At epoch {max(reached)} the ancestor's notebook printed {known[max(reached)]:g} %, "
            f"ours reaches {here.words('%', '.2f')}.")


def draw(results: Results) -> Drawing:
    """Panels a (first data set, with the ancestor's printed values) and b (second, lr 0.1)."""
    s, curves = results.settings, results.curves("test_accuracy").query("epoch > 0")
    names = [s["dataset"], s["second_dataset"]]
    first, second = curves[curves.lr < SECOND_LR], curves[curves.lr >= SECOND_LR]
    known = known_curve("anchors", dict(variant=ANCESTOR, dataset=names[0]), s)
    with theme():
        figure, axes = panels(2, height=3.0)
        for axis, rows, title in zip(axes, (first, second), (
                f"a  {names[0]}, learning rate 0.01", f"b  {names[1]}, learning rate 0.1")):
            over_epochs(axis, rows, "variant", list(OPTIONS), title)
            percent_axis(axis)
        _stars(axes[0], {e: v for e, v in known.items() if e <= first.epoch.max()})
        axes[1].get_legend().remove()
    return Drawing(figure, _alt(first, second, known, names), _caption(known, first),
                   summary(curves, ["dataset", "variant", "lr", "epoch"]))


def _stars(axis, points: dict[int, float]) -> None:
    if points:
        axis.plot(points.keys(), points.values(), "*", color=PALETTE["black"], mfc="white", ms=11,
                  zorder=5, label="stored run of the ancestor, 1 seed")
    axis.legend(loc="lower right")


def _beside(rows, points: dict[int, float]) -> str:
    """"epoch 1: 35.0 ± 0.2 (known 35.12)" for the known epochs that we have run."""
    ours = rows[rows.variant == ANCESTOR]
    return "; ".join(f"epoch {e}: {spread(ours[ours.epoch == e].value)} (known {v:g})"
                     for e, v in sorted(points.items()) if e in set(ours.epoch))


def _alt(first, second, known, names) -> str:
    text = (f"Two panels of test accuracy in percent against epochs. a: {names[0]}, after "
            f"{first.epoch.max()} epochs: {in_words(last(first))}.")
    beside = _beside(first, known)
    text += f" The known run beside ours: {beside}." if beside else ""
    return (f"{text} b: {names[1]}, after {second.epoch.max()} epochs: "
            f"{spread(last(second).value)}.")


def _caption(known, first) -> str:
    later = ", ".join(f"{v:g} at epoch {e}" for e, v in sorted(known.items())
                      if e > first.epoch.max())
    text = ("PEPITA with one hidden layer, uniform weights and F, mean ± standard deviation over "
            "seeds. (a) Both versions of the released code. (b) The ancestor's, with its learning "
            "rate for MNIST.")
    text += (" Stars: what the ancestor's notebook printed, one run." if known else
             " The known run is on CIFAR-10: nothing to compare with here.")
    return text + (f" Later it printed {later}." if later else "")
