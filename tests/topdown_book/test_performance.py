"""The page on performance says what was measured, and says so when nothing was."""

from functools import cache

import pytest

from topdown_book.bench import memory, report, scaling
from topdown_book.bench._problem import Problem
from topdown_book.figures import Drawing, Table, gather, get, precision
from topdown_book.figures import _performance_words as say
from topdown_book.figures import performance as show
from topdown_book.page import shown
from topdown_book.store.records import Store
from topdown_book.store.running import plan, run_jobs


def spread(middle):
    return {"low": 0.9 * middle, "median": middle, "high": 1.1 * middle}


def about(name):
    return report.run(name, lambda count, **options: [], 1, quick=False)["about"]


def step_result(ratio=0.9):
    rows = [{"rule": "pepita", "sizes": sizes, "batch": 64, "bound_by": "arithmetic",
             "gflops": spread(100.0), "ms_per_step": spread(2.0), "ratio_to_bp": spread(ratio),
             "speedup_over_usual": spread(1.7), "fraction_of_limit": spread(0.5)}
            for sizes in ([3072, 1024, 10], [784, 1024, 10])]
    return {"about": about("step"), "rows": rows}


def scaling_result():
    def row(axis, problem, k):
        times = {f"{name}_us_per_sample": spread(1.0 + k)
                 for name in ("ours", "bp", "products", *scaling.BOUNDS)}
        return {"axis": axis, "value": scaling.value(axis, problem), "sizes": list(problem.sizes),
                "batch": problem.batch, "bound_by": "dispatch" if k < 2 else "arithmetic",
                "ratio_to_bp": spread(0.8), "fraction_of_limit": spread(0.7), **times}

    return {"about": about("scaling"),
            "rows": [row(axis, problem, k) for axis, problems in scaling.AXES.items()
                     for k, problem in enumerate(problems)]}


@cache
def memory_result():
    rows = [row for depth in (1, 2, 4)
            for row in memory.depth_rows((64, *(32,) * depth, 10), 256)]
    process = {"kind": "process", "who": "ours", "rule": "bp", "sizes": [8, 4, 2], "batch": 4,
               "state_bytes": 1000, "peak_bytes": spread(2000.0)}
    return {"about": about("memory"), "rows": [process, *rows]}


@pytest.mark.parametrize(("draw", "result"), [
    (show.steps, step_result), (show.scaling, scaling_result), (show.memory, memory_result),
    (show.processes, memory_result),
])
def test_what_was_measured_is_shown_whole(draw, result):
    drawn = draw(result())
    shown.check("performance", drawn)
    assert drawn.caption and len(drawn.data)
    assert "nan" not in getattr(drawn, "alt", "")


@pytest.mark.parametrize("draw", (show.steps, show.scaling, show.memory, show.processes,
                                  show.peers))
def test_without_a_record_the_page_says_which_command_makes_it(draw):
    drawn = draw(None)
    assert isinstance(drawn, Table) and show.COMMAND in str(drawn.cells.to_dict())
    assert show.how(None) == "no record in benchmarks/"


def test_a_package_that_does_not_work_is_shown_with_its_reason():
    rows = [{"package": "biotorch", "rule": "fa", "sizes": [8, 4, 2], "note": "", "problem": "no"}]
    drawn = show.peers({"about": about("peers"), "rows": rows})
    shown.check("performance", drawn)
    assert drawn.cells["why not"].item() == "no"


def test_aims_are_said_to_be_met_or_not():
    met, missed = say.promises(step_result(0.9)), say.promises(step_result(1.05))
    assert met.count("**not met**") == 1 and "0.5 (0.45 to 0.55) of the limit" in met
    assert missed.count("**not met**") == 2


def test_a_regime_names_what_bounds_where():
    text = say.regime(scaling_result(), "batch")
    assert "dispatch at 16 to 32, arithmetic at 64 to 1024" in text and "a factor of 7" in text
    assert "bandwidth" not in text


def test_memory_separates_rules_that_grow_with_depth_from_those_that_do_not():
    text = say.memory(memory_result())
    growing, constant = text.split("; that of ")
    assert all(rule in growing for rule in ("bp", "fa", "dfa", "pepita"))
    assert "drtp, forward-forward, pepita-hebbian, pepita-time-local stays" in constant


def test_rules_of_equal_memory_share_a_line():
    drawn = show.memory(memory_result())
    labels = [text.get_text() for text in drawn.figure.axes[0].get_legend().get_texts()]
    assert "bp, dfa, fa, pepita" in labels and "pepita-hebbian, pepita-time-local" in labels


def test_precision_is_shown_and_answered_from_records():
    store, experiment = Store(), get("precision")
    settings = experiment.settings({"profile": "smoke", "epochs": 1, "width": 8}, store)
    run_jobs(plan(experiment.wanted(settings), store, 2), store, "cpu", progress=False)
    results = gather(experiment, settings, store)
    drawn = precision.draw(results)
    assert isinstance(drawn, Drawing) and len(drawn.data) == 6
    assert "PEPITA-Hebbian" in precision.answer(results)


def test_published_numbers_use_the_network_of_the_aims():
    aimed = {(*sizes,) for sizes, *_ in say.PROMISES}
    from topdown_book.bench.step import SIZES

    assert aimed <= set(SIZES) and Problem("pepita", SIZES[0], 64).recipe().batch == 64


def test_the_published_sizes_are_counted_once_each():
    """Table S2 has no recipe that is not Table 2's or Figure 3's."""
    alone, all_ = (say.published_recipes(names) for names in (["tab2", "fig3"],
                                                              ["tab2", "fig3", "tabs2"]))
    assert len(alone) == len(all_) and all(len(seeds) == 10 for seeds in all_.values())
    text = say.whole(step_result())
    assert "days, in one hour" in text and "days" not in say.whole(None)
    assert "nan" not in text
