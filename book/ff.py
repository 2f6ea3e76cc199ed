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
# # Forward-Forward beside PEPITA
#
# **Question.** How does Forward-Forward do in the same table as PEPITA?

# %% tags=["parameters", "hide-input"]
profile = "auto"  # auto, smoke, laptop or paper
depth = None  # None: as the profile says, here and below
width = None
seeds = None
epochs = None
dataset = None

# %% tags=["hide-input"]
from topdown_book import page

figure = page.open_figure("ff", globals())
figure.compute()

# %% tags=["hide-input"]
figure.show()

# %% [markdown]
# **What to look at.** In (a), how many epochs each rule needs: Forward-Forward learns from two passes per
# sample too, but its layers only see the label as ten pixels among many. In (b), the spread of the seeds
# against the distance between rules.
#
# ## Background
#
# Reviewers asked for Forward-Forward and PEPITA in one experiment. Here they are, on the same data and with the
# same hidden layers, each by the recipe that suits it. Forward-Forward has no output layer: it predicts the
# label under which its layers are most active, equation {eq}`eq-ff-prediction`, or by a linear read-out.
#
# Public errors of Forward-Forward lie between 1.36 % (Hinton's report) and about 7 %; [the next page](ff_recipes.ipynb) puts ours
# beside them and measures what makes the difference. The smaller profiles stop long before; what they
# reach is what the figure shows, and no more. FF has batches of 100 and a rate of 0.001, the others 64 and 0.01; goodness is summed
# over all layers but the first. The rate of Forward-Forward was checked on images held out
# of the training set, never on the test set.
#
# **What remains open.** Each rule runs by its own recipe, so the comparison is one of rules with recipes. Whether the order stays the same after a hundred epochs, and on harder images, the runs of this profile do not say.
