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
# # Table 1: what a rule needs
#
# **Question.** What do "local", "forward-only" and "no freezing" mean, rule by rule?

# %% tags=["parameters"]
profile = "auto"  # auto, smoke, laptop or paper
dataset = None  # None: as the profile says, here and below
width = None
epochs = None
seeds = None
ff_width = None
ff_depth = None

# %% tags=["hide-input"]
from topdown_book import page

figure = page.open_figure("tab1", globals())
figure.compute()

# %% tags=["hide-input"]
figure.show()

# %% [markdown]
# **What to look at.** Only BP transports weights. The rules of the PEPITA family and Forward-Forward alone are
# local in space: whatever the error does, it does to the activity first. Of PEPITA's variants, the time-local
# one is the only one that may forget its first pass, and it pays with a second set of outer
# products, and with a learning rate that has to be small.
#
# Two entries deserve a second look. By the definition used here DRTP and Forward-Forward are local in time as well:
# DRTP because its layers learn from the target and need not wait, Forward-Forward because its two passes do not need each other.
# The paper is reported to call PEPITA-TL the only rule local in time of its list; its definition is not known to us. And what a rule keeps is not what
# a program must keep: PEPITA's error enters at the input, so its first pass has to be remembered until the second one has
# arrived, but nothing is *frozen*, since the same units are already at work again.
#
# ## Definitions
#
# Could a brain do it? The paper's first table compares learning rules by the properties that make backpropagation implausible,
# and by their accuracy on MNIST. Such words are easily stretched, so each one has a definition
# here that a program can decide: it runs the rule's own code on a small network and follows every number that is computed.
#
# | Property | Definition | Measured how |
# |---|---|---|
# | weight transport | the rule multiplies a signal with a forward matrix against its sense, {math}`\delta\, W` where the forward pass has {math}`h\, W^\top` | every product with a weight matrix is recorded with its orientation |
# | local in space | the update of a hidden layer is made of that layer's own activities and inputs, of whatever pass | one sample; the part of {math}`G_l` outside the span of the products {math}`h_l^\top h_{l-1}` within and across passes is zero |
# | local in time | no activity has to be kept once the layer has computed it | "activity kept for" is 0 |
# | activity frozen | a layer's activity has to stay as it is while an error comes back by another way | it is kept, and the rule has one pass only |
# | activity kept for | products between the moment when a hidden activity is there and the one when the layer can use it to learn | the chain of products behind every factor of the update is counted |
# | first layer waits for | *update locking*: products before the first layer can learn anything from a sample | likewise |
# | numbers kept | hidden activities that have to be kept, per sample | the layers for which "kept for" is not 0 |
# | operations | multiply-adds of one step per sample, weights' updates included | PyTorch's counter over a step of the trainer |
#
# BP, FA, DFA and DRTP are there for reference.
