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
# # Accuracy against width
#
# **Question.** Does PEPITA need width more than other rules?

# %% tags=["parameters"]
profile = "auto"  # auto, smoke, laptop or paper
dataset = None  # None: as the profile says, here and below
width = None
epochs = None
seeds = None

# %% tags=["hide-input"]
from topdown_book import page

figure = page.open_figure("widths", globals())
figure.compute()

# %% tags=["hide-input"]
figure.show()

# %% [markdown]
# **What to look at.** Whether the distance between PEPITA and BP grows or shrinks with width. In a wide layer many
# units take part in the feedback {math}`W_1 F`, and a few badly drawn ones do little harm; in a narrow one every unit counts.
#
# ## Background
#
# Reviewers asked how PEPITA scales. Depth is the subject of [](tabs1.ipynb); this is width. One hidden layer, four
# widths a factor of four apart, PEPITA beside backpropagation and feedback alignment, one recipe for all. The
# figure is ours; we do not know whether the paper has one like it.
