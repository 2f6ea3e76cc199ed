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
# # Alignment layer by layer
#
# **Question.** In a deep network, which layers align with their feedback?

# %% tags=["parameters"]
profile = "auto"  # auto, smoke, laptop or paper
dataset = None  # None: as the profile says, here and below
depth = None
width = None
epochs = None
seeds = None

# %% tags=["hide-input"]
from topdown_book import page

figure = page.open_figure("layer_angles", globals())
figure.compute()

# %% tags=["hide-input"]
figure.show()

# %% [markdown]
# **What to look at.** In (a) and (b) the factors {math}`B_l` are fixed, and nothing in the rule knows them one by one; only
# their product {math}`F` acts. So the layers' own angles stay at 90°, and {math}`F` as a whole is all that can align. In (c) mirroring turns
# each factor towards its layer. Compare {math}`F` with the layers there: in high dimensions a product of
# partly aligned factors is much less aligned than any of them, so deep networks need good mirroring everywhere before
# {math}`F` notices.
#
# ## Background
#
# [](fig3.ipynb) and [](figs6.ipynb) measure networks of one hidden layer. In a deep network the angle between {math}`F` and the
# product of all weights may hide a great deal: each factor can be far from its own layer and
# the product close, or the other way round. Here is every angle of one deep network. The figure is ours; we do not know
# whether the paper has one like it.
