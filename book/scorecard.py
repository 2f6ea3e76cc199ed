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
# # Paper against reproduction
#
# **Question.** Which of the paper's numbers and claims that could be verified hold in our runs?

# %% tags=["parameters"]
about = "all"  # all, or the name of a figure or table: fig3, tabs1, ...

# %% tags=["hide-input"]
from topdown_book import page

figure = page.open_figure("scorecard", globals())
figure.compute()

# %% tags=["hide-input"]
figure.show("verdicts")

# %% tags=["hide-input"]
figure.show("chart")

# %% [markdown]
# ## The rules
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
# the spread of a single run is part of the difference's interval.
#
# - **Reproduced**: every part passes, on records trained as published.
# - **Not reproduced**: on such records the opposite of some part passes its test (a number lies outside the margin), although
#   smaller learning rates have been tried on held-out data.
# - **Not comparable**: our runs allow no verdict. Too few seeds; or the claim fails and nobody has looked for the rule's own learning
#   rate yet; or the nearest runs are smaller than published. The table says which, and what would decide it: the seeds at which the t
#   tests would do so if mean and spread stay as seen, and the hours on one processor core.
# - **Not yet run**: there is no record.
#
# ## What is unknown
#
# The paper's full text is not at hand, so most cells of its tables are unknown to us, and compared with nothing.

# %% tags=["hide-input"]
figure.show("unknown")

# %% [markdown]
# If you have the paper at hand, you can fill a cell: append one line to `lib/topdown_book/store/numbers.yml`, for example
#
# ```yaml
# - {table: tab2, dataset: cifar10, variant: PEPITA + WM, technique: weight decay, value: 12.3}
# ```
#
# with the number that you read instead of 12.3, and `sd` and `runs` if they are given. The words are those of the table's page; a wrong
# one is an error that lists the right ones. `topdown score` then shows the verdict, and so do this page and the table's own when they are
# next built.
