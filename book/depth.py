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
# (depth)=
# # Beyond three hidden layers
#
# The paper stops at three hidden layers. Does PEPITA go on from there, and does its feedback still align?

# %% tags=["parameters"]
profile = "auto"  # auto, smoke, laptop or paper
dataset = None  # None: as the profile says, here and below
width = None
epochs = None
seeds = None
depth = None

# %% tags=["hide-input"]
from topdown import figures, notebook

figure = notebook.open_figure("depth", globals())
results = figure.compute()

# %% tags=["hide-input"]
figure.show(figures.depth(results))

# %% [markdown]
# **What to look at.** In (a), where each curve leaves the plateau of shallow networks, and whether the
# Hebbian form holds out longer. In (b), whether the angle has come back to 90 degrees where accuracy falls: then the modulation no longer
# carries the error to the layers in a useful direction.
#
# Normalised networks of up to five layers are in [](tabs1.ipynb), the effect of width is in [](widths.ipynb).
#
# ## Parameters

# %% tags=["hide-input"]
notebook.parameter_table("depth")
