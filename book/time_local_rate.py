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
# (time-local-rate)=
# # Does the time-local rule meet PEPITA-Hebbian as the rate falls?
#
# The two rules add up the same two products. The time-local rule applies the first before it computes the second, on
# weights that have already moved. What has moved is proportional to the learning rate, so the difference between the rules should
# vanish with it: a test proves this for a single step. Here is what is left of it after whole epochs.

# %% tags=["parameters"]
profile = "auto"  # auto, smoke, laptop or paper
dataset = None  # None: as the profile says, here and below
width = None
epochs = None
seeds = None

# %% tags=["hide-input"]
from topdown import figures, notebook

figure = notebook.open_figure("time_local_rate", globals())
results = figure.compute()

# %% tags=["hide-input"]
figure.show(figures.time_local_rate(results))

# %% [markdown]
# **What to look at.** In (b), from which rate on the interval reaches zero. In (a), what either rule has learnt at that rate: a rate at
# which both have barely moved shows agreement, but not a useful one. The distance that opens at
# high rates is the price of locality in time. If both curves fall together at low rates, the low accuracy of the published
# time-local run is a matter of its slow recipe.
#
# ## Parameters

# %% tags=["hide-input"]
notebook.parameter_table("time_local_rate")
