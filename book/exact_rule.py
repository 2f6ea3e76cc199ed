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
# # The exact rule: PEPITA without the expansion
#
# **Question.** How strong may the feedback be before PEPITA is another rule than AFA, and what happens then?

# %% tags=["parameters"]
D = None  # None: the default, here and below
eta = None
streams = None
horizon = None
steps = None  # values of gamma in (b) to (d); others take minutes

# %% tags=["hide-input"]
from topdown_book import page

figure = page.open_figure("exact_rule", globals())
figure.compute()

# %% tags=["hide-input"]
figure.show()

# %% [markdown]
# **What to look at.** In (a), the markers on the broken lines: the simulated rule follows its own ODE where it no longer follows AFA, up to the
# point where it runs away. Before that, stronger feedback is *faster* than AFA: the curve is moved to the left.
#
# In (b), deviations grow in proportion to {math}`\gamma`, as a first-order theory should have it. The rule in which both the input of the first layer's
# update and the hidden activity of the output's are those of the clean pass stays closest while feedback is weak. The two readings
# that pair the difference with the *modulated* input, the published one among them, run away at strong feedback; those with the clean input do not, in the range shown.
#
# Why? The first layer then learns from {math}`x' = x - \gamma F e/\sqrt D`, and what it learns has a component along {math}`F` itself. The
# feedback {math}`a_k = w_k \cdot F/D` is fed by it,
#
# $$
# \frac{\mathrm d a_k}{\mathrm d t} = \text{drift without modulated input} \;+\; \eta_w\, \gamma\, G\, \E[\varphi_k\, e], \qquad G = \norm{F}^2/D ,
# $$
#
# with a positive sign and in proportion to {math}`a_k`: feedback on the feedback. As long as the error falls faster than {math}`a`
# grows, the term dies with the error. Otherwise {math}`a` grows until {math}`\gamma a e` saturates the hidden units, the second pass has lost its information, and
# nothing reduces the error any more.
#
# In (c), two scales. Where PEPITA begins to *differ* from AFA depends on {math}`\gamma G`, the strength of that term. Where it *runs away* follows {math}`\gamma\sqrt G`
# more closely, which is the length of the modulation {math}`x' - x` per unit of error: of order one, while {math}`x` itself has length {math}`\sqrt D`. In
# (d), the learning rate hardly matters until it is itself of order one.
#
# ```{admonition} For practice
# :class: tip
#
# The published feedback matrices are drawn small (standard deviation {math}`0.05\sqrt{2/D}` per entry). Whether that is small enough is not a matter
# of the length of {math}`Fe` beside that of the input, which is much longer. What counts is how far {math}`Fe` moves the *hidden* fields, and that grows as the weights align with {math}`F`.
# ```
#
# ## Background
#
# The theory of PEPITA is a theory of AFA, its limit for weak feedback. But the two-pass rule has
# [closed equations of its own](exact-two-pass), at any feedback strength {math}`\gamma`: the modulation shifts each field by a known
# amount, {math}`\lambda'_k = \lambda_k - \gamma a_k e`. Solving them answers what the expansion cannot, and shows which of the details on
# which published descriptions differ matter.
