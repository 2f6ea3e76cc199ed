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
# # Beyond three hidden layers
#
# **Question.** Does PEPITA go on beyond three hidden layers, and does its feedback still align there?

# %% tags=["parameters", "hide-input"]
profile = "auto"  # auto, smoke, laptop or paper
dataset = None  # None: as the profile says, here and below
width = None
epochs = None
seeds = None
depth = None

# %% tags=["hide-input"]
from topdown_book import page

figure = page.open_figure("depth", globals())
figure.compute()

# %% tags=["hide-input"]
figure.show()

# %% [markdown]
# **What to look at.** First the crosses: depths at which the weights of a seed stopped being finite. Then, in (a), how far a
# lower rate carries, and what it costs in shallow networks, which it leaves unfinished. In (b), whether
# deep networks that learn slowly have aligned less, or not at all.
#
# ## Background
#
# The paper stops at three hidden layers. We train deeper
# networks at the learning rate of the other figures, 0.01, and at a tenth of it.
#
# Normalised networks of up to five layers are in [](tabs1.ipynb), the effect of width is in [](widths.ipynb).
#
# **What remains open.** Two learning rates are not a search: a rate tuned for each depth, or a warm-up, may carry further. Why deep networks of PEPITA-Hebbian lose their footing has no theory yet.
