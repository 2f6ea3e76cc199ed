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
# # PEPITA from scratch
#
# Forty lines of NumPy, nothing from this book's library: a network that learns to read digits without ever sending an error backwards.
# Read it top to bottom; then [move the sliders](learn_by_hand.md).
#
# **The task.** Images of 64 pixels, ten digits. Every fifth image of a digit is kept for the test.

# %%
import numpy as np
from sklearn.datasets import load_digits

digits = load_digits()
x, labels = digits.data / 16, digits.target
test = np.zeros(len(labels), bool)
test[np.argsort(labels, kind="stable")[::5]] = True
t = np.eye(10)[labels]  # targets: 1 at the right digit

# %% [markdown]
# **The network.** One hidden layer of rectified units, and a softmax. A row is an image.

# %%
def forward(W1, W2, x):
    h = np.maximum(0, x @ W1.T)
    a = h @ W2.T
    y = np.exp(a - a.max(axis=1, keepdims=True))
    return h, y / y.sum(axis=1, keepdims=True)


# %% [markdown]
# **The rule.** Look at the image: the output is {math}`y`, the error {math}`e = y - t`. Send the error to the *input*, through a fixed random matrix {math}`F`,
# and look again, at {math}`x' = x - e F^\top`. The hidden units now answer {math}`h'` instead of {math}`h`. Each unit learns from its own change, and
# from what it sees:
#
# $$
# G_1 = \frac1B (h - h')^\top x', \qquad G_2 = \frac1B\, e^\top h' .
# $$

# %%
def pepita(W1, W2, F, x, t):
    h, y = forward(W1, W2, x)
    e = y - t
    shown = x - e @ F.T
    changed, _ = forward(W1, W2, shown)
    return (h - changed).T @ shown / len(x), e.T @ changed / len(x)


# %% [markdown]
# **Training.** Small steps against {math}`G`, with momentum, on some 64 images at a time.

# %%
rng = np.random.default_rng(0)
W1 = rng.uniform(-1, 1, (64, 64)) * np.sqrt(6 / 64)
W2 = rng.uniform(-1, 1, (10, 64)) * np.sqrt(6 / 64)
F = rng.normal(0, 0.1 * np.sqrt(2 / 64), (64, 10))
V1, V2 = np.zeros_like(W1), np.zeros_like(W2)

for epoch in range(30):
    order = rng.permutation(np.flatnonzero(~test))
    for rows in np.array_split(order, len(order) // 64):
        G1, G2 = pepita(W1, W2, F, x[rows], t[rows])
        V1, V2 = 0.9 * V1 + G1, 0.9 * V2 + G2
        W1, W2 = W1 - 0.1 * V1, W2 - 0.1 * V2
    if epoch % 5 == 4:
        right = forward(W1, W2, x[test])[1].argmax(axis=1) == labels[test]
        print(f"epoch {epoch + 1:2}: {100 * right.mean():.1f} % of the test images are read right")

# %% [markdown]
# **Why does it work?** The error reaches the hidden layer as {math}`e\,(W_1 F)^\top`, where backpropagation would send {math}`e\, W_2`. The two start out unrelated, at 90
# degrees. While the network learns, they turn towards each other, and what arrives becomes useful:

# %%
arrives, needed = W1 @ F, W2.T
cosine = (arrives * needed).sum() / np.linalg.norm(arrives) / np.linalg.norm(needed)
print(f"angle of W1 F and W2.T: {np.degrees(np.arccos(cosine)):.0f} degrees")

# %% [markdown]
# [The theory](theory.md) says why, [deeper networks](deeper_networks.md) what becomes of it, and [the learning rules](rules.ipynb) what else there is.
#
# **The same as the library.** This is the only cell that imports it:

# %%
import torch

from topdown import gradients

some = rng.permutation(len(x))[:64]
own = pepita(W1, W2, F, x[some], t[some])
weights, rest = [*map(torch.tensor, (W1, W2))], map(torch.tensor, (x[some], t[some], F))
library = gradients("pepita", weights, *rest)
difference = max(np.abs(a - b.numpy()).max() for a, b in zip(own, library))
assert difference < 1e-12
print(f"largest difference of the two updates: {difference:.0e}")
