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
# # From PEPITA-Hebbian to Forward-Forward
#
# **Question.** How alike are the updates of PEPITA-Hebbian and Forward-Forward, for the same weights and images?

# %% tags=["parameters", "hide-input"]
profile = "auto"  # auto, smoke, laptop or paper
depth = None  # None: as the profile says, here and below
width = None
seeds = None
epochs = None
dataset = None

# %% tags=["hide-input"]
from topdown_book import page

figure = page.open_figure("ff_link", globals())
figure.compute()

# %% tags=["hide-input"]
figure.show()

# %% [markdown]
# **What to look at.** A cosine of 1 means that a step changes nothing but the length of the update, 0 that what is
# left has nothing to do with PEPITA-Hebbian's. The change at which the points fall is the one that
# separates the rules. Compare (a) with (b): whether training brings them together or drives them apart.
#
# ## Background
#
# Written as formulas, equations {eq}`eq-link-hebbian` and {eq}`eq-ff-update`, the two rules are sisters. How alike are
# they as vectors? We take one network and one set of images, write down both updates, and walk from one to the
# other, one change at a time: the length of the inputs, then the logistic weights or the pairs of samples, then both.
#
# **What remains open.** The weights here are PEPITA-Hebbian's own. Updates that point apart at one point may still lead to similar networks, and we have not compared where the two end.
