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
# # Figure 2: PEPITA follows adaptive feedback alignment
#
# **Question.** Is PEPITA adaptive feedback alignment (AFA), and does the theory of AFA say what it learns?

# %% tags=["parameters"]
profile = "auto"  # panel a: auto, smoke, laptop or paper
seeds = None  # panel a; None: as the profile says, here and below
epochs = None  # panel a
width = None  # panel a
dataset = None  # panel a
lr = None  # panel a
D = None  # panels b to d, here and below
eta = None
K = None
M = None
outputs = None  # more than 1: see the page on several outputs
rules = None  # comma-separated: bp,fa,afa,pepita
gamma = None
scaling = None  # macro or micro
streams = None
horizon = None

# %% tags=["hide-input"]
from topdown_book import page

figure = page.open_figure("fig2", globals())
figure.compute()

# %% tags=["hide-input"]
figure.show()

# %% [markdown]
# **What to look at.** In (b), the two markers: they come from one stream of samples, seen by two
# rules, and the line is a differential equation that knows of no samples. PEPITA runs a little ahead of AFA where the curve is steep:
# what is left of [its second order](exact_rule.ipynb), a shift in time.
#
# In (c), the order of events. The start is unfavourable on purpose: the student's output weights point
# almost opposite to the feedback. Learning turns them round, through the direction of the teacher, which they leave again. The angle of student and AF
# vector falls first, and ahead of that of student and degenerate solution; then the error falls, and feedback and student
# turn together. The angle of AF vector and student is not meant to end at zero. At a perfect copy it equals the angle
# between {math}`b`, the feedback as the teacher's units see it, and the teacher's output weights.
#
# In (d), the circles on the circle. Hidden units can be exchanged, and each can change its sign together with its
# output weight, so a teacher of two units has eight equivalent copies. Which one is
# approached is decided by the [signs of the AF vector](which_feedback.ipynb), which learning never changes. The angle of student and teacher
# therefore says little about success.
#
# ```{admonition} What is ours
# :class: note
#
# The captions and formulas known to us give neither the initial state of the paper's Figure 2 nor its scaling of {math}`F`. Here: teacher
# {math}`T = 1`, {math}`\tilde v = (1, 0.9)`, {math}`b = (1, 0.8)`; student {math}`Q_{kk} \approx 0.25` with small random overlaps, {math}`v \approx (-0.25, 0.29)`,
# {math}`a = (0.6, -0.2)`; panel a's learning rate; and *macro* scaling, {math}`\norm{F}^2 = \order{D}` with overlaps {math}`a = WF/D` of order one, the only scaling in which both rules have
# closed equations as {math}`D` grows. With `-p scaling micro` the entries of {math}`F` are independent of the weights and the overlaps come from
# chance; [the theory's page](theory.md#how-large-is-f) says what changes: PEPITA then runs away unless {math}`\gamma \ll 1/D`.
# ```
#
# ## Background
#
# To first order in the feedback, PEPITA *is* [adaptive feedback alignment](rules/afa.md) (AFA), and AFA can be
# solved. The paper shows this in four steps. Both rules give the same accuracy on MNIST (a). In a student of two
# hidden units that learns from a teacher, both lie on the curve of the [theory](theory.md) (b). The theory
# explains what is learned: the student first aligns with its feedback (c), and both then turn to a solution
# that need not be the teacher itself, but one of its equivalent copies (d).
#
# Panel a is trained in the profile named below the figure. Panels b to d have the published size in every profile: the equations are solved
# when the page is made, the simulations of b are kept, and made anew (half a minute) when another size is asked for.
