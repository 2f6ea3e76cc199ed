"""Forward-Forward's public errors on MNIST beside ours, and what each part of a recipe changes."""

from __future__ import annotations

import pandas as pd

from topdown_book.figures._drawing import Table
from topdown_book.figures._experiment import Case, Experiment, Results
from topdown_book.figures._panels import summary
from topdown_book.figures._parameters import COMMON, Parameter
from topdown_book.figures._recipes import each, forward_forward, usual
from topdown_book.figures._tables import NOT_RUN, mean_sd
from topdown_book.figures._words import Estimate, joined, paired, runs

PUBLIC = {
    "Hinton's report": "1.36",
    "best PyTorch reproduction, read-out": "1.45",
    "Hinton's Matlab code": "1.47",
    "mpezeshki's code": "6.84",
    "PyTorch's own example": "about 7",
}
"""Test error in percent, as these sources or a reproduction that quotes them say."""
GOODNESS, READOUT = "ours, by goodness", "ours, by a read-out"
ALL = "the reproduction's recipe"
PEER = 0.03
"""Of Hinton's code and, in another unit, of the reproduction's, see `GoodnessOptions`."""


def variants(width: int) -> dict[str, tuple[str, dict]]:
    """Name -> the variant that it changes, and how."""
    theirs = {
        "biases": dict(ff_biases=True),
        "initial scale": dict(initialization="fan_out_normal"),
        "read-out with weight decay": dict(ff_readout_decay=3e-3),
        "cool-down": dict(cool_down=True, decay_epochs=()),
    }
    together = {"ff_peer_normalization": PEER * 0.2 / width}
    for options in theirs.values():
        together |= options
    return {
        GOODNESS: ("", dict(probe="goodness_difference")),
        READOUT: (GOODNESS, dict(ff_prediction="readout")),
        **{name: (READOUT, {"ff_prediction": "readout", **options})
           for name, options in {**theirs, ALL: together}.items()},
        "peer normalisation as Hinton's": (GOODNESS, dict(ff_peer_normalization=PEER)),
        "mean of squares, threshold 2, all layers predict": (GOODNESS, dict(
            ff_goodness="mean", ff_threshold=2.0, ff_prediction="all", lr=1e-3 * width,
            weight_decay=0.0)),
    }


def cases(settings: dict) -> list[Case]:
    """Ours, ours with one change each, and with all changes towards the reproduction."""
    return each(settings, {name: forward_forward(settings["epochs"], **own) for name, (_, own)
                           in variants(settings["width"]).items()}, settings["depth"])


FIGURE = Experiment(
    title="Forward-Forward's public errors, and what makes the difference",
    parameters=(*COMMON, Parameter("depth", int, "number of hidden layers", low=1, high=10)),
    profiles={name: {**sizes, "depth": 2} for name, sizes in usual("mnist", "mnist").items()}
    | {"paper": dict(dataset="mnist", width=1000, depth=3, epochs=100, seeds=10)},
    cases=cases,
    units=("variant",),
)


def draw(results: Results) -> Table:
    """The public errors, then ours with the change that each part of a recipe makes."""
    final = results.final()
    rows = [{"network": name, "error (%)": error, "changes": "", "by (points)": ""}
            for name, error in PUBLIC.items()]
    for name, (base, _) in variants(results.settings["width"]).items():
        own = final[final.variant == name]
        rows.append({"network": f"here: {name}", "changes": base,
                     "error (%)": mean_sd(100 - own.value) if len(own) else NOT_RUN,
                     "by (points)": _change(final, name, base)})
    numbers = summary(final.assign(value=100 - final.value), ["variant"])
    return Table(pd.DataFrame(rows), _caption(results.settings), numbers)


def _gain(final: pd.DataFrame, name: str, base: str) -> Estimate:
    """The error of `name` minus that of `base`, seed by seed."""
    return paired(final.assign(value=-final.value), "variant", name, base)


def _change(final: pd.DataFrame, name: str, base: str) -> str:
    return _gain(final, name, base).words("") if {name, base} <= set(final.variant) else ""


def _caption(settings: dict) -> str:
    return (f"Test error on MNIST as public sources give it, and on {settings['dataset']} here, "
            f"with {settings['depth']} layers of {settings['width']} units and "
            f"{settings['epochs']} epochs, mean ± standard deviation over seeds. The last columns: "
            "which variant a line changes, and the change of the error, paired by seed, with its "
            "95 % interval.")


def answer(results: Results) -> str:
    """A part makes a difference if the interval of the paired change excludes zero."""
    final, pairs = results.final(), variants(results.settings["width"])
    found = {name: _gain(final, name, base) for name, (base, _) in pairs.items()
             if {name, base} <= set(final.variant)}
    better = [f"{name} {own.words()}" for name, own in found.items() if own.below]
    worse = [f"{name} {own.words()}" for name, own in found.items() if own.above]
    rest = [name for name, own in found.items() if not own.clear]
    parts = [f"{lead}: {joined(names)}." for lead, names in (
        ("The error falls with", better), ("It grows with", worse),
        ("Not to be told from no change", rest)) if names]
    here = "; ".join(f"{name} {mean_sd(100 - final[final.variant == name].value)}"
                     for name in (GOODNESS, READOUT, ALL) if name in set(final.variant))
    errors = f"The error here, in percent: {here}"
    if not parts:  # one part at a time has not been run at these sizes
        return f"{errors}; what each part changes was only tried at smaller ones. {runs(results)}"
    return f"{' '.join(parts)} {errors}. {runs(results)}"
