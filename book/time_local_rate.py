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
# # Does the time-local rule meet PEPITA-Hebbian as the rate falls?
#
# **Question.** Do the time-local rule and PEPITA-Hebbian come to the same thing if the learning rate is small enough?

# %% tags=["parameters", "hide-input"]
profile = "auto"  # auto, smoke, laptop or paper
dataset = None  # None: as the profile says, here and below
width = None
epochs = None
seeds = None

# %% tags=["hide-input"]
from topdown_book import page

figure = page.open_figure("time_local_rate", globals())
figure.compute()

# %% tags=["hide-input"]
figure.show()

# %% [markdown]
# **What to look at.** In (b), from which rate on the interval reaches zero. In (a), what either rule has learnt at that rate: a rate at
# which both have barely moved shows agreement, but not a useful one. The distance that opens at
# high rates is what locality in time changes, for worse or for better. If both curves fall together at low rates, a slow recipe alone
# explains a low accuracy.
#
# ## Background
#
# The two rules add up the same two products. The time-local rule applies the first before it computes the second, on
# weights that have already moved. What has moved is proportional to the learning rate, so the difference between the rules should
# vanish with it: a test proves this for a single step. Here is what is left of it after whole epochs. With momentum, a half-step that has a
# buffer of its own, as here, moves the weights by a whole running sum of past gradients before the second pass, so the distance
# opens at lower rates than the rate alone suggests.
#
# **Where the published accuracy comes from** is a question of two things, then: the slow recipe, and the momentum buffer. In the released code
# both half-steps share one buffer; in the formula nothing is shared. [Figure S1](figs1.ipynb) shows the rule both ways by the published
# recipe on CIFAR-10, beside PEPITA-Hebbian, and [the errata](errata_measured.ipynb) measure the difference (row 5): there the shared
# buffer is what lets the rule learn. Here each half-step has its own, and [how much that does](errata.md#one-momentum-buffer-for-two-half-steps)
# depends on the rate and on the data.
#
# **What remains open.** Accuracy at the end is a coarse measure: rules that reach the same accuracy may still learn different weights. And a rate small enough for the two to meet may be too small to learn within the epochs of this profile; only longer runs can tell the one from the other.
