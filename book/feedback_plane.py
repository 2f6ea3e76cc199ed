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
# # Drag the feedback
#
# A teacher of two units leaves {math}`F` two numbers that matter in the end, its overlaps {math}`b_1` and {math}`b_2`. Drag the point, or move the sliders, and see whether
# the student finds its teacher. Equation {eq}`eq-selection` says: where {math}`b_m \tilde v_m > 0` for both, the upper right quarter here.

# %% tags=["hide-input"]
from topdown_book import page

figure = page.open_figure("feedback_plane", globals())
figure.compute()

# %% tags=["hide-input"]
figure.show()

# %% [markdown]
# **What to look at.** The quarter's edges. Close to them everything is slow: a right sign that is nearly zero has not brought the student there by the end, and a wrong one
# costs little. [Which random feedback learns?](which_feedback.ipynb) draws {math}`F` at random, for more units too.
