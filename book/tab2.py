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
# # Table 2: techniques
#
# **Question.** Does PEPITA gain from what helps backpropagation, and from weight mirroring?

# %% tags=["parameters"]
profile = "auto"  # auto, smoke, laptop or paper
datasets = None  # comma-separated, as mnist,cifar10; None: as the profile says, here and below
width = None
epochs = None
seeds = None

# %% tags=["hide-input"]
from topdown_book import page

figure = page.open_figure("tab2", globals())
figure.compute()

# %% tags=["hide-input"]
figure.show()

# %% [markdown]
# **What to look at.** How far PEPITA stays behind BP and FA, and how much of that distance a
# technique closes. A difference of the size of the standard deviations decides nothing. Normalised
# activities have length one whatever the width, so at a learning rate chosen for unnormalised ones
# they learn more slowly; here that rate is the same in all rows, and the table of the paper, whose
# settings were tuned in a way we do not know, may look different for that reason alone.
#
# All rules share the learning rate 0.01, momentum, dropout and He-normal weights. With one hidden layer FA and DFA are
# the same rule, and a seed draws the same feedback.
#
# ## Background
#
# Table 2 of the paper combines {none, weight decay, normalisation} with {no mirroring, weight mirroring} on three data sets, beside
# rules of the literature. We add the combination that a reviewer missed, weight decay *and* normalisation, and [DFA](rules/dfa.md) to the
# baselines.
