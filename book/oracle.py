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
# # The upper bound of mirroring
#
# **Question.** How much could PEPITA still gain if its feedback were aligned as well as can be?

# %% tags=["parameters", "hide-input"]
profile = "auto"  # auto, smoke, laptop or paper
dataset = None  # None: as the profile says, here and below
width = None
epochs = None
seeds = None
depth = None

# %% tags=["hide-input"]
from topdown_book import page

figure = page.open_figure("oracle", globals())
figure.compute()

# %% tags=["hide-input"]
figure.show()

# %% [markdown]
# **What to look at.** The oracle against weight mirroring: what better mirroring could still gain. The oracle
# against backpropagation: what remains when alignment is perfect. That rest belongs to the
# rule itself: its error travels as a change of the input, {math}`W_1 W_1^T W_2^T` where backpropagation has {math}`W_2^T`, and with the strength that {math}`F` has.
#
# ## Background
#
# Weight mirroring turns {math}`F` towards the transposed product of the forward weights. What if it were there at
# once and always? The oracle sets {math}`F` to that product at every step, at its usual standard deviation. No brain could do
# it, and that is the point: no mirroring can align better. The same feedback, with orthogonal weights on top, is FOTON's
# {cite}`caillon2025forward`, which [the page on what came after](came_after.ipynb) tests.
#
# **What remains open.** The oracle keeps the usual strength of {math}`F`. Another strength, or a learning rate tuned for it, may change the gap to backpropagation.
