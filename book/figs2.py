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
# # Figure S2: what the modulation does to the activity
#
# **Question.** Do PEPITA's two passes come together while it learns?

# %% tags=["parameters"]
profile = "auto"  # auto, smoke, laptop or paper
dataset = None  # None: as the profile says, here and below
depth = None
width = None
epochs = None
seeds = None

# %% tags=["hide-input"]
from topdown_book import page

figure = page.open_figure("figs2", globals())
figure.compute()

# %% tags=["hide-input"]
figure.show()

# %% [markdown]
# **What to look at.** The width of the distributions, which share one axis, and its course in (d). It starts with
# {math}`y` nearly uniform, when every error is large. Two things change it afterwards. Errors become smaller, which
# narrows it; weights grow, and with them both activities, which widens it. Panel (d) shows which of the two wins, and
# when.
#
# Dropout is off when this is measured, and the outermost samples, beyond the recorded quantiles, are not drawn.
#
# The median is worth a look too. Nothing in PEPITA pushes the difference to one side, in contrast to
# Forward-Forward; a shift shows how feedback and first-layer weights have come to agree.
#
# ## Background
#
# Forward-Forward and PEPITA both show a network two samples and compare activities. In Forward-Forward the
# difference between the two *goodnesses*, sums of squared activities, is what a layer maximises. In
# PEPITA the second sample is the first one moved by the error, so as the error shrinks, the two passes
# become alike. The paper shows this by the difference
#
# ```{math}
# :label: eq-goodness-difference
# \norm{h_1}^2 - \norm{h'_1}^2
# ```
#
# in the first hidden layer, over the test set, before training, after half of it and at the end: its spread
# shrinks.
