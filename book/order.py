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
# # The order of the rules
#
# **Question.** Which rule is ahead of which, and by how much?

# %% tags=["parameters", "hide-input"]
profile = "auto"  # auto, smoke, laptop or paper
datasets = None  # comma-separated, as mnist,cifar10; None: as the profile says, here and below
width = None
epochs = None
seeds = None

# %% tags=["hide-input"]
from topdown_book import page

figure = page.open_figure("order", globals())
figure.compute()

# %% tags=["hide-input"]
figure.show()

# %% [markdown]
# **What to look at.** Whether the order is the same in both panels. With one hidden layer FA and DFA are one rule with one feedback. And the distances: the step from one rule to the next is often smaller
# than what a learning rate chosen for it would bring, as [](tabs3.ipynb) shows. An order by one recipe is an order of
# rules with this recipe.
#
# ## Background
#
# Nine rules, one network, the same data: backpropagation (BP), feedback alignment (FA), its direct form (DFA), direct
# random target projection (DRTP), and five forms of PEPITA. All are in [](tab1.ipynb) and [](tab2.ipynb); here
# they stand in a row, with the uncertainty of their order.
