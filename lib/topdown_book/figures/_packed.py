"""Numbers for a page's widget: text of two characters a number, unpacked by `learn.unpacked`."""

from __future__ import annotations

import numpy as np

BASE, FIRST = 90, 35
"""Digits are the characters from "#" on; the last pair stands for NaN."""


def packed(values, low: float, high: float) -> dict:
    """{low, high, text}: every value to 1/8098 of the range; outside of it, its nearest end."""
    steps = BASE**2 - 2
    values = np.asarray(values, float).ravel()
    share = np.clip((values - low) / (high - low), 0, 1)
    whole = np.where(np.isnan(share), steps + 1, np.rint(np.nan_to_num(share) * steps)).astype(int)
    pairs = np.stack([whole // BASE, whole % BASE], axis=1) + FIRST
    return {"low": low, "high": high, "text": bytes(pairs.ravel().astype(np.uint8)).decode()}
