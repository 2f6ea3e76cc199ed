"""What a notebook displays: pictures in two forms, tables in three, answers, spelling."""

import base64
import io
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from topdown.errors import UsageError
from topdown_book.bench.report import read
from topdown_book.figures import Drawing, Table, performance
from topdown_book.page import markup, tables
from topdown_book.page.picture import pictures

COLUMN = 688
"""Pixels of the text column on a screen of 1280."""
ABOUT = {"name": "figx"}


def two_panels():
    figure, (left, right) = plt.subplots(1, 2, figsize=(7.4, 3))
    left.set_title("a  one", loc="left")
    right.set_title("b  mnist", loc="left")
    return figure


def shown(monkeypatch, drawn):
    outputs = []
    monkeypatch.setattr(markup, "display", lambda data, raw, metadata: outputs.append(data))
    markup.show(ABOUT, "figx", "", drawn, "")
    return outputs[0]


def drawing(alt="two empty panels"):
    return Drawing(two_panels(), alt, "A caption.", pd.DataFrame({"x": [1]}))


def test_a_picture_is_a_vector_graphic_and_a_png_of_twice_a_page_s_pixels():
    svg, png, _ = pictures(two_panels())
    assert ElementTree.fromstring(svg).tag.endswith("svg")
    assert Image.open(io.BytesIO(png)).width >= 2 * COLUMN


def test_panels_lie_side_by_side_inside_the_picture_and_carry_their_letters():
    svg, _, ((first, x1, y1, w1, h1), (second, x2, _, w2, _)) = pictures(two_panels())
    box = [float(v) for v in ElementTree.fromstring(svg).get("viewBox").split()]
    assert (first, second) == ("a", "b")
    assert x1 >= 0 and x1 + w1 <= x2 + 1 and x2 + w2 <= box[2] + 1 and y1 + h1 <= box[3] + 1


def test_data_sets_are_spelled_as_their_authors_do_in_words_and_not_in_paths():
    assert tables.spelled("mnist, cifar10: fashion-mnist") == "MNIST, CIFAR-10: Fashion-MNIST"
    assert tables.spelled("results/cifar10/a.parquet") == "results/cifar10/a.parquet"


def test_rules_have_their_names_in_words_and_those_of_the_code_in_code():
    assert tables.spelled("bp, pepita-hebbian (fa)") == "BP, PEPITA-Hebbian (FA)"
    code = 'rule="pepita", topdown.rules.fa, pepita.py, rules=bp, `drtp`'
    assert tables.spelled(code) == code


def test_a_negative_number_has_a_minus_and_a_range_or_a_date_a_hyphen():
    assert tables.spelled("-0.04 points [-0.17, 0.09]") == "−0.04 points [−0.17, 0.09]"
    assert tables.spelled("3072-1024-10, 2026-11-24, 1e-05") == "3072-1024-10, 2026-11-24, 1e-05"


def test_a_column_of_fractions_or_of_numbers_with_their_range_is_one_of_numbers():
    assert tables.numeric(["3 of 3", "1 of 3"]) and tables.numeric(["1.51 (1.48 to 1.61)", "2"])
    assert not tables.numeric(["95.07 at depth 3", "from 1 to 2"])


def test_a_column_without_an_entry_is_left_out():
    cells, note = tables.shorten(pd.DataFrame({"a": ["1", "2"], "why not": ["", ""]}))
    assert list(cells) == ["a"] and not note


def test_nothing_is_cut_off_at_the_edge_of_the_picture():
    """Legends that hang below make the layout move once more; here the ticks change with it."""
    drawn = performance.memory(read("memory", Path(__file__).parents[2] / "benchmarks"))
    _, png, _ = pictures(drawn.figure)
    image = np.asarray(Image.open(io.BytesIO(png)).convert("L"))
    edges = (image[:5], image[-5:], image[:, :5], image[:, -5:])
    assert all((edge == image[0, 0]).all() for edge in edges)


def test_the_entries_of_a_legend_below_a_figure_are_panels_of_their_own_inside_the_picture():
    figure = two_panels()
    figure.set_layout_engine("constrained")
    for name in ("one", "another one"):
        figure.axes[0].plot([0, 1], label=name)
    figure.legend(loc="outside lower center", ncols=2)
    svg, _, found = pictures(figure)
    _, _, width, height = (float(v) for v in ElementTree.fromstring(svg).get("viewBox").split())
    entries = [box for letter, *box in found if not letter]
    assert len(entries) == 2 and entries[0][0] + entries[0][2] <= entries[1][0] + 1
    assert all(x >= 0 and x + w <= width and y + h <= height for x, y, w, h in entries)


def test_names_at_the_ticks_are_spelled_too():
    figure = two_panels()
    figure.axes[0].set(yticks=[0, 1], yticklabels=["mnist", "pepita-time-local"])
    svg, *_ = pictures(figure)
    assert "MNIST" in svg and "pepita-time-local" not in svg and "PEPITA-TL" in svg


def test_a_figure_is_displayed_as_html_svg_and_png_with_one_alternative_text(monkeypatch):
    data = shown(monkeypatch, drawing())
    assert {"text/html", "image/svg+xml", "image/png"} <= set(data)
    assert base64.b64decode(data["image/png"])[:4] == b"\x89PNG"
    (alt,) = re.findall("alt='([^']*)'", data["text/html"])
    assert alt == "two empty panels" and "<figcaption>A caption.</figcaption>" in data["text/html"]


def test_a_figure_without_alternative_text_is_refused(monkeypatch):
    with pytest.raises(UsageError, match="alternative text"):
        shown(monkeypatch, drawing(alt=" "))


def test_a_table_is_displayed_as_html_markdown_and_latex(monkeypatch):
    cells = pd.DataFrame({"rule": ["a_1", "b"], "mnist": ["1.0 ± 0.1 ★", "2.0"]})
    data = shown(monkeypatch, Table(cells, "A caption.", cells))
    assert "<strong>1.0 ± 0.1 ★</strong>" in data["text/html"]
    assert "<th scope='col' class='number'>MNIST</th>" in data["text/html"]
    assert "<th scope='row'>a_1</th>" in data["text/html"]
    assert "| a_1 | 1.0 ± 0.1 ★ |" in data["text/markdown"] and r"a\_1" in data["text/latex"]


def test_unknown_values_are_a_question_mark_and_a_column_of_nothing_else_becomes_a_note():
    cells = pd.DataFrame({"rule": ["a", "b"], "p": ["unknown", "unknown"], "q": ["1", "unknown"]})
    short, note = tables.shorten(cells)
    assert list(short.columns) == ["rule", "q"] and list(short.q) == ["1", "?"]
    assert "not known" in note and "?" in note
    assert tables.shorten(cells[["rule"]])[1] == ""


@pytest.mark.parametrize("column, expected", [
    (["97.1 ± 0.2 ★", "–", "9"], True), (["at least 1", "one of 2"], False), (["–", "?"], False),
    (["46.1 [45.8, 46.4]", "failed (3 seeds)", "12 %", "7"], True)])
def test_a_column_is_numeric_if_most_of_what_is_in_it_are_numbers(column, expected):
    assert tables.numeric(column) is expected


def test_an_answer_s_first_sentence_stands_and_the_rest_is_folded():
    text = markup.answer("It gains 0.5 points. On CIFAR-10 nothing. (3 seeds.)")
    lead, rest = text.split("<details", 1)
    assert lead.endswith("<p>It gains 0.5 points.</p>") and "(3 seeds.)" in rest
    assert "<details" not in markup.answer("Yes.")
