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
# (several-outputs)=
# # Which random feedback learns, with several outputs?
#
# The paper solves a student with *one* output; its experiments have ten. With one output a random {math}`F` can teach only if {math}`b_m \tilde v_m > 0` for
# [every teacher unit](which_feedback.ipynb), which happens with probability {math}`2^{-M}`. The equations stay closed for {math}`C` outputs: a hidden unit then
# receives {math}`\sum_c a_{kc} e_c`, and [the appendix](several-outputs-derivation) derives the rest. Do more outputs give a random {math}`F` more chances?

# %% tags=["parameters"]
draws = None  # None: the default, here and below; other values take minutes
eta = None
horizon = None
D = None
streams = None
gamma = None

# %% tags=["hide-input"]
from topdown_book import page

figure = page.open_figure("several_outputs", globals())
figure.compute()

# %% tags=["hide-input"]
figure.show("figure")

# %% [markdown]
# **What to look at.** In (a), markers beside their lines: the lines are eigenvalues alone, no run. A teacher of one unit can be taught by half of all {math}`F` at any
# {math}`C`. With two and three units the fraction *falls* as outputs are added. The reason is in equation {eq}`eq-outputs-condition` below. With one output the matrix is made of {math}`2M` numbers, and their signs
# decide. With many, {math}`b_k \cdot \tilde v_l` are {math}`M^2` nearly independent numbers, and a random matrix seldom has all its eigenvalues on one side. Orthogonal output rows (open markers)
# are the extreme case, and random rows come near it as {math}`C` grows. Twice as many students as teachers do not change the outcome: as with one output, the condition does not contain the student.
#
# In (b), the time to recover depends on the size of the teacher, not on {math}`C`.
#
# In (c), feedback does *not* turn towards what it teaches. At a perfect copy {math}`a_k = \pm b_m`, which is fixed by {math}`F` and teacher, and in more dimensions a random {math}`b_m` is farther from {math}`\tilde v_m`. The draws
# that recover are those that happen to be nearer, from the start on. This is why more directions for {math}`a` are of no use at the end, though each {math}`a_k` may now change its sign on the way.
#
# In (d), the step at zero, and two kinds of exceptions. On the left, below the dashed line: few, with rates so small that the instability has not had its time. On the right, above it: students with an
# attracting copy that did not get there. They are one in ten of those that have one, nearly all of them with several outputs. In these draws attraction is needed, and no longer enough.
#
# ## What replaces the rule of signs
#
# The rule of signs was a statement about the end of learning, and so is what replaces it. A perfect solution attracts, at small rates, if and only if
# [two matrices](copies-stable-outputs) have eigenvalues with positive real parts only. The first is
#
# $$
# N_{kl} = \Bigl( \sum_{c=1}^{C} b_{kc}\, \tilde v_{lc} \Bigr)\, \E[g'(\nu_k)\, g'(\nu_l)] , \qquad k, l = 1, \dots, M ,
# $$ (eq-outputs-condition)
#
# and the second belongs to deviations within the span of the teacher's weights. For one output this is the rule of signs.
#
# ## Figure 2b for several outputs

# %% tags=["hide-input"]
figure.show("curves")

# %% [markdown]
# ## The bridge to the experiment
#
# Do networks for classification meet the same lottery? The same rule with the experiments' scale of {math}`F`, in small networks on MNIST reduced to its first classes:

# %% tags=["hide-input"]
figure.show("networks")

# %% [markdown]
# **What to look at.** From eight hidden units on, no seed of AFA is bad, with two classes or with ten. With four units some are, but so are seeds of BP, which has no
# {math}`F`: {math}`F` alone is not to blame there. AFA is behind BP in (b), the more so the more classes and the fewer units, but then with all its seeds, and by no
# lottery. The fractions of the theory, {math}`2^{-M}` and less, are not seen.
#
# **What is open.** The condition is about perfect solutions, at small rates. Where the students end that have an attracting copy and do not reach it, whether slowly on their way or at rest elsewhere, is not answered here, nor is how it depends on the start.
# A classifier need not find any teacher: wide layers of rectified units have many ways to lower the error that a matched student lacks, and cross-entropy is not the squared error. How much *partial* learning a bad {math}`F` allows, and how it grows
# with the width, has no theory here; nor have the fluctuations of {math}`a` in the [micro scaling](theory.md#how-large-is-f), in which random {math}`F` lives at finite {math}`D`.
