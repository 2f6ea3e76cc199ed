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
# # Forward Learning with Top-Down Feedback, reproduced
#
# How can a network learn without sending errors backwards? PEPITA shows every image twice, the second time changed by
# the error of the first. The paper {cite}`srinivasan2024forward` explains why that works: to first order, PEPITA is
# feedback alignment with a feedback that adapts. This book computes each of its figures anew.

# %% tags=["hide-input"]
from topdown_book import page

figure = page.open_figure("index", globals())
figure.compute()
figure.show("picture")

# %% [markdown]
# ## What we find

# %% tags=["hide-input"]
figure.show("verdicts")
figure.show("findings")

# %% [markdown]
# [All verdicts](scorecard.ipynb), with the rules by which they are reached. New to the subject? Begin with
# [the learning rules](rules.ipynb). In a hurry? [Figure 3](fig3.ipynb) and [Table 2](tab2.ipynb) are the paper's main
# results. On paper: <span class="pdf">the whole book as PDF</span>.
#
# ## Run one figure
#
# ```bash
# bash ci/env.sh                  # once: the environment, in .venv
# source .venv/bin/activate
# cd book
# papermill fig3.ipynb out.ipynb -p depth 3
# ```
#
# Parameters are checked before anything is trained. `topdown run fig3 --profile paper` trains the published sizes and
# keeps the results; `bash ci/book.sh` executes and builds the whole book, `bash ci/test.sh` tests it.
#
# ## How to read it
#
# | In the paper | In the book |
# |---|---|
# | The rules | [](rules.ipynb), each on a page of its own; [](algorithms.md) |
# | Section 3: two-layer networks | [](theory.md), Figure 2 |
# | Section 4: deeper networks | [](deeper_networks.md), Figure 3, Table 2 |
# | Section 5: Forward-Forward | [](forward_forward.md) |
# | Known by name only | [](unknown_figures.md) |
# | Released code, open questions | [](errata.md), [](questions.md) |
#
# Each figure says at the foot of its page what it is made of. A notebook shows the published sizes as
# far as they have been trained, with the smaller *profile* folded below, or the largest profile that is complete; a smaller one
# never passes for a larger one:
#
# | Profile | Data | Time |
# |---|---|---|
# | `smoke` | 8×8 digits that come with scikit-learn | seconds; its numbers mean little |
# | `laptop` | MNIST, CIFAR-10; few seeds and epochs | minutes a figure, on two cores |
# | `paper` | the published sizes, 10 seeds | needs a GPU |
#
# (what-we-know-of-the-paper)=
# ## What we know of the paper
#
# Others than the paper's authors have written this companion, from a description of the paper, its captions, the
# public discussion, the published rules and the released code; its full text was not at hand. So:
#
# - Formulas and recipes are restated in our words. Equations (4), (6) and (8) of the paper are named where they belong.
# - A value of the paper is shown only with its source. All others are *unknown*; none is read off a figure by us.
# - Where the released code and the published rule differ, both can be chosen by name, and the difference is measured.
# - A claim that does not hold in our runs is shown as not holding.
#
# ## Licence and citation
#
# Code: BSD 3-Clause. Text and figures: CC BY 4.0.
#
# <div class="cite"></div>
