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
# # The modulated sample
#
# **Question.** Is the modulated sample a negative sample, as the wrong labels of Forward-Forward are?

# %% tags=["parameters", "hide-input"]
profile = "auto"  # auto, smoke, laptop or paper
dataset = None  # None: as the profile says, here and below
width = None
epochs = None
seeds = None
depth = None

# %% tags=["hide-input"]
from topdown_book import page

figure = page.open_figure("modulation", globals())
figure.compute()

# %% tags=["hide-input"]
figure.show()

# %% [markdown]
# **What to look at.** Panel (a): the distance of the two inputs relative to the length of the clean one. Panels to the right: whether the
# layers amplify the distance, as Forward-Forward is trained to, or only pass it on. And the slope: PEPITA's distance falls
# with the error, Forward-Forward's has no reason to.
#
# ## Background
#
# The paper calls PEPITA's second sample a negative one, as in Forward-Forward. A negative sample should look
# like data but be wrong. How far, then, is the modulated sample from the clean one, and what do the layers make of the distance?
#
# **What remains open.** Distance is one property of a negative sample. Whether a modulated sample also lies where no data are, and whether a stronger modulation would teach better, we have not measured.
