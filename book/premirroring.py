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
# # The angle before the first epoch
#
# **Question.** Should pre-mirroring not change the angle of {math}`F` before the first epoch?

# %% tags=["parameters", "hide-input"]
profile = "auto"  # auto, smoke, laptop or paper
dataset = None  # None: as the profile says, here and below
width = None
epochs = None
seeds = None

# %% tags=["hide-input"]
from topdown_book import page

figure = page.open_figure("premirroring", globals())
figure.compute()

# %% tags=["hide-input"]
figure.show()

# %% [markdown]
# **What to look at.** In (a), epoch 0: without pre-mirroring {math}`F` and the weights are independent, and the angle is a right one, up to
# the few degrees by which random matrices of this shape differ. Then the way back: {math}`F` stays as it was mirrored while the
# weights move on, so the angle grows, unless the rule aligns the weights itself as fast as they move. In (b), whether the head
# start is still there at the end.
#
# ## Background
#
# Pre-mirroring is done before training, so whatever it does to the angle is there at epoch 0, and a curve that begins after
# epoch 1 does not show it. Our records begin before the first step. Here are 0, 1, 2 and 4 epochs of it.
#
# **What remains open.** Why the first point of a published curve would show nothing: it depends on where the curve begins, which we cannot
# see from its caption. How much of the angle a longer training would lose again is a matter of the length of the run.
