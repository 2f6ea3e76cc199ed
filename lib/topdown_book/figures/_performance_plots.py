"""The panels of the page on performance."""

from __future__ import annotations

import pandas as pd

from topdown_book.figures._theme import (
    CYCLE,
    MARKERS,
    PALETTE,
    dashed,
    grid,
    legend_below,
    panels,
    styles,
    theme,
)

LINES = {"ours": ("PEPITA, ours", "blue", "o"), "bp": ("BP by autograd", "orange", "s")}
BOUNDS = {"products": ("sky", (7, 2)), "arithmetic": ("green", (4, 2)),
          "bandwidth": ("purple", (1, 1.5)), "dispatch": ("grey", (5, 1.5, 1, 1.5))}
LABELS = {"replicas": "replicas trained together", "width": "units in the hidden layer",
          "depth": "hidden layers", "batch": "samples in a batch"}


RATIOS = {"ratio_to_bp": "a  time / BP by autograd", "speedup_over_usual": "b  usual recipe / ours",
          "fraction_of_limit": "c  limit / ours"}


def step_figure(rows: pd.DataFrame):
    """Three panels, a ratio each: one line of markers a rule, a marker a network."""
    rules, networks = list(dict.fromkeys(rows.rule)), list(dict.fromkeys(rows.sizes))
    looks = styles(networks)
    with theme():
        figure, axes = panels(3, height=1.2 + 0.3 * len(rules), sharey=True)
        for axis, (name, title) in zip(axes, RATIOS.items()):
            for k, network in enumerate(networks):
                one = rows[rows.sizes == network]
                height = [rules.index(rule) + 0.22 * (k - (len(networks) - 1) / 2)
                          for rule in one.rule]
                bars = [one[name] - one[f"{name}_low"], one[f"{name}_high"] - one[name]]
                axis.errorbar(one[name], height, xerr=bars, ls="", label=network, capsize=2,
                              color=looks[network]["color"], marker=looks[network]["marker"])
            axis.axvline(1, color=PALETTE["grey"], dashes=(4, 2), lw=1)
            axis.set(title=title, xlim=(0, None))
        axes[0].set_yticks(range(len(rules)), rules)
        axes[0].invert_yaxis()
        legend_below(figure, axes[:1])
    return figure


def scaling_figure(rows: pd.DataFrame):
    """Four panels: time per sample against each size."""
    with theme():
        figure, axes = grid(2, 2, 5.4)
        for letter, axis, (name, one) in zip("abcd", axes.flat, rows.groupby("axis", sort=False)):
            _scaling_panel(axis, one)
            axis.set(title=f"{letter}  {name}", xlabel=LABELS[name])
        for axis in axes[:, 0]:
            axis.set_ylabel("µs per sample")
        legend_below(figure, axes.flat[:1], columns=6)
    return figure


def _scaling_panel(axis, one: pd.DataFrame) -> None:
    for name, (label, color, marker) in LINES.items():
        middle = one[f"{name}_us_per_sample"]
        bars = [middle - one[f"{name}_us_per_sample_low"],
                one[f"{name}_us_per_sample_high"] - middle]
        axis.errorbar(one.value, middle, yerr=bars, label=label, color=PALETTE[color],
                      marker=marker, capsize=2)
    for name, (color, dashes) in BOUNDS.items():
        axis.plot(one.value, one[f"{name}_us_per_sample"], color=PALETTE[color], dashes=dashes,
                  label=name)
    axis.set(xscale="log", yscale="log")
    axis.set_xticks(list(one.value), [str(v) for v in one.value])
    axis.minorticks_off()


def memory_figure(rows: pd.DataFrame):
    """(a) what must be kept, rules that keep the same together; (b) what is."""
    with theme():
        figure, (a, b) = panels(2, height=3.9)
        for k, (names, one) in enumerate(_alike(rows[rows.who == "least"])):
            a.plot(one.depth, one.activation_bytes / 1e6, ls="", marker=MARKERS[k], color=CYCLE[k])
            a.plot(one.depth, one.closed_form_bytes / 1e6, color=CYCLE[k], ls=dashed(k))
            a.plot([], [], color=CYCLE[k], marker=MARKERS[k], label=names, ls=dashed(k))
        kept = [*_alike(rows[(rows.who == "ours") & (rows.rule != "afa")]),
                ("BP by autograd", rows[rows.who == "autograd"])]
        for k, (names, one) in enumerate(kept):
            b.plot(one.depth, one.activation_bytes / 1e6, color=CYCLE[k], marker=MARKERS[k],
                   label=names, ls=dashed(k))
        for axis, title in ((a, "a  what a rule must keep"), (b, "b  what is kept")):
            axis.set(title=title, xlabel="hidden layers", ylim=(0, None), ylabel="activations (MB)",
                     xticks=sorted(set(rows.depth)))
            axis.legend(loc="upper center", bbox_to_anchor=(0.5, -0.2))
    return figure


def _alike(rows: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """(names, rows of the first) of rules whose bytes differ by less than a hundredth."""
    found: list[tuple[list[str], pd.DataFrame]] = []
    for rule, one in rows.groupby("rule", sort=False):
        for names, other in found:
            here, there = (r.activation_bytes.to_numpy(float) for r in (one, other))
            if len(here) == len(there) and (abs(here - there) < 0.01 * there).all():
                names.append(rule)
                break
        else:
            found.append(([rule], one))
    return [(", ".join(names), one) for names, one in found]
