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
# # Weight decay together with normalisation and mirroring
#
# **Question.** What does weight decay do together with normalisation or mirroring?

# %% tags=["parameters", "hide-input"]
profile = "auto"  # auto, smoke, laptop or paper
datasets = None  # None: as the profile says, here and below
width = None
epochs = None
seeds = None

# %% tags=["hide-input"]
from topdown_book import page

figure = page.open_figure("weight_decay_effect", globals())
figure.compute()

# %% tags=["hide-input"]
figure.show()

# %% [markdown]
# **What to look at.** Whether any interval excludes zero, and whether the effect depends on the technique beside it.
# Weight decay needs time: with a rate of 0.01 and a decay of 0.0001 it shrinks a weight by a
# factor of e in a million steps without momentum, a hundred thousand with it. A short profile cannot show what it does in a long one.
#
# ## Background
#
# The paper tries weight decay and normalisation separately. Reviewers asked what they do together, and with
# mirroring. The runs are those of [](tab2.ipynb), taken in pairs that differ in weight decay only.
#
# **What remains open.** One strength of weight decay, in runs of one length. Whether the published gains come from decay that had a hundred epochs to act, only the full profile can tell.
