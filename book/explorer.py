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
# # Explorer: move the sliders
#
# **Question.** What do the learning rate, the strength of the feedback and the first angle do to learning?
#
# A student of two units and its ODE: three sliders choose a run, a fourth the time. Nothing is computed while you look: the page holds the solved runs, and works without a
# kernel and without a network, on a phone too. `outputs` solves all runs again, with several outputs (some minutes).

# %% tags=["parameters"]
outputs = None  # more than 1: see the page on several outputs

# %% tags=["hide-input"]
from topdown_book import page

figure = page.open_figure("explorer", globals())
figure.compute()

# %% tags=["hide-input"]
figure.show()

# %% [markdown]
# **Things to try.**
#
# - *Start aligned, then opposed* (third slider). At 0° the output weights already point along the feedback, and learning begins at
#   once. At 180° the student first gets worse: the error reaches the first layer with the wrong sign until the output weights have turned. Watch the second fall too: being early in the first phase does not mean being early in the last.
# - *Stronger feedback* (second slider). The curve leaves the grey line, first by getting ahead of it. At the right end it runs away; why, says [the exact
#   rule](exact_rule.ipynb). The map marks all such runs: on this grid the first angle makes no difference to them.
# - *Move the time* (fourth slider) and watch the student's arrow: first it turns towards the AF vector, then both turn to the degenerate solution.
# - *Faster learning* (first slider). With time measured in units of {math}`1/\eta` the small rates coincide. What then differs at large rates is the
#   term of order {math}`\eta_w^2`.
