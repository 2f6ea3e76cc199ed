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
# # Figure 1: four schemes
#
# **Question.** How does word of the error reach the hidden layers?

# %% tags=["parameters"]
hidden_layers = None  # hidden layers of every network, 1 to 4; None: 2

# %% tags=["hide-input"]
from topdown_book import page

figure = page.open_figure("fig1", globals())
figure.compute()

# %% tags=["hide-input"]
figure.show()

# %% [markdown]
# **What to look at.** The orange arrows. In (a) there is one for every hidden layer, and each step uses a matrix that must
# fit the weights beside it. In (b) a single arrow reaches the input; what the layers get to know they learn from
# the second pass, over the same green paths as in the first. In (c) the orange path has
# as many matrices as the green one, and mirroring makes each follow its partner. In (d) every
# arrow stays within its layer.
#
# The output layer of (a) to (c) learns from the error directly. The diagrams are drawn by code, for
# any number of hidden layers; what each path asks for is measured in [Table 1](tab1.ipynb).
#
# ## Background
#
# Every rule for training hidden layers has to get word of the error to them. The paper compares
# four ways: [feedback alignment](rules/fa.md), which sends it back through fixed random matrices (a);
# [PEPITA](rules/pepita.md), which sends it once, to the input, and lets a second forward pass carry it up (b); PEPITA with
# [weight mirroring](feedback.md#weight-mirroring), in which that one matrix is a product of factors that follow the forward weights (c); and
# [Forward-Forward](rules/forward_forward.md), in which no error travels at all (d).
