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
# (architecture)=
# # How the code is built
#
# One picture is enough to keep in mind: **recipe → run → record → figure → page**. A recipe says what to train, a run trains
# it, a record keeps the numbers and where they came from, a figure turns records into a picture or a table, and a page puts it where the paper has it.
# Two houses hold this. The library has the rules, the training and the theory, and is what a researcher installs. The companion has
# what the book and the pipeline need.

# %% tags=["hide-input"]
from topdown_book import page

figure = page.open_figure("architecture", globals())
figure.compute()

# %% tags=["hide-input"]
figure.show("picture")

# %% [markdown]
# **What to look at.** Arrows go down only, and there is no circle; a test reads the imports and holds these lines. Nothing of the library
# imports the companion.
#
# | To change | Edit |
# |---|---|
# | a caption, an answer, a panel, the cases of a figure | `lib/topdown_book/figures/NAME.py` |
# | the prose of its page | `book/NAME.py` |
# | a learning rule | `lib/topdown/rules/NAME.py`; a new one is also registered in `rules/__init__.py`, or from outside by `topdown.rules.register` |
# | a figure, a new one | the two files of its name, and a line in `_toc.yml` |

# %% tags=["hide-input"]
figure.show("sizes")
