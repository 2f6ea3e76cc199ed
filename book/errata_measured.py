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
# # What the errata change
#
# **Question.** Which departures of the released code from the published rules change a result, and by how much?

# %% tags=["parameters", "hide-input"]
profile = "auto"  # auto, smoke, laptop or paper
dataset = None  # None: as the profile says, here and below
tuning_dataset = None
width = None
epochs = None
seeds = None

# %% tags=["hide-input"]
from topdown_book import page

figure = page.open_figure("errata_measured", globals())
figure.compute()

# %% tags=["hide-input"]
figure.show()

# %% [markdown]
# **What to look at.** In (a), which intervals exclude zero, and by how many points; in (b), the same for
# alignment, which is more sensitive than accuracy. An angle of 90 degrees is no alignment, so a positive
# difference means that the released code aligns less.
#
# ## Background
#
# Every departure on [the list](errata.md) that can change a result, switched on alone and measured against the
# published rule. Where an interval includes zero, the seeds of this profile do
# not show whether there is a difference.
#
# Row 3 compares two ways of *choosing* the learning rate and can only be zero or positive: what the test
# set gains when it chooses for itself. Row 2 is about training; at test time [no prediction changes](errata.md#the-batch-in-the-normalisation).
#
# **What remains open.** Each departure is switched on alone, so what two of them do together is not measured. A change that the seeds of this profile cannot show may show with more seeds, or in longer runs.
