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
# # Figure S6: alignment angles
#
# **Question.** Which alignments does PEPITA reach, and which of them need mirroring?

# %% tags=["parameters"]
profile = "auto"  # auto, smoke, laptop or paper
datasets = None  # comma-separated, as mnist,cifar100; None: as the profile says, here and below
width = None
epochs = None
seeds = None

# %% tags=["hide-input"]
from topdown_book import page

figure = page.open_figure("figs6", globals())
figure.compute()

# %% tags=["hide-input"]
figure.show()

# %% [markdown]
# **What to look at.** Without mirroring the factors never move, so the two right panels stay where
# chance put them: {math}`F` and the weights can only meet because the *weights* come to {math}`F`. That happens in the second
# panel, where {math}`W_1F` approaches {math}`W_2^\top`. With mirroring all four fall. Pre-mirroring aligns {math}`F`
# with weights that have not learned anything yet; what remains of that once the weights
# change is the distance between the curves *PreM* and *no mirroring*.
#
# ## The four angles
#
# [](fig3.ipynb) shows one angle on CIFAR-10. The appendix of the paper shows alignment on MNIST and CIFAR-100. We
# show four angles at once, because they answer different questions. Does {math}`F` as a whole agree with the
# network it bypasses? Does the *effective* feedback of the hidden layer, {math}`W_1F`, agree with
# the weights that backpropagation would use, {math}`W_2^\top`? And does each factor {math}`B_l` of {math}`F` agree with its own
# layer, which is what mirroring works on?
