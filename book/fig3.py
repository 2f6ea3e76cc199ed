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
# # Figure 3: deeper networks
#
# **Question.** Does it matter in deep networks how weights and feedback are drawn (a)? Does weight decay help (b)? Does the fixed feedback {math}`F` align with the forward weights, more so with mirroring (c)?

# %% tags=["parameters"]
profile = "auto"  # auto, smoke, laptop or paper
depth = None  # None: as the profile says, here and below
width = None
seeds = None
epochs = None
dataset = None
rules = None  # comma-separated: uniform,normal,hebbian

# %% tags=["hide-input"]
from topdown_book import page

figure = page.open_figure("fig3", globals())
figure.compute()

# %% tags=["hide-input"]
figure.show()

# %% [markdown]
# **What to look at.** In (a), how far each curve falls from one hidden layer to three. In (b),
# whether the filled markers lie above the open ones, and whether the gap grows with depth. In (c),
# epoch 0 is measured *before* the first training step: pre-mirroring has already moved the angle
# there, and without it the angle starts at 90 degrees, where two unrelated matrices of this size
# are.
#
# ## Background
#
# The paper trains PEPITA in networks of one to three hidden layers on CIFAR-10. That {math}`F` should align with the product of the
# forward weights is what [the theory](theory.md) of [adaptive feedback](rules/afa.md) wants.
