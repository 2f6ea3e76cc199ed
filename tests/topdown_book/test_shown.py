"""What a notebook shows is described for machines, and numbers that are none are refused."""

import dataclasses
from types import SimpleNamespace

import matplotlib.pyplot as plt
import pandas as pd
import pytest

from topdown.errors import UsageError
from topdown_book.figures import Drawing, Page, Parameter, Table
from topdown_book.figures._theme import spread
from topdown_book.page import markup, shown
from topdown_book.page.notebook import OpenFigure
from topdown_book.store.records import Store

NAN = float("nan")


def drawing(mean, sd=1.0, missing=""):
    data = pd.DataFrame({"rule": ["a", "b"], "mean": [1.0, mean], "sd": [1.0, sd]})
    return Drawing(plt.figure(), "two bars", "A caption.", data, missing)


def opened(drawn):
    """A page of one parameter that draws `drawn`, computed."""
    page = Page("A page", (Parameter("size", int, "how many"),), {"size": 3}, name="figx")
    figure = OpenFigure(page, SimpleNamespace(draw=lambda settings: drawn), {"size": None}, Store())
    figure.compute()
    return figure


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
    monkeypatch.setattr(markup, "display", lambda _, metadata, raw: outputs.append(metadata))
    table = Table(pd.DataFrame({"x": ["1", "2"]}), "A table.", pd.DataFrame({"x": [1, 2]}),
                  records=("b.parquet",))
    opened(table).show()
    (about,) = (metadata[shown.KEY] for metadata in outputs)
    assert about["name"] == "figx" and about["kind"] == "table" and about["rows"] == 2
    assert about["settings"] == {"size": 3} and about["records"] == ["b.parquet"]


def test_a_notebook_refuses_to_show_nan(monkeypatch):
    monkeypatch.setattr(markup, "display", lambda *_, **__: pytest.fail("it was shown"))
    with pytest.raises(UsageError, match="figx"):
        opened(drawing(NAN)).show()


def test_parts_are_shown_by_name_once_each_and_a_wrong_name_is_an_error(monkeypatch):
    outputs = []
    monkeypatch.setattr(markup, "display",
                        lambda _, metadata, raw: outputs.append(metadata[shown.KEY]))
    parts = {name: dataclasses.replace(drawing(2.0), caption=name) for name in ("a", "b", "c")}
    figure = opened(parts)
    figure.show("b")
    figure.show()
    assert [about["caption"] for about in outputs] == ["b", "a", "c"]
    with pytest.raises(UsageError, match="part of figx: 'd'"):
        figure.show("d")


def test_the_answer_stands_above_the_first_figure(monkeypatch):
    outputs = []
    for module in ("markup", "notebook"):
        monkeypatch.setattr(f"topdown_book.page.{module}.display",
                            lambda _, metadata, raw: outputs.extend(metadata))
    figure = opened(drawing(2.0))
    figure.source.answer = lambda settings: f"It has {settings['size']} points."
    figure.show()
    assert outputs == [shown.ANSWER, shown.KEY]


def test_words_with_a_number_that_is_none_are_refused_even_where_runs_failed():
    spoken = dataclasses.replace(drawing(2.0), alt="A mean of nan.")
    with pytest.raises(UsageError, match="alternative text says 'nan'"):
        shown.check("figx", spoken, failures=1)


def test_means_in_words_count_the_seeds_that_are_left():
    nan = float("nan")
    assert spread([1.0, 3.0]) == "2.0 ± 1.4"
    assert spread([1.0, 3.0, nan]) == "2.0 ± 1.4 (2 of 3 seeds)"
    assert spread([1.0, nan]) == "1.0 (1 of 2 seeds)" and spread([nan]) == "failed (1 seeds)"
