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
# # The two passes apart: Figure S2 with Forward-Forward
#
# **Question.** Does Forward-Forward do the opposite of PEPITA, driving its two passes apart where PEPITA lets them come together?

# %% tags=["parameters", "hide-input"]
profile = "auto"  # auto, smoke, laptop or paper
depth = None  # None: as the profile says, here and below
width = None
seeds = None
epochs = None
dataset = None

# %% tags=["hide-input"]
from topdown_book import page

figure = page.open_figure("ff_goodness", globals())
figure.compute()

# %% tags=["hide-input"]
figure.show()

# %% [markdown]
# **What to look at.** Whether the bands widen or narrow, and where they lie against zero. In Forward-Forward's
# panel the bands should move up, towards positive values: more goodness for the right label. For PEPITA
# the sign of the difference has no such meaning, since it depends on where the error points.
# Mind the vertical scales.
#
# ## Background
#
# Figure S2 of the paper shows, for PEPITA, how far the squared activity of the first hidden layer is apart in
# the two passes, and that this difference shrinks with training: the modulation is the error, and the
# error fades. Forward-Forward is said to do the opposite. Its second sample stays as wrong as
# it ever was, and every layer learns to drive the two apart. Here are both, on the same data.
#
# The figure for PEPITA alone, on CIFAR-10 and with weight decay as in the paper, is [](figs2.ipynb).
#
# **What remains open.** Only the first hidden layer is shown, as in the paper. Whether later layers behave alike is open, and so is what happens in networks whose error does not fall.
