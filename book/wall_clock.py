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
# # Accuracy against the cost of training
#
# **Question.** Two forward passes instead of a forward and a backward one: what does that cost?

# %% tags=["parameters"]
profile = "auto"  # auto, smoke, laptop or paper
dataset = None  # None: as the profile says, here and below
width = None
epochs = None
seeds = None

# %% tags=["hide-input"]
from topdown_book import page

figure = page.open_figure("wall_clock", globals())
figure.compute()

# %% tags=["hide-input"]
figure.show()

# %% [markdown]
# **What to look at.** A machine with other work to do inflates seconds; operations are disturbed by none. Which rules lie up and to the left of others. In (b) differences between rules are small,
# because all of them spend most operations on the first layer: one product for the pass, one for the
# update. Mirroring at every batch adds two more products of that size. Where (a) and (b) disagree, the seconds say something about
# the machine or about memory traffic, not about arithmetic.
#
# ## Background
#
# The records of [](fig3.ipynb) and [](tab2.ipynb) hold the seconds that training took, so this page needs no run of its own. Seconds
# depend on the machine and on what else it was doing, so the number of operations stands beside them, counted from the rule and the layer
# sizes. PEPITA's second pass is cheap in our code because its first layer uses {math}`a'_1 = a_1 - e\,(W_1 F)^\top` and never multiplies
# the modulated image by {math}`W_1`. Figure and table are ours; we do not know whether the paper has any like them.
