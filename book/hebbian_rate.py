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
# # Which rule is on the curve "PEPITA-Hebbian"?
#
# **Question.** Does PEPITA-Hebbian stay above 50 % on CIFAR-10 with three hidden layers, as [Figure 3a](fig3.ipynb) of the paper says?

# %% tags=["parameters", "hide-input"]
profile = "auto"  # auto, smoke, laptop or paper
depth = None  # None: as the profile says, here and below
width = None
seeds = None
epochs = None
dataset = None

# %% tags=["hide-input"]
from topdown_book import page

figure = page.open_figure("hebbian_rate", globals())
figure.compute()

# %% tags=["hide-input"]
figure.show()

# %% [markdown]
# **What to look at.** The column of the deepest network. What the released code runs under the name of the Hebbian rule is PEPITA itself
# ([row 1 of the errata](errata.md)), so the paper's curve has to be compared with the first row. The second row is the rule of the paper's
# equations by the same recipe. A rule should not be judged at another rule's learning rate: the last rows look for a rate of its own,
# on training examples that are held out, and the row above them shows what it reaches there on the test set.
