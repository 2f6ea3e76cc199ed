"""Figures that are drawn without records: Figure 1 and the scorecard."""

import pytest

from topdown.errors import UsageError
from topdown_book import claims as paper
from topdown_book import page
from topdown_book.figures import fig1, scorecard


@pytest.mark.parametrize("hidden_layers", [1, 2, 4])
def test_figure_1_gives_each_scheme_its_own_paths(hidden_layers):
    edges = fig1.draw({"hidden_layers": hidden_layers})[""].data
    count = edges.groupby(["scheme", "path"]).size()
    assert (count.xs("forward", level="path") == hidden_layers + 1).all()
    assert count["a  FA", "error"] == hidden_layers
    assert count["b  PEPITA", "error"] == 1
    assert count["c  PEPITA + WM", "error"] == hidden_layers + 1
    assert count["c  PEPITA + WM", "mirroring"] == hidden_layers + 1
    own = edges[(edges.scheme == "d  Forward-Forward") & (edges.path == "error")]
    assert (own["from"].str.split().str[1] == own["to"].str.split().str[1]).all()


def test_no_error_path_of_figure_1_uses_a_forward_matrix():
    edges = fig1.draw(fig1.FIGURE.defaults)[""].data
    assert not edges[edges.path == "error"].by.str.startswith("W").any()


def test_of_the_other_schemes_backpropagation_alone_uses_transposed_weights():
    edges = fig1.draw({"hidden_layers": 2})["more"].data
    back = edges[edges.path == "error"]
    assert set(back[back.by.str.contains("T")].scheme) == {"e  BP"}
    assert set(back[back.scheme == "g  DRTP"]["from"]) == {"target"}
    assert list(back[back.scheme == "f  DFA"].to) == ["layer 2", "layer 1"]


def test_a_static_figure_checks_its_parameters():
    figure = page.open_figure("fig1", {"hidden_layers": None})
    assert figure.settings == {"hidden_layers": 2}
    with pytest.raises(UsageError, match="hidden_layers=9 is not a whole number at least 1"):
        page.open_figure("fig1", {"hidden_layers": 9})
    with pytest.raises(UsageError, match="did you mean 'hidden_layers'"):
        page.open_figure("fig1", {
            "hidden_layers": None, "hidden_layer": 3, "In": ["# Parameters\nhidden_layer = 3\n"]})


def test_the_scorecard_has_a_row_for_every_fact_and_says_each_verdict(monkeypatch):
    scores = [s for s in paper.score() if s.fact.of and "theory" not in s.fact.of]
    monkeypatch.setattr(paper, "score", lambda figure: scores)
    parts = scorecard.draw({"about": "all"}, paper)
    assert len(parts["chart"].data) == len(scores)
    assert len(parts["chart"].figure.axes) == 2
    said = [s.verdict for s in scores]
    assert all(f"– {verdict}" in parts["chart"].alt for verdict in said)
    cells = parts["verdicts"].cells
    assert len(cells) == len(scores)
    assert list(cells["verdict"]) == sorted(said, key=paper.VERDICTS.index)


def test_every_figure_s_claims_can_stand_alone():
    for name in {fact.figure for fact in paper.paper().facts} - {"fig2"}:
        drawn = scorecard.draw({"about": name}, paper)["chart"]
        assert set(drawn.data["verdict"]) <= {"not yet run", "not comparable"}
