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
# # A convolutional network
#
# **Question.** Does PEPITA teach the kernels of a convolutional network anything?

# %% tags=["parameters", "hide-input"]
profile = "auto"  # auto, smoke, laptop or paper
dataset = None  # None: as the profile says, here and below
kernels = None
kernel_size = None
n_train = None
epochs = None
seeds = None

# %% tags=["hide-input"]
from topdown_book import page

figure = page.open_figure("convolution", globals())
figure.compute()

# %% tags=["hide-input"]
figure.show()

# %% [markdown]
# **What to look at.** The distance from *fixed kernels* to each rule: that is what training the kernels is worth.
# Random kernels with a trained dense layer are strong on simple images, so the total accuracy says little
# about any rule.
#
# ## Background
#
# PEPITA began with networks that had a convolution in front. How does the rule carry over? A kernel
# sees an image patch by patch. With the patches as samples the rule is the one for dense
# layers: the difference of the two passes at a place, times what the kernel saw there in the second
# pass, summed over places. No way back through the pooling is needed, which backpropagation and feedback alignment cannot do without.
#
# **The published kernels hardly moved.** In the code of 2022 the kernels get the update with the wrong sign, and
# 11,520 times too small for batches of 20 on MNIST ([errata](errata.md), row 20): the figure has that version, and one whose kernels are
# frozen while the dense layer is trained as PEPITA trains it. As far as the two cannot be told apart, that code's accuracies are those of random kernels.
# They are among [the known numbers](scorecard.ipynb), and not compared: the architecture behind them is known to us only in part.
#
# One learning rate, 0.01, serves all rules; it was the best of three for PEPITA on images held out of
# the training set. The network is smaller than the published one.
#
# **What remains open.** One convolution and one data set of simple images. What happens with several convolutions in a row, where random kernels are no longer good enough, is open.
