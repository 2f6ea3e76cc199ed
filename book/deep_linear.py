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
# # A first step beyond two layers
#
# **Question.** Can the theory be carried to deeper networks?

# %% tags=["parameters"]
D = None  # None: the default, here and below
depth = None
width = None
outputs = None
eta = None
gamma = None
draws = None
horizon = None

# %% tags=["hide-input"]
from topdown_book import page

figure = page.open_figure("deep_linear", globals())
figure.compute()

# %% tags=["hide-input"]
figure.show()

# %% [markdown]
# **What to look at.** In (a), theory and simulation at every depth. The times are not a contest with BP: the size of {math}`F` sets the rate of all
# layers but the last, so one can be made faster or slower than the other. In (b), alignment. Its meaning becomes plain if one follows the whole map {math}`E = (A W_1 - B)/\sqrt D`
# from input to error. Multiplying out the small steps of AFA, at small rates,
#
# $$
# \begin{gathered}
# \dot E = -\eta\, J\, E\, \Bigl( 1 + \sum_{l=1}^{L-2} K_l \Bigr) - \eta\, E\, K_{L-1}, \\
# J = \frac{W_L \cdots W_1 F}{D}, \qquad K_l = \frac{(A_l W_1)\T A_l W_1}{D} \succeq 0 .
# \end{gathered}
# $$ (eq-deep-map)
#
# All layers but the last act through one {math}`C \times C` matrix: {math}`J`, the network applied to {math}`F`. It takes the place that a positive matrix has in
# gradient descent. While the student learns its teacher, {math}`J` must become the teacher applied to {math}`F`,
#
# $$
# J \to \frac{B F}{D} = b ,
# $$
#
# whatever it was before. This is the deep form of "AFA aligns": feedback and forward weights agree in the end, up to the fixed matrix {math}`b`.
#
# In (c), what follows for {math}`F`. In the input directions that the student does not yet use, all {math}`K_l` vanish near the solution, and equation {eq}`eq-deep-map` is
# {math}`\dot E = -\eta\, b\, E`. So the solution is stable only if *every eigenvalue of {math}`b` has a positive real part*. It is
# also enough: for an eigenvalue {math}`\mu` of {math}`b`, the other directions decay with eigenvalues of {math}`\mu P + K`, where {math}`P` is positive and {math}`K` at least semi-definite, and those have a positive real part if {math}`\mu` has. Depth does not enter, nor does the
# width. For one output this is the [sign rule](which_feedback.ipynb) of the two-layer student; for {math}`C` independent outputs the fraction of random {math}`F` that pass falls with {math}`C`.
# The exceptions in (c) are draws close to the border, which are still on their way.
#
# **What does not close.** With erf units in the first layer only, the fields stay Gaussian and everything above them is explicit, so the description
# closes too, with averages that are integrals over a few Gaussians. With non-linear layers on top it closes in principle in the same way, as the upper layers have few units. What is out of reach in this way is a network whose
# *hidden layers grow with {math}`D`*: then the upper matrices have of the order of {math}`D^2` entries, their products with what comes from below are no longer a few numbers, and a finite set of order
# parameters does not determine its own future.
#
# ## The equations
#
# A deep *linear* student can be solved exactly, at every depth and for the full two-pass rule. The student
# is {math}`W_L \cdots W_2 W_1 x/\sqrt D` with hidden layers of a few units, the teacher {math}`B x/\sqrt D` has {math}`C` outputs, and {math}`F` is a {math}`D \times C` matrix. The
# rule is PEPITA's, layer by layer; in a linear network the difference between the two passes is
#
# $$
# h_1 - h'_1 = \gamma\, a\, e, \qquad h_l - h'_l = \gamma\, W_l \cdots W_2\, a\, e, \qquad a = W_1 F/D .
# $$ (eq-deep-differences)
#
# Only {math}`W_1` is large. It enters through {math}`Q = W_1 W_1\T/D`, {math}`R = W_1 B\T/D` and {math}`a`, the matrices above it are order parameters themselves, and since {math}`e`
# is linear in {math}`x`, every average is a covariance. With {math}`A = W_L \cdots W_2` and {math}`A_l = W_l \cdots W_2` (so {math}`A_1 = 1`), constants {math}`T = BB\T/D`, {math}`b = BF/D`, {math}`G = F\T F/D`, and
#
# $$
# \begin{aligned}
# \Sigma &= \E[e e\T] = A Q A\T - A R - R\T A\T + T, \\
# M &= \E[e \lambda'^{\top}] = A Q - R\T - \gamma\, \Sigma\, a\T ,
# \end{aligned}
# $$ (eq-deep-averages)
#
# the equations close:
#
# $$
# \begin{aligned}
# \dot Q &= -\eta\, (a M + M\T a\T) + \eta^2 a \Sigma a\T, \\
# \dot R &= -\eta\, a\, (A R - T - \gamma \Sigma b\T), \\
# \dot a &= -\eta\, a\, (A a - b - \gamma \Sigma G), \\
# \dot W_l &= -\eta\, A_l\, a\, M A_{l-1}\T \quad (1 < l < L), \\
# \dot W_L &= -\eta\, M A_{L-1}\T .
# \end{aligned}
# $$ (eq-deep)
#
# At {math}`\gamma = 0` this is AFA. The functions are `linear_drift`, `linear_integrate` and `linear_simulate` of `topdown_book.figures._deep_linear`.
