"""Figure 2, panels b to d: a two-layer student, its ODEs and online learning at finite D."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from topdown_book.figures._parameters import Parameter
from topdown_book.figures._study import Study, cores

if TYPE_CHECKING:
    from topdown import theory  # SciPy and numba: only where something is calculated

FIRST_DECADE = 1e-3  # times shown run over three decades
LOOSE = dict(rtol=1e-5, atol=1e-7, max_evaluations=5000)
"""Accuracy of maps and grids: their deviations are of order 1e-3 and more."""
CURVE_OF = {"pepita": "afa"}  # the paper's claim: PEPITA lies on the curve of AFA
RULES = ("bp", "fa", "afa", "pepita")
"""Those of `topdown.theory`, which takes long to import."""

PARAMETERS = (
    Parameter("D", int, "inputs of the simulated student (b to d)", low=8, high=20_000),
    Parameter("eta", float, "learning rate of both layers (b to d)", low=1e-6, high=10),
    Parameter("K", int, "hidden units of the student (b to d)", low=1, high=8),
    Parameter("M", int, "hidden units of the teacher (b to d)", low=1, high=8),
    Parameter("outputs", int, "outputs of both (b to d)", low=1, high=20),
    Parameter("rules", "list", "rules simulated (b)", choices=RULES),
    Parameter("gamma", float, "strength of PEPITA's feedback (b)", low=1e-6, high=100),
    Parameter("scaling", str, "size of F (b to d), see the text", choices=("macro", "micro")),
    Parameter("streams", int, "number of simulated streams of samples (b)", low=1, high=1000),
    Parameter("horizon", float, "last time, samples / D (b to d)", low=1, high=1e6),
)
DEFAULTS = dict(D=500, eta=0.05, K=2, M=2, outputs=1, rules=("pepita", "afa"), gamma=0.1,
                scaling="macro", streams=3, horizon=2500.0)


class Run(NamedTuple):
    """Simulations of one rule: t (n,), seed (streams,), generalization_error (streams, n)."""

    t: np.ndarray
    seed: np.ndarray
    generalization_error: np.ndarray


@dataclass(frozen=True)
class TwoLayers:
    """`curves`: the ODE's trajectory for each rule simulated, and always for AFA."""

    settings: dict
    start: dict
    curves: dict[str, theory.Trajectory]
    runs: dict[str, Run]

    def curve(self, rule: str) -> theory.Trajectory:
        """The trajectory on which the simulation of `rule` should lie."""
        return self.curves[CURVE_OF.get(rule, rule)]

    def deviations(self, rule: str) -> np.ndarray:
        """|simulation / curve - 1| of the error, percent, averaged over times; one a stream."""
        curve = self.curve(rule).at(self.runs[rule].t).generalization_error
        return 100 * np.abs(self.runs[rule].generalization_error / curve - 1).mean(-1)


def start(K: int = 2, M: int = 2, scaling: str = "macro", outputs: int = 1) -> dict:
    """The misaligned start as keywords of `theory.drift`; vectors for one output, else matrices.

    a_k = .6 (-1)^k / (1 + 2k), k = 0, 1, ...: neither along v(0) nor along a copy of the teacher;
    with several outputs, times a random unit row. FA's fixed factors are a(0). G: in the macro
    scaling 1 more than the overlaps need; in the micro scaling it is left to `theory.simulate`,
    which takes D.
    """
    from topdown import theory

    state = theory.default_init(K, M, outputs=outputs if outputs > 1 else None)
    sizes = np.linalg.norm(state["a"].reshape(K, -1), axis=1)
    scale = 0.6 / (1 + 2 * np.arange(K)) / sizes
    state["a"] = state["feedback"] = (scale * state["a"].T).T
    one = np.eye(outputs) if outputs > 1 else 1
    state["G"] = None if scaling == "micro" else one + least_G(state)
    return state


def least_G(state: dict) -> float | np.ndarray:
    """Smallest F_c.F_d/D with the overlaps o = (a, b): o' C^-1 o; a number for one output."""
    covariance = np.block([[state["Q"], state["R"]], [state["R"].T, state["T"]]])
    overlaps = np.concatenate([state["a"], state["b"]])
    return overlaps.T @ np.linalg.solve(covariance, overlaps)


def rates(settings: dict) -> dict:
    """Learning rates and feedback strength as keywords of `theory.drift`."""
    return dict(eta_w=settings["eta"], eta_v=settings["eta"], gamma=settings["gamma"])


def compute(settings: dict) -> pd.DataFrame:
    """Columns rule, stream, t, error: simulations of all rules, which see the same streams."""
    from topdown import theory

    runs = theory.simulate(list(settings["rules"]), settings["D"], t=_times(settings, 31),
                           seed=range(settings["streams"]), scaling=settings["scaling"],
                           workers=cores(), **_given(settings))
    return pd.concat([pd.DataFrame(dict(rule=rule, stream=seed, t=run.t, error=error))
                      for rule, run in runs.items()
                      for seed, error in zip(run.seed, run.generalization_error)])


def solve(simulated: pd.DataFrame, settings: dict) -> TwoLayers:
    """The simulations, and the ODEs on a finer grid of times."""
    from topdown import theory

    errors = simulated.pivot(index=["rule", "stream"], columns="t", values="error")
    runs = {rule: Run(errors.columns.to_numpy(), errors.loc[rule].index.to_numpy(),
                      errors.loc[rule].to_numpy()) for rule in settings["rules"]}
    state = _given(settings)
    needed = dict.fromkeys(["afa", *(CURVE_OF.get(rule, rule) for rule in runs)])
    curves = {rule: theory.integrate(rule, t=_times(settings, 301), **state) for rule in needed}
    return TwoLayers(settings, state, curves, runs)


def _given(settings: dict) -> dict:
    size = settings["K"], settings["M"], settings["scaling"], settings["outputs"]
    return start(*size) | rates(settings)


def _times(settings: dict, count: int) -> np.ndarray:
    return np.append(0, np.geomspace(FIRST_DECADE, 1, count) * settings["horizon"])


TWO_LAYERS = Study("ODEs and simulations of a two-layer student", PARAMETERS, DEFAULTS,
                   name="two_layers", compute=compute, stored=1, shown=solve)
