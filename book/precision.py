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
# # Precision
#
# **Question.** Does a curve depend on the precision of the matrix products?

# %% tags=["parameters", "hide-input"]
profile = "auto"  # auto, smoke, laptop or paper
dataset = None  # None: as the profile says, here and below
width = None
epochs = None
seeds = None
rules = None  # comma-separated: bp,pepita,hebbian

# %% tags=["hide-input"]
from topdown_book import page

figure = page.open_figure("precision", globals())
figure.compute()

# %% tags=["hide-input"]
figure.show()

# %% [markdown]
# **What to look at.** In (b), whether intervals exclude zero, and whether they are small beside the differences between rules.
#
# ## Background
#
# A recipe names the precision of its matrix products: `fp32`, which all published figures use; `tf32` on CUDA; `bf16`, with
# operands and results rounded to bfloat16 and summed in float32. Weights, momentum and updates stay float32 in all of them.
