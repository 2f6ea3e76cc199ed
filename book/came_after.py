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
# # What came after: FOTON, and an independent re-run
#
# **Question.** FOTON claims to train networks of any depth. Does it, where PEPITA stops?

# %% tags=["parameters", "hide-input"]
profile = "auto"  # auto, smoke, laptop or paper
dataset = None  # None: as the profile says, here and below
width = None
depth = None
n_train = None
epochs = None
seeds = None

# %% tags=["hide-input"]
from topdown_book import page

figure = page.open_figure("came_after", globals())
figure.compute()

# %% tags=["hide-input"]
figure.show()

# %% [markdown]
# **What to look at.** In (a), the fall from one hidden layer to ten: PEPITA and mirroring against FOTON. The plain oracle has FOTON's feedback
# at the usual strength, without orthogonal weights and the clean presynaptic term: the distance of the two is what these are worth together.
# In (b), whether the deepest networks are still learning when the run ends.
#
# ## Background
#
# [The oracle](oracle.ipynb) of this book, feedback that is the transposed product of the current weights, is not ours: it is one
# part of FOTON {cite}`caillon2025forward`, which came after the paper. Its other parts are weights that are kept orthogonal, the
# clean presynaptic term, and the error of the first pass. The reason is short. PEPITA's modulated pass carries the error
# through {math}`W_l \cdots W_1`. With {math}`F = (W_L \cdots W_1)\T` and {math}`W_k W_k\T = 1` for every layer, what arrives at layer
# {math}`l` is
#
# ```{math}
# W_l \cdots W_1\, F\, e = W_{l+1}\T \cdots W_L\T\, e ,
# ```
#
# which is what backpropagation sends to it, as long as no unit is silent. So the distance to backpropagation no longer grows with
# depth by the products {math}`W_k W_k\T`; what is left is the ReLU.
#
# **How it is done here.** The weights start orthogonal (`torch.nn.init.orthogonal_`), and after every step one Newton-Schulz step,
# {math}`W \leftarrow \tfrac32 W - \tfrac12 W W\T W`, brings them back. {math}`F` is the product itself, not scaled. Everything else is
# the usual recipe: momentum, batches of 64, dropout. The published runs have none of the first and batches of 256. At each depth every rule has the
# best of three learning rates, a factor of ten apart and tried on one seed: another seed may still diverge at it.
#
# **What remains open.** A network of orthogonal ReLU layers loses half of its activity's square at every layer, which slows
# deep networks. Whether a longer run or another nonlinearity makes the deepest ones as good as the shallow ones, the runs of this profile do not say. The
# claim that convolutional networks work too is not tested.
#
# ## An independent re-run
#
# The authors of Bio-FO {cite}`huang2025efficient` ran PEPITA again for their comparison, with batches of 100 and otherwise by the 2022 recipe. Their
# numbers, read off a figure, stand among [the known numbers](scorecard.ipynb), beside [Table 1 of 2022](icml.ipynb). Their own rule, which trains each
# layer by a read-out of its own, is not in this book.
#
# ## What we have not found elsewhere
#
# Three things of this book that we have seen in no other text on these rules: the equations of [the exact two-pass rule](exact_rule.ipynb) at finite strength
# of {math}`F`, the condition on [which random feedback can learn](which_feedback.ipynb), and all rules in one table, [tuned alike](tabs3.ipynb) on
# held-out images.
#
