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
# # Paper against reproduction
#
# Everything that could be verified of the paper's numbers and claims stands here beside our records. The full
# text of the paper is not at hand, so most cells of its tables are unknown to us. They are
# counted below, and compared with nothing.
#
# ## The rule
#
# Each fact has a *kind*, and each kind has a test at the level of 5 %.
#
# | Kind | Holds if |
# |---|---|
# | a number | ours equals it up to a margin: 1 point, or 3 points where it was read off a figure by eye. Two one-sided t tests (TOST), not the absence of a difference |
# | two results are the same | the same two tests on the differences between equal seeds, with the margin that the claim states |
# | one is larger; a bound | a one-sided t test |
#
# A claim about several depths or epochs holds if every part of it holds. Where the paper's number comes from one run,
# the spread of a single run is part of the difference's interval. The verdicts:
#
# - **reproduced**: every part passes, on records trained as published;
# - **not reproduced**: on such records the opposite of some part passes its test (a number lies outside the margin), although smaller
#   learning rates have been tried on held-out data;
# - **not comparable**: our runs do not allow a verdict. They leave the matter *undecided for want of seeds*, or the claim fails and a
#   *learning rate* of the rule's own is *not yet looked for*, or the nearest runs are *smaller than published*. The table says which, and what would
#   decide it: the seeds with which the t tests would do so if mean and spread stay as seen, and the hours on one processor core;
# - **not yet run**: there is no record.

# %% tags=["parameters"]
about = "all"  # all, or the name of a figure or table: fig3, tabs1, ...

# %% tags=["hide-input"]
from topdown_book import page

figure = page.open_figure("scorecard", globals())
figure.compute()

# %% tags=["hide-input"]
figure.show("count")
figure.show("chart")

# %% [markdown]
# ## What is unknown

# %% tags=["hide-input"]
figure.show("verdicts")

# %% [markdown]
# If you have the paper at hand, you can fill a cell: append one line to `lib/topdown_book/store/numbers.yml`, for example
#
# ```yaml
# - {table: tab2, dataset: cifar10, variant: PEPITA + WM, technique: weight decay, value: 12.3}
# ```
#
# with the number that you read instead of 12.3, and `sd` and `runs` if they are given. The words are those of the table's page; a wrong one is
# an error that lists the right ones. `topdown score` then shows the verdict, `topdown score --json` gives all of it to a machine, and this
# page and the table's own show it when they are next built.
