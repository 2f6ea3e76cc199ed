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
# # Table S2: slowness
#
# **Question.** How long does each rule take to learn?

# %% tags=["parameters"]
profile = "auto"  # auto, smoke, laptop or paper
dataset = None  # None: as the profile says, here and below
width = None
epochs = None
seeds = None

# %% tags=["hide-input"]
from topdown_book import page

figure = page.open_figure("tabs2", globals())
figure.compute()

# %% tags=["hide-input"]
figure.show()

# %% [markdown]
# **What to look at.** First at the fits, then at the table. One parameter cannot follow every curve, and the column
# *misfit* says by how much it fails; a slowness with a large misfit is a number without much meaning.
# Two properties of the measure itself: {math}`\mathrm{acc}_{\max}` is taken from the curve's own best epoch, which a short
# run has not yet reached, so short runs look quicker than they are; and a rule that soon stops improving
# at a low accuracy counts as quick. A small {math}`s` is not a merit by itself. The chance level, put before the curve at
# {math}`t = 0`, does not move {math}`s`.
#
# ## The measure
#
# Accuracy at the end does not say how long it took. The paper measures *slowness*: the learning curve is fitted by
#
# ```{math}
# :label: eq-slowness
# \mathrm{acc}(t) = \mathrm{acc}_{\max}\, \frac{t}{s + t},
# ```
#
# with {math}`t` in epochs and {math}`\mathrm{acc}_{\max}` the best accuracy of the curve. The slowness {math}`s` is the time to half of
# {math}`\mathrm{acc}_{\max}`.
