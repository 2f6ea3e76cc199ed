# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Appendix: theory against simulation
#
# **Question.** How good are the ODEs at a finite number of inputs {math}`D`, and is what remains noise or error?

# %% tags=["parameters"]
smallest = None  # inputs; doubled up to the largest; None: the default, here and below
largest = None
eta = None
eta_large = None
gamma = None
streams = None
horizon = None

# %% tags=["hide-input"]
from topdown_book import page

figure = page.open_figure("theory_vs_simulation", globals())
figure.compute()

# %% tags=["hide-input"]
figure.show()

# %% [markdown]
# **What to look at.** Every line should have the slope of the dotted one, {math}`-1/2`, up to a few standard errors. The two rates differ
# in height, not in slope: noise grows with the learning rate. At the larger rate the term in {math}`\eta_w^2`, which is easily forgotten
# at the smaller one, is a large part of the theory; a theory without it would level off in (b).
#
# The four rules of one stream see the same samples and the same initial weights, so their errors are alike and the four slopes are not independent.
# Relative errors near the end of learning say little: there the error falls exponentially, and a small shift
# in time is a large factor. Hence the floor in the caption. Slopes are fitted to single streams, and PEPITA is compared with its own, exact ODE.
#
# ## Background
#
# The [ODEs](appendix_odes.md) hold as {math}`D \to \infty`; the paper simulates {math}`D = 500`. Noise has a signature. Each order parameter is a sum of about {math}`D` small contributions, so a run
# should stay within {math}`\order{D^{-1/2}}` of the ODE. A wrong term in the equations would leave a distance that does *not* shrink.
#
# Two things must be right for the test to mean anything. The simulated weights have *exactly* the initial overlaps of the theory, by construction:
# with overlaps that are only right on average, the error of the start, itself {math}`\order{D^{-1/2}}`, is carried along and
# hides the rest. And {math}`F` is macro-scaled, as micro-scaled feedback keeps [fluctuations of order one](theory.md#how-large-is-f) at any {math}`D`.
