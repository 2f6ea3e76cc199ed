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
# # Alignment after mirroring has stopped
#
# **Question.** Does alignment last when weight mirroring stops?

# %% tags=["parameters"]
profile = "auto"  # auto, smoke, laptop or paper
dataset = None  # None: as the profile says, here and below
width = None
epochs = None
until = None
seeds = None

# %% tags=["hide-input"]
from topdown_book import page

figure = page.open_figure("forgetting", globals())
figure.compute()

# %% tags=["hide-input"]
figure.show()

# %% [markdown]
# **What to look at.** The curves to the right of the dotted line. In (a), whether the angle of {math}`F` with the
# whole network rises again once mirroring has stopped. In (b), whether the effective feedback, which is what the hidden layer receives,
# stays where it was; the Hebbian rule has a term that pulls {math}`W_1 F` towards {math}`W_2^\top`, so it should forget
# less. And in (c), whether any of this costs accuracy.
#
# ## Background
#
# Weight mirroring at every batch costs about as much as training. If it stops, {math}`F` is fixed again while the weights go on
# learning. If they drift away, alignment is forgotten; if the rule itself holds them near {math}`F`, it stays. The question is ours; we do
# not know whether the paper has a figure on it.
