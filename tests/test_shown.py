"""What a notebook shows is described for machines, and numbers that are none are refused."""

import dataclasses

import matplotlib.pyplot as plt
import pandas as pd
import pytest

from topdown.errors import UsageError
from topdown_book.figures import Drawing, Table
from topdown_book.figures._theme import spread
from topdown_book.page import markup, notebook, shown

NAN = float("nan")


def drawing(mean, sd=1.0, missing=""):
    data = pd.DataFrame({"rule": ["a", "b"], "mean": [1.0, mean], "sd": [1.0, sd]})
    return Drawing(plt.figure(), "two bars", "A caption.", data, missing)


@pytest.mark.parametrize("value", (NAN, float("inf")))
def test_a_number_that_is_none_is_refused_with_its_column(value):
    with pytest.raises(UsageError, match="figx: .*NaN or infinite numbers in mean"):
        shown.check("figx", drawing(value))


def test_a_reason_or_a_failed_run_explains_missing_numbers():
    shown.check("figx", drawing(NAN, missing="no data"))
    shown.check("figx", drawing(NAN), failures=1)


def test_one_seed_has_no_spread_and_that_is_no_error():
    shown.check("figx", drawing(2.0, sd=NAN))


def test_the_description_stands_in_the_metadata_of_the_output(monkeypatch):
    outputs = []
    monkeypatch.setattr(markup, "display", lambda _, metadata: outputs.append(metadata))
    table = Table(pd.DataFrame({"x": ["1", "2"]}), "A table.", pd.DataFrame({"x": [1, 2]}))
    notebook.StaticFigure("figx", (), {"size": 3}, {}).show(table, records=["b.parquet"])
    (about,) = (metadata[shown.KEY] for metadata in outputs)
    assert about["name"] == "figx" and about["kind"] == "table" and about["rows"] == 2
    assert about["settings"] == {"size": 3} and about["records"] == ["b.parquet"]


def test_a_notebook_refuses_to_show_nan(monkeypatch):
    monkeypatch.setattr(markup, "display", lambda *_, **__: pytest.fail("it was shown"))
    with pytest.raises(UsageError, match="figx"):
        notebook.StaticFigure("figx", (), {}, {}).show(drawing(NAN))


def test_words_with_a_number_that_is_none_are_refused_even_where_runs_failed():
    spoken = dataclasses.replace(drawing(2.0), alt="A mean of nan.")
    with pytest.raises(UsageError, match="alternative text says 'nan'"):
        shown.check("figx", spoken, failures=1)


def test_means_in_words_count_the_seeds_that_are_left():
    nan = float("nan")
    assert spread([1.0, 3.0]) == "2.0 ± 1.4"
    assert spread([1.0, 3.0, nan]) == "2.0 ± 1.4 (2 of 3 seeds)"
    assert spread([1.0, nan]) == "1.0 (1 of 2 seeds)" and spread([nan]) == "failed (1 seeds)"
