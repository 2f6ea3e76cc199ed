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
# # Two known runs
#
# **Question.** Is our PEPITA their PEPITA: does it reach the accuracy that its first code printed?

# %% tags=["parameters"]
profile = "auto"  # auto, smoke, laptop or paper
dataset = None  # None: as the profile says, here and below
width = None
epochs = None
seeds = None
second_dataset = None
second_epochs = None

# %% tags=["hide-input"]
from topdown_book import page

figure = page.open_figure("anchors", globals())
figure.compute()

# %% tags=["hide-input"]
figure.show()

# %% [markdown]
# **What to look at.** In (a), whether the stars lie within the spread of our curves. They come from one
# run, so a distance of the order of the band is what chance allows. In a run shorter than 60 epochs
# the learning rate never decays, so the curve is the beginning of the published one. Then compare the two
# versions: the sign of {math}`F` cannot matter on average, since {math}`F` is symmetric about zero; any difference
# is due to the error that trains the output layer.
#
# ## The two runs
#
# The code that came with the rule's first publication {cite}`dellaferrera2022error` includes a tutorial notebook, and its stored
# output shows the test accuracy of one run on CIFAR-10 at several epochs. That is a yardstick: the same network (one hidden layer of
# 1024), the same recipe, known numbers.
#
# We train that version, with {math}`x' = x + eF^\top` and the error of the second pass for the output layer, and beside it the version of
# the present paper's code, with {math}`x' = x - eF^\top` and the error of the first pass (see [](rules/pepita.md)). For MNIST the ancestor
# used a learning rate of 0.1; we know no number for it, and show ours.
