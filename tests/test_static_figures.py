"""Figures that are drawn without records: Figure 1 and the scorecard."""

import pytest

from topdown.errors import UsageError
from topdown_book import claims as paper
from topdown_book.figures import scorecard as card
from topdown_book.figures.fig1 import DEFAULTS, PARAMETERS, fig1
from topdown_book.page import notebook


@pytest.mark.parametrize("hidden_layers", [1, 2, 4])
def test_figure_1_gives_each_scheme_its_own_paths(hidden_layers):
    edges = fig1(hidden_layers).data
    count = edges.groupby(["scheme", "path"]).size()
    assert (count.xs("forward", level="path") == hidden_layers + 1).all()
    assert count["a  FA", "error"] == hidden_layers
    assert count["b  PEPITA", "error"] == 1
    assert count["c  PEPITA + WM", "error"] == hidden_layers + 1
    assert count["c  PEPITA + WM", "mirroring"] == hidden_layers + 1
    own = edges[(edges.scheme == "d  Forward-Forward") & (edges.path == "error")]
    assert (own["from"].str.split().str[1] == own["to"].str.split().str[1]).all()


def test_no_error_path_of_figure_1_uses_a_forward_matrix():
    edges = fig1().data
    assert not edges[edges.path == "error"].by.str.startswith("W").any()


def test_a_static_figure_checks_its_parameters():
    figure = notebook.StaticFigure("fig1", PARAMETERS, DEFAULTS, {"hidden_layers": None})
    assert figure.settings == {"hidden_layers": 2}
    with pytest.raises(UsageError, match="hidden_layers=9 is not a whole number at least 1"):
        notebook.StaticFigure("fig1", PARAMETERS, DEFAULTS, {"hidden_layers": 9})
    with pytest.raises(UsageError, match="did you mean 'hidden_layers'"):
        notebook.StaticFigure("fig1", PARAMETERS, DEFAULTS, {
            "hidden_layers": None, "hidden_layer": 3, "In": ["# Parameters\nhidden_layer = 3\n"]})


def test_the_scorecard_has_a_row_for_every_fact_and_says_each_verdict():
    found = [s for s in card.scores() if "theory" not in s.fact.of]
    drawn = card.scorecard(found)
    assert len(drawn.data) == len(found)
    assert len(drawn.figure.axes) == 2
    assert drawn.alt.count("not yet run") >= len(found)
    cells = card.verdict_table(found).cells
    assert len(cells) == len(found) and cells["verdict"].str.startswith("not yet run").all()


def test_every_figure_s_claims_can_stand_alone():
    for name in {fact.figure for fact in paper.paper().facts} - {"fig2"}:
        assert set(card.scorecard(card.scores(name)).data["verdict"]) == {"not yet run"}
