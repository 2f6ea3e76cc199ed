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
# # The learning rules
#
# Every rule answers the same question: the output is wrong by $e$; by how much should a weight deep inside the network
# change? Backpropagation sends the error back the way the signal came. The others send something simpler, by a simpler
# way, and it is remarkable how often that is enough.
#
# ```{panel} fig1
# :alt: Figure 1: diagrams of networks, the input below. Green arrows go forward, orange ones carry the error: back from layer to layer (FA), to the input (PEPITA), or nowhere (Forward-Forward).
# ```
#
# | Rule | What is sent after the forward pass | By which way | A layer keeps until it learns |
# |---|---|---|---|
# | [BP](rules/bp.md) | the error, layer by layer | the weights $W_{l+1}$ themselves, transposed in use | its input and its own activity |
# | [FA](rules/fa.md) | the error, layer by layer | fixed random $B_{l+1}$ | its input and its own activity |
# | [DFA](rules/dfa.md) | the output error, to every hidden layer | fixed random $B_l$ | its input and its own activity |
# | [DRTP](rules/drtp.md) | the target, to every hidden layer | fixed random $B_l$ | nothing: it learns at once |
# | [PEPITA](rules/pepita.md) | the output error, to the *input*; then forward | fixed random $F$, then the weights | its activity in the first pass |
# | [AFA](rules/afa.md) | the output error, to the hidden layer | $W_1 F$, which changes with $W_1$ | its input and its own activity |
# | [PEPITA-Hebbian](rules/pepita_hebbian.md) | as PEPITA | as PEPITA | the product of the first pass |
# | [Time-local PEPITA](rules/time_local.md) | as PEPITA | as PEPITA | nothing: it learns in each pass |
# | [Forward-Forward](rules/forward_forward.md) | nothing; the label is part of the input | – | nothing: it learns in each pass |
#
# Only BP needs symmetric weights. AFA is a tool of analysis: it is what PEPITA becomes when the feedback is weak, and
# it can be solved.

# %% tags=["parameters"]
profile = "auto"  # auto, smoke, laptop or paper
seeds = None  # None: as the profile says, here and below
epochs = None
width = None
dataset = None
ff_width = None
ff_depth = None

# %% tags=["hide-input"]
from topdown_book import page

figure = page.open_figure("rules", globals())
figure.compute()
figure.show()

# %% [markdown]
# ## One notation
#
# A row is a sample; a batch has $B$ rows. The network is fully connected, without biases:
#
# $$
# h_0 = x, \quad a_l = h_{l-1} W_l\T, \quad h_l = \relu(m_l \had a_l), \quad y = \softmax(a_L),
# $$ (eq-forward)
#
# where $W_l$ has the shape $n_l \times n_{l-1}$, $n_0 = D$ is the number of inputs, $n_L = C$ the number
# of classes, and $m_l$ is an inverted-dropout mask: entries are 0, or $1/(1-p)$ where a unit stays. Targets $t$ are one-hot and the error
# is $e = y - t$. The derivative of the hidden non-linearity, mask included, is $\varphi'(a_l)$.
#
# A rule is a recipe for $G_l$, *what gradient descent subtracts* from $W_l$. Stochastic gradient descent with
# momentum $\mu$, weight decay $\omega$ and learning rate $\eta$ then does
#
# $$
# V_l \leftarrow \mu V_l + G_l + \omega W_l, \qquad W_l \leftarrow W_l - \eta V_l .
# $$ (eq-sgd)
#
# Every $G_l$ below is a mean over the batch of products of something postsynaptic with something
# presynaptic. One bracket saves writing it out:
#
# $$
# \outer{p}{q} = \frac1B\, p\T q , \qquad p:\ B \times n_l, \quad q:\ B \times n_{l-1} .
# $$ (eq-bracket)
#
# All symbols stand in one table: [](notation.md). How $F$ is drawn, mirrored and measured: [](feedback.md).
