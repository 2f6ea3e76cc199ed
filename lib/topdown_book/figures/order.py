"""The order of the rules on every data set, by the recipes of Table 1, at Table 2's sizes."""

from dataclasses import replace

import pandas as pd

from topdown_book.figures._drawing import Drawing
from topdown_book.figures._experiment import Case, Experiment, Results
from topdown_book.figures._paired import half_width, values_and_lost
from topdown_book.figures._panels import NO_DATA, in_words, no_data
from topdown_book.figures._parameters import SEVERAL
from topdown_book.figures._recipes import MAY_BE_ABSENT, NAMES, TABLE_2, VARIANTS, table_1
from topdown_book.figures._theme import PALETTE, panels, theme
from topdown_book.figures._words import joined, paired, runs


def cases(settings: dict) -> list[Case]:
    """Table 1's rules with one hidden layer, and PEPITA uniform, on every data set."""
    return [Case(recipe, dict(dataset=dataset, variant=name), optional=dataset in MAY_BE_ABSENT)
            for dataset in settings["datasets"] for name, recipe in _recipes(settings, dataset)]


def _recipes(settings: dict, dataset: str):
    for name, recipe in table_1({**settings, "dataset": dataset}).items():
        yield name, recipe
        if name == "PEPITA":
            yield NAMES["uniform"], replace(recipe, **VARIANTS["uniform"])


FIGURE = Experiment(title="The order of the rules", parameters=SEVERAL, profiles=TABLE_2,
                    cases=cases)


def draw(results: Results) -> Drawing:
    """Per data set a row per rule, by mean: the seeds, their mean and its 95 % interval."""
    final, datasets = results.final(), results.settings["datasets"]
    ranks = {name: ranked(final[final.dataset == name]) for name in datasets}
    with theme():
        figure, axes = panels(len(datasets), height=3.0)
        for axis, letter, name in zip(axes, "abcde", datasets):
            _panel(axis, ranks[name], final[final.dataset == name])
            axis.set(title=f"{letter}  {name}", xlabel="test accuracy (%)")
    data = pd.concat([rows.assign(dataset=name) for name, rows in ranks.items()],
                     ignore_index=True)
    return Drawing(figure, _alt(final, ranks), _CAPTION, data,
                   "one seed has no interval")


def ranked(rows: pd.DataFrame) -> pd.DataFrame:
    """variant, n, lost, mean, half_width of the 95 % interval; the largest mean first."""
    table = pd.DataFrame([
        dict(variant=name, n=own.value.count(), lost=values_and_lost(own)[1],
             mean=own.value.mean(), half_width=half_width(own.value.dropna()))
        for name, own in rows.groupby("variant", sort=False)],
        columns=["variant", "n", "lost", "mean", "half_width"])
    return table.sort_values("mean", ascending=False, ignore_index=True)


def _panel(axis, rank: pd.DataFrame, rows: pd.DataFrame) -> None:
    if rank.empty:
        no_data(axis)
        return
    for place, row in rank.iterrows():
        seeds = rows[rows.variant == row.variant].value
        axis.plot(seeds, [place] * len(seeds), ls="", marker="o", ms=3, color=PALETTE["grey"])
        axis.errorbar(row["mean"], place, xerr=row.half_width, marker="s", ms=4, capsize=3,
                      color=PALETTE["blue"])
    axis.set(yticks=range(len(rank)), yticklabels=rank.variant, ylim=(len(rank) - 0.5, -0.5))
    axis.grid(axis="y", visible=False)


def _alt(final: pd.DataFrame, ranks: dict[str, pd.DataFrame]) -> str:
    parts = []
    for name, rank in ranks.items():
        rows = final[final.dataset == name].set_index("variant").loc[list(rank.variant)]
        words = in_words(rows.reset_index()) if len(rank) else NO_DATA
        parts.append(f"{name}: {words}")
    return f"Test accuracy in percent, best rule first. {'; '.join(parts)}."


_CAPTION = (
    "Test accuracy at the end of training, the rule with the largest mean on top: single seeds "
    "(dots), their mean and its 95 % t interval (squares). One hidden layer; learning rate 0.01 "
    "and He-normal weights for all but PEPITA uniform and PEPITA-TL, which has the recipe of "
    "Figure S1. Nothing is tuned."
)


def answer(results: Results) -> str:
    """`>` where the interval of the difference to the next rule is above zero, else `≈`.

    `=` where it is nothing in every seed.
    """
    final = results.final()
    names = list(dict.fromkeys(final.dataset))
    if not names:
        return "No data are here."
    parts = [f"On {name}: {_chain(final[final.dataset == name])}" for name in names]
    lead = "; on ".join(f"{name} {_ends(final[final.dataset == name])}" for name in names)
    return (f"On {lead}. The whole order, from the largest mean down: > marks a difference to the "
            "next rule whose interval, paired by seed, is above zero, ≈ one that cannot be told "
            f"from it. {'. '.join(parts)}. {runs(results)}")


def _ends(rows: pd.DataFrame) -> str:
    kept = ranked(rows).query("lost < n").variant
    return f"{kept.iloc[0]} is first and {kept.iloc[-1]} last" if len(kept) else "no rule is ahead"


def _chain(rows: pd.DataFrame) -> str:
    rank = ranked(rows)
    kept = rank[rank.lost < rank.n]
    text = kept.variant.iloc[0] if len(kept) else "no rule has an accuracy"
    for ahead, behind in zip(kept.variant[:-1], kept.variant[1:]):
        gap = paired(rows, "variant", ahead, behind)
        sign = ">" if gap.above else "=" if gap.within(1e-9) else "≈"
        text += f" {sign} {behind} ({gap.words()})"
    lost = rank[rank.lost >= rank.n].variant
    return text + (f"; all seeds of {joined(lost)} diverged" if len(lost) else "")
