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
# # Table S1: depth
#
# **Question.** Do the trends of [Figure 3](fig3.ipynb), which is about CIFAR-10, hold on other data?

# %% tags=["parameters"]
profile = "auto"  # auto, smoke, laptop or paper
datasets = None  # comma-separated, as mnist,cifar10; None: as the profile says, here and below
depth = None
rules = None  # comma-separated: uniform,normal,hebbian
width = None
epochs = None
seeds = None

# %% tags=["hide-input"]
from topdown_book import page

figure = page.open_figure("tabs1", globals())
figure.compute()

# %% tags=["hide-input"]
figure.show()

# %% [markdown]
# **What to look at.** Along a row: what a further layer costs. Between the first two rows of a variant:
# whether weight decay makes up for it. PEPITA normal and PEPITA-Hebbian: the authors report that they
# differ by less than 0.15 % on MNIST and on CIFAR-100 at every depth.
#
# The learning rate is 0.01 on every data set, the released default (the ancestor used 0.1 on MNIST). The sources do
# not say which of the two initialisations the paper's cells used.
#
# ## Background
#
# How many hidden layers can PEPITA train? The paper's Table S1 lists accuracy for one to three. On
# CIFAR-100, the authors report, three layers stay at chance level without weight decay and learn with
# it. We list the same depths for all three variants of [](fig3.ipynb) and, as reviewers asked how the rule scales
# beyond, normalised networks of up to five.
