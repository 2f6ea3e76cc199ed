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
# # Figure S3: PEPITA against AFA
#
# **Question.** How far does the approximation by AFA carry in a network that learns a real task?

# %% tags=["parameters"]
profile = "auto"  # auto, smoke, laptop or paper
datasets = None  # comma-separated, as mnist,cifar10; None: as the profile says, here and below
width = None
epochs = None
seeds = None

# %% tags=["hide-input"]
from topdown_book import page

figure = page.open_figure("figs3", globals())
figure.compute()

# %% tags=["hide-input"]
figure.show()

# %% [markdown]
# **What to look at.** Dots and crosses at {math}`s = 0.05`: do they coincide? Then the same at {math}`s = 0.5`. The gap
# is taken seed by seed, so its standard deviation can be smaller than that of either curve.
# A panel that stays at chance level shows a strength and rate at which both rules fail alike.
#
# ## Background
#
# [AFA](rules/afa.md) is PEPITA to first order in {math}`F`. The paper compares test curves from identical initialisations, on
# more cases than its Figure 2a. Here both rules get, seed by seed, the same weights, the same {math}`F`, the same
# dropout masks and the same order of samples, so that whatever difference remains is due to the rule.
#
# A weak {math}`F` makes the two rules alike. We add a strong one, ten times the default, where they need not be. Rates and
# strengths are our choice: the paper's are unknown to us.
