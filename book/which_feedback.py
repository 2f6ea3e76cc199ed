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
# # Which random feedback learns?
#
# **Question.** PEPITA draws {math}`F` once, at random, and never changes it. Can every {math}`F` teach?

# %% tags=["parameters"]
draws = None  # None: the default, here and below; other values take minutes
eta = None
horizon = None

# %% tags=["hide-input"]
from topdown_book import page

figure = page.open_figure("which_feedback", globals())
figure.compute()

# %% tags=["hide-input"]
figure.show()

# %% [markdown]
# **What to look at.** In (a), curves that rise to their dotted line and stay there. The prediction has no free parameter. It also holds for a
# student with twice as many units as its teacher: a wider student has more units to choose from, but equation {eq}`eq-selection` does not
# contain the student. In (b), the step at zero, over all sizes at once.
#
# *Finite time blurs the rule.* Where {math}`|b_m \tilde v_m|` is small, everything is slow. A right sign has not yet brought the student to its teacher, and a
# wrong one costs little: the student fits all of the teacher but the small part of it that points along {math}`F`. All the exceptions of the table
# are of these two kinds. Early on, in (a), fewer vectors have learned than can.
#
# *Bad seeds.* One seed of {math}`F` may work and the next fail, with the same hyper-parameters and the same data, and no amount of
# training will mend it: the drift never changes the sign of a feedback factor. A failed seed is then not a bug, and averaging it
# with others hides what happened. Networks for classification are kinder than this worst case: what they need is
# [alignment of matrices](deep_linear.ipynb), their hidden layers are wide and they need not recover any teacher exactly. But in small networks the lottery is real.
#
# ## The argument
#
# In the theory's setting there is an exact answer for the
# end of learning. Near a perfect solution AFA is gradient descent in which the first-layer rate of the unit that stands for teacher unit {math}`m` is
# multiplied by {math}`b_m / \tilde v_m`, where {math}`b_m = \tilde w_m \cdot F/D`. If one of these factors is negative, that unit climbs where it should descend:
# [every perfect solution is unstable](copies-stable). So a perfect solution can only be reached if
#
# $$
# b_m\, \tilde v_m > 0 \quad \text{for every } m .
# $$ (eq-selection)
#
# For random {math}`F` each sign is a coin. Of all feedback vectors, a fraction {math}`2^{-M}` can teach a teacher of {math}`M` units. That is an argument about
# the end; whether a learnable teacher is in fact learned, from a random start and in finite time, has to be measured. [Drag the
# feedback](feedback_plane.ipynb) to see both for one {math}`F` at a time.
