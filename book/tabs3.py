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
# # Table S3: hyper-parameters
#
# **Question.** Which hyper-parameters suit each rule, and what does tuning bring?

# %% tags=["parameters"]
profile = "auto"  # auto, smoke, laptop or paper
rules = None  # as BP,PEPITA; None: as the profile says, here and below
dataset = None
width = None
epochs = None
seeds = None
trials = None
tuning_seeds = None
tuning_epochs = None
n_train = None
held_out = None

# %% tags=["hide-input"]
from topdown_book import page

figure = page.open_figure("tabs3", globals())
figure.compute()

# %% tags=["hide-input"]
figure.show("values")

# %% [markdown]
# ## Where it was searched

# %% tags=["hide-input"]
figure.show("space")

# %% tags=["hide-input"]
figure.show("landscape")

# %% [markdown]
# **What to look at.** Whether the stars lie inside their ranges or at an edge; at an edge the range was too
# narrow. How steep the landscape is along the learning rate, compared with weight decay and dropout. Whether tuning changes
# the order of the rules. And how far the held-out accuracy of the best trial lies from the test accuracy: it comes from a shorter training on fewer
# examples, so it is lower for that reason, and it is the best of many, so it is higher than the same values would get again.
#
# `topdown tune --profile laptop` does the search alone. It can be stopped at any moment and goes on where it was:
# Optuna (TPE, the first 8 trials at random, seeds from 1000) keeps the trials, and the proposal of a trial depends on those before it and on nothing else.
#
# ## How they were found
#
# The paper lists the hyper-parameters of its networks in Table S3. That table is unknown to us, so this page shows
# ours, and how they were found. All rules get the same number of trials in the same kind of space.
#
# The released code chooses on what it calls a validation set, which is the test set. Here a part of the *training* set is held out, every trial is judged on it,
# and the search never gets the test set. It is used once, at the end, for the values that have won, with seeds that no trial has seen.
