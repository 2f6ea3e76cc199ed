"""Time and accuracy of the theory: `python benchmarks/bench_theory.py [--quick]`.

Prints one line a measurement: seconds (processor time of one core, best of `REPEATS` where short),
and the worst error of PEPITA's quadrature over random states against a much finer grid.
"""

import argparse
import time
import warnings

import numpy as np

from topdown.theory import RULES, default_init, drift, integrate, simulate
from topdown.theory._problem import build
from topdown.theory._two_pass import two_pass_moments

STATE = default_init() | dict(eta_w=0.05, eta_v=0.05, feedback=[0.5, -0.4], gamma=0.1)
REPEATS = 3


def seconds(call, repeats=REPEATS):
    """Least processor time of `repeats` calls."""
    spent = []
    for _ in range(repeats):
        start = time.process_time()
        call()
        spent.append(time.process_time() - start)
    return min(spent)


def time_theory(t_end):
    for rule in RULES:
        spent = seconds(lambda rule=rule: drift(rule, **STATE))
        print(f"drift      {rule:7} {1e3 * spent:9.3f} ms")
    for rule in RULES:
        spent = seconds(lambda rule=rule: integrate(rule, t=t_end, **STATE))
        print(f"integrate  {rule:7} {spent:9.3f} s   to t = {t_end:g}")
    several = default_init(outputs=10) | dict(eta_w=0.05, eta_v=0.05)
    several["feedback"] = several["a"]
    for rule in RULES[:3]:
        spent = seconds(lambda rule=rule: integrate(rule, t=t_end, **several))
        print(f"integrate  {rule:7} {spent:9.3f} s   to t = {t_end:g}, 10 outputs")


def time_simulation(t_end, D=500):
    simulate(RULES, D, t=[0.1], **STATE)  # compile
    for rule in RULES:
        spent = seconds(lambda rule=rule: simulate(rule, D, t=t_end / 10, **STATE), 1)
        print(f"simulate   {rule:7} {10 * spent:9.2f} s   D = {D}, t = {t_end:g} (from a tenth)")
    spent = seconds(lambda: simulate(RULES, D, t=t_end, **STATE), 1)
    print(f"simulate   all     {spent:9.2f} s   D = {D}, t = {t_end:g}, four rules on one stream")


def quadrature_errors(n):
    rng = np.random.default_rng(0)
    for K, M in ((1, 1), (2, 2), (1, 3), (3, 1)):
        errors = []
        for gamma in np.repeat([0.1, 0.5, 1.0], n):
            vectors = rng.standard_normal((K + M + 1, K + M + 4)) / np.sqrt(K + M + 4)
            C = vectors @ vectors.T
            state = dict(Q=C[:K, :K], R=C[:K, K:-1], T=C[K:-1, K:-1], a=C[:K, -1], b=C[K:-1, -1])
            state |= dict(G=C[-1, -1], v=rng.standard_normal(K), v_teacher=rng.standard_normal(M))
            problem = build("pepita", **state, gamma=gamma, eta_w=1.0, eta_v=1.0)
            ours, fine = two_pass_moments(problem), two_pass_moments(problem, 10**7, 0.5)
            errors.append(max(np.abs(x - y).max() for x, y in zip(ours, fine)))
        median, worst = np.median(errors), max(errors)
        print(f"quadrature K={K} M={M} {median:9.1e} median, {worst:.1e} worst of {len(errors)}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a tenth of the work")
    part = 10 if parser.parse_args().quick else 1
    warnings.simplefilter("ignore")
    time_theory(1000)
    time_simulation(1000 / part)
    quadrature_errors(20 // part)
