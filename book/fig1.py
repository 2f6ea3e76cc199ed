# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#       jupytext_version: 1.19.6
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Figure 1: four schemes
#
# Every rule for training hidden layers has to get word of the error to them. The paper compares
# four ways: [feedback alignment](rules.md#feedback-alignment), which sends it back through fixed random matrices (a);
# [PEPITA](rules.md#pepita), which sends it once, to the input, and lets a second forward pass carry it up (b); PEPITA with
# [weight mirroring](rules.md#weight-mirroring), in which that one matrix is a product of factors that follow the forward weights (c); and
# [Forward-Forward](rules.md#forward-forward), in which no error travels at all (d).

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
