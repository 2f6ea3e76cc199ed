"""Figure S3: PEPITA against AFA on several data sets, at two learning rates and strengths of F."""

from itertools import product

from topdown_book.figures._afa import RULES, curves, gap, gap_in_words
from topdown_book.figures._drawing import Drawing
from topdown_book.figures._experiment import Case, Experiment, Results
from topdown_book.figures._panels import absent_in_words, no_data, summary
from topdown_book.figures._parameters import SEVERAL
from topdown_book.figures._recipes import MAY_BE_ABSENT, SEVERAL_DATA, decay_within, make, usual
from topdown_book.figures._theme import grid, legend_below, percent_axis, theme
from topdown_book.figures._words import paired, runs

RATES, SCALES = (0.01, 0.1), (0.05, 0.5)
"""Learning rates; scales s of F, whose standard deviation is s sqrt(2/D)."""
BY = ["dataset", "lr", "scale"]
TITLE = dict(fontsize=8.5, fontweight="normal")


def cases(settings: dict) -> list[Case]:
    """Data sets x rates x strengths x {PEPITA, AFA}, without momentum."""
    decays = decay_within(settings["epochs"])
    return [
        Case(make(settings, dataset=dataset, rule=rule, lr=lr, decay_epochs=decays, momentum=0.0,
                  feedback_scale=scale),
             dict(dataset=dataset, lr=lr, scale=scale, variant=name),
             optional=dataset in MAY_BE_ABSENT)
        for dataset, lr, scale in product(settings["datasets"], RATES, SCALES)
        for name, rule in RULES.items()
    ]


FIGURE = Experiment(
    title="PEPITA against AFA from identical initialisations", parameters=SEVERAL,
    profiles=usual(*SEVERAL_DATA, smoke=dict(epochs=10)), cases=cases)


def answer(results: Results) -> str:
    """Where PEPITA and AFA end clearly apart, among the cases shown."""
    final = results.final()
    gaps = {names: paired(rows, "variant", "PEPITA", "AFA") for names, rows in final.groupby(BY)}
    far = {names: gap for names, gap in gaps.items() if gap.clear}
    widest = max(gaps, key=lambda names: abs(gaps[names].mean))
    dataset, lr, scale = widest
    return (f"In {len(gaps) - len(far)} of {len(gaps)} cases PEPITA and AFA end alike; the widest "
            f"gap is {gaps[widest].words()}, on {dataset} at rate {lr:g} and scale {scale:g}. "
            f"{runs(results)}")


def draw(results: Results) -> Drawing:
    """A row per data set, a column per learning rate and strength of F."""
    rows = results.curves("test_accuracy").query("epoch > 0")
    datasets, columns = results.settings["datasets"], list(product(RATES, SCALES))
    with theme():
        figure, axes = grid(len(datasets), len(columns), 0.5 + 1.75 * len(datasets), sharex=True,
                            sharey="row")
        for line, dataset in zip(axes, datasets):
            for axis, (lr, scale) in zip(line, columns):
                here = rows[(rows.dataset == dataset) & (rows.lr == lr) & (rows.scale == scale)]
                above = f"rate {lr:g}, s = {scale:g}\n" if dataset == datasets[0] else ""
                _panel(axis, here, above)
            percent_axis(line[0], f"{dataset}\ntest accuracy (%)")
        for axis in axes[-1]:
            axis.set_xlabel("epoch")
        legend_below(figure, axes.flat, 2, "upper right")
    return Drawing(figure, _alt(rows, datasets), _CAPTION, _gaps(rows))


def _panel(axis, rows, above: str) -> None:
    if rows.empty:
        no_data(axis)
        axis.set_title(above, **TITLE)
    else:
        curves(axis, rows)
        axis.set_title(f"{above}gap {gap_in_words(rows)}", **TITLE)


def _gaps(rows):
    """Per panel the mean curve's last values are in `mean`, `sd`; `gap` is paired by seed."""
    end = rows[rows.epoch == rows.groupby("key").epoch.transform("max")]
    table = summary(end, [*BY, "variant"])
    found = {names: gap(group) for names, group in end.groupby(BY)}
    pairs = [found[names] for names in table[BY].itertuples(index=False, name=None)]
    return table.assign(gap=[p.mean() for p in pairs], sd_gap=[p.std() for p in pairs])


def _alt(rows, datasets) -> str:
    parts = [f"{d}, rate {lr:g}, s = {s:g}: {gap_in_words(group)}"
             for (d, lr, s), group in rows.groupby(BY)]
    return ("Small panels of test accuracy against epochs for PEPITA and AFA. PEPITA minus AFA at "
            f"the end, in percentage points: {'; '.join(parts)}.{absent_in_words(rows, datasets)}")


_CAPTION = (
    "PEPITA (dots) and AFA (crosses) from identical weights, F and order of samples; one hidden "
    "layer, no momentum. Columns: learning rate and scale s of F, whose standard deviation is "
    "s√(2/D). Mean ± standard deviation over seeds; the gap is PEPITA minus AFA at the end, seed "
    "by seed."
)
