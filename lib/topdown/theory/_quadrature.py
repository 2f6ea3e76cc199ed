"""Quadrature nodes for averages of smooth functions over independent standard Gaussians.

In one dimension the trapezoidal rule converges like exp(-2 pi^2 / (h^2 (1 + w))) for a function
whose features are as sharp as erf of slope sqrt(w); for sharp features that beats Gauss-Hermite
(measured at K = M = 2, 2e4 nodes: 1e-6 against 1e-2), while a flat direction (w << 1) needs a few
Gauss-Hermite nodes only. Each direction takes the cheaper of the two. The product is cut to a
ball and, the integrands being even, to half of it.
"""

from functools import lru_cache

import numpy as np
from scipy.special import gamma as gamma_function
from scipy.stats import chi2

STEP = 0.75  # trapezoidal step at w = 0: errors of about 1e-8 for slopes of order one
TAIL = 1e-9  # Gaussian mass left outside the ball


def nodes(widths, max_points, step=STEP):
    """Points X (n, r), weights W (n,) summing to 1, and the step used (longer if too many points).

    `widths` (r,): squared sharpness along each direction; 0 is an integrand that does not depend on
    that direction. E[f(x)] = W @ f(X) for x ~ N(0, I_r) and f(-x) = f(x). Grids are cached at
    rounded steps and then stretched, so X varies smoothly with `widths` (an adaptive solver sees no
    jumps).
    """
    rules = [_rule(width, step) for width in widths]
    excess = _count(rules) / max_points
    if excess > 1:
        step *= excess ** (1 / max(sum(kind == "trapezoid" for kind, _ in rules), 1))
        rules = [_rule(width, step) for width in widths]
    rounded = tuple(_rounded(*rule) for rule in rules)
    X, W = _product(rounded)
    stretched = X * [value / near for (_, value), (_, near) in zip(rules, rounded)]
    W = W * np.exp(((X**2).sum(1) - (stretched**2).sum(1)) / 2)
    return stretched, W / W.sum(), step


def _rule(width, step):
    """The cheaper rule along a direction: ("hermite", number of nodes) or ("trapezoid", step)."""
    if width < 1e-15:
        return "hermite", 1
    h = step / np.sqrt(1 + width)
    level = 2.0 ** np.ceil(np.log2(width))
    n = int(np.ceil(np.log(TAIL) / np.log(level / (1 + level)))) + 1
    return ("hermite", n) if n < 12 / h else ("trapezoid", h)


def _rounded(kind, value):
    """The same rule at the next smaller of a few steps."""
    return kind, value if kind == "hermite" else 2.0 ** (np.floor(8 * np.log2(value)) / 8)


def _count(rules):
    """Number of points of the product: volume of the ball over the cell, halved by parity."""
    steps = [value for kind, value in rules if kind == "trapezoid"]
    r = len(steps)
    ball = np.pi ** (r / 2) / gamma_function(r / 2 + 1) * _radius(len(rules)) ** r
    flat = np.prod([float(value) for kind, value in rules if kind == "hermite"])
    return 0.5 * flat * ball / np.prod(steps)


@lru_cache
def _radius(dimensions):
    return float(np.sqrt(chi2.isf(TAIL, max(dimensions, 1))))


@lru_cache
def _line(kind, value, radius):
    """Nodes and normalised weights in one dimension, symmetric about 0."""
    if kind == "hermite":
        x, weight = np.polynomial.hermite_e.hermegauss(value)
    else:
        m = int(radius / value)
        x = value * np.arange(-m, m + 1)
        weight = np.exp(-(x**2) / 2)
    return x, weight / weight.sum()


@lru_cache(maxsize=24)
def _product(rules):
    radius = _radius(len(rules))
    X, W = np.zeros((1, 0)), np.ones(1)
    for rule in rules:
        x, weight = _line(*rule, radius)
        inside = (X**2).sum(1)[:, None] + x**2 < radius**2
        old, new = np.nonzero(inside)
        X, W = np.column_stack([X[old], x[new]]), W[old] * weight[new]
    return _halve(X, W)


def _halve(X, W):
    """Keep one of each pair x, -x with twice the weight: its first coordinate but 0 is > 0."""
    sign = np.zeros(len(X))
    for column in X.T:
        sign = np.where(sign == 0, np.sign(column), sign)
    W = np.where(sign == 0, W, 2 * W)[sign >= 0]
    return np.ascontiguousarray(X[sign >= 0]), W / W.sum()
