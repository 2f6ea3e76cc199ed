# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#       jupytext_version: 1.19.6
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Figure 3: deeper networks
#
# The paper trains PEPITA in networks of one to three hidden layers on CIFAR-10 and asks three
# things. Does the way in which weights and feedback are drawn matter once the network is deep (a)?
# Does weight decay help (b)? And does the fixed feedback {math}`F` end up aligned with the product of the
# forward weights, as [the theory](theory.md) of [adaptive feedback](rules.md#adaptive-feedback-alignment) wants, more so with weight
# mirroring (c)?

# %% tags=["parameters"]
profile = "auto"  # auto, smoke, laptop or paper
depth = None  # None: as the profile says, here and below
width = None
seeds = None
epochs = None
dataset = None
rules = None  # comma-separated: uniform,normal,hebbian

# %% tags=["hide-input"]
from topdown_book import page

figure = page.open_figure("fig3", globals())
figure.compute()

# %% tags=["hide-input"]
figure.show()

# %% [markdown]
# **What to look at.** In (a), how far each curve falls from one hidden layer to three. In (b),
# whether the filled markers lie above the open ones, and whether the gap grows with depth. In (c),
# epoch 0 is measured *before* the first training step: pre-mirroring has already moved the angle
# there, and without it the angle starts at 90 degrees, where two unrelated matrices of this size
# are.
