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
# # Performance
#
# **Question.** How fast is a training step, what keeps it from being faster, and how much memory does it need?

# %% tags=["hide-input"]
from topdown_book import page

figure = page.open_figure("performance", globals())
figure.compute()

# %% tags=["hide-input"]
figure.show("steps")

# %% [markdown]
# ## One step of every rule
#
# Three yardsticks. BP by autograd is what one gets from PyTorch for the same network. The usual recipe is the rule written down from its formula:
# a data loader, full passes, gradients, an optimiser. The limit is the larger of two times: the operations that a step must
# do, at the rate of matrix products of its shapes, and the bytes that it must move, at the rate of a copy. Milliseconds are in the data.

# %% tags=["hide-input"]
figure.show("promises")

# %% [markdown]
# **What to look at.** BP, FA, DFA, DRTP and PEPITA lie close together, because all of them spend most of their operations on the first layer: one
# product for the pass and one for the update. Time-local PEPITA updates twice and has to do both again. Forward-Forward has two passes
# through every layer but the first, where positive and negative data differ in a few pixels only and share the large products.
#
# ### Other packages
#
# Installed without what they declare to need, which is old and not used in the layers compared here (`benchmarks/README.md`).

# %% tags=["hide-input"]
figure.show("peers")

# %% [markdown]
# ## What bounds a step
#
# Of the broken lines, *arithmetic* counts the operations at the rate of a large square product, *products* at that of products of the step's own, narrower
# shapes, *bandwidth* the bytes at the rate of a copy, *dispatch* the calls alone; all are measured in the same rounds. Where arithmetic is the
# largest, only fewer operations, fewer bits or a faster processor would help; where it is bandwidth, larger batches are nearly free; where it is dispatch, more
# work per call is. Numbers below are medians, and the limit counts the products of these shapes.

# %% tags=["hide-input"]
figure.show("scaling")

# %% [markdown]
# **Replicas.** Seeds of one recipe are trained as one program, their products batched. A small network leaves the processor waiting for
# the next call; then more seeds cost little. Recipes of equal shapes that differ in rate, weight decay or the scale of {math}`F` can share a program
# as well (`topdown.training.sharing`).

# %% tags=["hide-input"]
figure.show("replicas")

# %% [markdown]
# **Width.** Operations and bytes grow alike with the number of units, so their ratio, which decides between arithmetic and bandwidth, stays; what
# changes is whether weights and velocities fit into the cache.

# %% tags=["hide-input"]
figure.show("width")

# %% [markdown]
# **Depth.** Every further layer adds the same work. The trick of the first layer saves nothing in the layers above, where PEPITA's second pass is a
# full product, as BP's backward pass is.

# %% tags=["hide-input"]
figure.show("depth")

# %% [markdown]
# **Batch.** The update reads and writes all weights and velocities once a step, however many samples there are. Larger batches share that cost, and dispatch.

# %% tags=["hide-input"]
figure.show("batch")

# %% [markdown]
# ## The published sizes
#
# What the published profile costs follows from its recipes: passes, outer products, mirroring and evaluation, counted, not timed. Recipes that several
# figures share count once.

# %% tags=["hide-input"]
figure.show("whole")

# %% [markdown]
# On a GPU the same step is captured as one CUDA graph (`topdown.training.graphs`). No GPU was at hand when this was written: there are no GPU timings here.
#
# ## Memory

# %% tags=["hide-input"]
figure.show("processes")

# %% [markdown]
# Autograd holds a gradient beside every weight, our fused update does not.
#
# Forward-only rules are said to need less memory, since no activation has to wait for an error on its way back. That depends on
# the rule. PEPITA subtracts the second pass from the first, layer by layer, so it has to remember the first pass as BP does. DFA waits for the error as well. The Hebbian and the
# time-local form need only one pass at a time: a momentum buffer takes each outer product when the layer is passed, and the layer can be forgotten. DRTP knows
# the target beforehand, and Forward-Forward never looks past a layer.

# %% tags=["hide-input"]
figure.show("memory")

# %% tags=["hide-input"]
figure.show("kept")

# %% [markdown]
# **What to look at.** In (a), two kinds of lines: rising with depth, and flat from two layers on. In (b), the library takes the other side of the bargain. It keeps both
# passes and a modulated copy of the input, because memory is not what limits networks of this size.
#
# Whether the precision of the products matters is [asked on a page of its own](precision.ipynb).
#
# ## How it is measured, and what makes it fast
#
# The numbers come from `topdown bench`, which measures every ratio with both sides in the same run, in turns. They are kept in
# `benchmarks/` with the machine that they were taken on; nothing is timed while this page is built.
#
# Three ideas make the step fast. The second pass of PEPITA needs no product with the modulated image, because
# {math}`a'_1 = a_1 - e\,(W_1F)^\top`. Momentum takes the outer product of the update at once, so no gradient is ever stored. And
# the clean pass and {math}`W_1F` share one product, which reads {math}`W_1` once.
