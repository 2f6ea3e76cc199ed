"""The Sphinx extension: outputs become figures with the paper's numbers; lighter pages."""

import dataclasses
import types
from pathlib import Path

import matplotlib.pyplot as plt
import nbformat
import pandas as pd
import pytest
from bs4 import BeautifulSoup

import topdown
from topdown_book.figures import Drawing, Table
from topdown_book.page import markup
from topdown_book.site import api, figures, numbers, pages, previews

CONFIG = """
extensions = ["myst_nb", "topdown_book.site"]
nb_execution_mode = "off"
numfig = True
numfig_format = {"figure": "Figure %s", "table": "Table %s"}
myst_enable_extensions = ["dollarmath"]
exclude_patterns = ["_build"]
"""
CITATION = """
title: A book
version: 0.1.0
authors: [{name: some people}]
preferred-citation:
  title: A paper
  year: 2024
  collection-title: A conference
  authors: [{family-names: One, given-names: A.}]
"""


def output(drawn, name, monkeypatch):
    found = []
    monkeypatch.setattr(markup, "display", lambda data, raw, metadata: found.append(data))
    behind = markup.origin("Made from 1 record") + markup.links(name, name, drawn, {}, "")
    markup.show({"name": name}, name, "", drawn, behind)
    return nbformat.v4.new_output("display_data", data=found[0])


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """A book of two pages: Figure 3 and a table of our own; another page shows a panel of it."""
    from sphinx.application import Sphinx

    source, monkeypatch = tmp_path_factory.mktemp("book"), pytest.MonkeyPatch()
    figure, axes = plt.subplots(1, 2, figsize=(7, 2))
    for axis, title in zip(axes, ("a  one", "b  two")):
        axis.set_title(title, loc="left")
    data = pd.DataFrame({"x": [1.5, 2.5]})
    cells = pd.DataFrame({"rule": ["a", "b"], "accuracy": ["1.0", "2.0 ★"]})
    python = {"language_info": {"name": "python"}}
    notebook = nbformat.v4.new_notebook(metadata=python, cells=[
        nbformat.v4.new_markdown_cell("# One\n\nSee {numref}`fig3` and [panel b](#fig3-b)."),
        nbformat.v4.new_code_cell("depth = 3", metadata={"tags": ["parameters"]}),
        nbformat.v4.new_code_cell("figure.show()", outputs=[
            output(Drawing(figure, "Two empty panels, side by side.", "A caption.", data), "fig3",
                   monkeypatch),
            output(Table(cells, "Ours.", data), "own", monkeypatch)]),
        nbformat.v4.new_markdown_cell("**What to look at.** Nothing.")])
    nbformat.write(notebook, source / "one.ipynb")
    (source / "index.md").write_text("# Index\n\nWords.\n\n```{panel} fig3-b\n:alt: the right one\n"
                                     "```\n\n```{toctree}\none\n```\n")
    (source / "conf.py").write_text(CONFIG)
    (source / "CITATION.cff").write_text(CITATION)
    for builder in ("html", "latex"):
        with Path(source, f"{builder}.log").open("w") as warnings:
            Sphinx(source, source, source / f"_build/{builder}", source / "_build/doctrees",
                   builder, warning=warnings, status=None).build()
    yield source
    monkeypatch.undo()


def page(book, name="one"):
    return BeautifulSoup((book / f"_build/html/{name}.html").read_text(), "html.parser")


def test_the_book_is_built_without_a_warning(book):
    lines = (book / "html.log").read_text().splitlines()
    # Sphinx says so where another test of the same process has built a book before.
    assert [line for line in lines if "is already registered" not in line] == []


def test_a_figure_has_the_paper_s_number_and_is_a_target_for_references(book):
    one = page(book)
    assert one.find("figure", id="fig3").find(class_="caption-number").text == "Figure 3 "
    assert one.find("a", href="#fig3").text == "Figure 3"
    assert one.find(id="fig3-b") and one.find("a", href="#fig3-b")


def test_a_table_of_our_own_is_c1_with_heads_that_say_of_what(book):
    table = page(book).find("table", id="own")
    assert table.caption.text.startswith("Table C1 ")
    assert {th["scope"] for th in table.thead.find_all("th")} == {"col"}
    assert {th["scope"] for th in table.tbody.find_all("th")} == {"row"}
    assert table.find("strong").text == "2.0 ★"


def test_the_picture_on_the_page_is_the_vector_graphic_with_its_words(book):
    image = page(book).find("figure", id="fig3").find("img", class_="drawn")
    assert image["src"].endswith(".svg") and image["alt"] == "Two empty panels, side by side."
    assert (book / "_build/html" / image["src"]).is_file()


def test_panels_stand_one_by_one_for_a_phone(book):
    parts = page(book).find("figure", id="fig3").find(class_="parts").find_all("img")
    assert len(parts) == 2 and all("#svgView(viewBox(" in part["src"] for part in parts)


def test_small_panels_stand_in_pairs_and_a_legend_s_entries_are_of_the_size_of_words():
    assert "48%" in figures._widest(90, 100) and "48%" not in figures._widest(200, 100)
    assert figures._widest(90, 12) == "126px"


def test_code_and_origin_and_data_are_folded_at_the_foot_in_this_order(book):
    article = page(book)
    kinds = [fold["class"][0] for fold in article.find(class_="behind").find_all("details")]
    assert kinds.index("origin") < kinds.index("data") < kinds.index("change") < kinds.index("code")
    text = article.get_text()
    assert text.index("What to look at") < text.index("Made from") < text.index("depth = 3")


def test_data_lie_in_a_file_beside_the_page(book):
    link = page(book).find("details", class_="data").find("a")
    assert (book / "_build/html" / link["href"]).read_text() == "x\n1.5\n2.5\n"


def test_a_panel_on_another_page_leads_to_its_figure(book):
    link = page(book, "index").find("figure", class_="borrowed").find("a")
    assert link["href"] == "one.html#fig3-b" and link.img["alt"] == "the right one"


def test_latex_has_every_figure_and_table(book):
    (tex,) = (book / "_build/latex").glob("*.tex")
    text = tex.read_text()
    assert text.count(r"\sphinxincludegraphics") == 1 and ".png" in text
    assert "A caption." in text and "Ours." in text and "accuracy" in text


@pytest.mark.parametrize("name, number", [("fig3", "3"), ("tabs1", "S1"), ("figs6", "S6"),
                                          ("fig2a", "2a"), ("widths", ""), ("fig3-laptop", "")])
def test_names_of_the_paper_s_figures_say_their_numbers(name, number):
    assert numbers.in_paper(name) == number


PAGE = """<html><head><title>T</title><meta name="viewport" content="1"/>
<meta name="viewport" content="2">
<script src="_static/scripts/fontawesome.js"></script><script src="searchindex.js"></script>
<script>window.MathJax = {}</script><script src="_static/mathjax/tex.js"></script></head><body>
<p aria-level="2" class="caption" role="heading"><span class="caption-text">Part</span></p>
<ul class="nav bd-sidenav"><li><a href="x.html">X</a><details><summary><i></i></summary></details>
</li></ul>
</div><article class="bd-article"><p>First <b>words</b>.</p>BODY</article>
<div class="cite"></div></body></html>"""


def test_a_link_from_an_output_to_a_notebook_leads_to_its_page_and_a_download_stays():
    page = PAGE.replace("BODY", '<a class="x" href="fig3.ipynb#fig3-b">1</a> '
                                '<a href="../_sources/book/fig3.ipynb">2</a>')
    found = pages.finish(page)
    assert 'href="fig3.html#fig3-b"' in found and 'href="../_sources/book/fig3.ipynb"' in found



def test_a_page_without_a_formula_loads_no_engine_for_formulas_and_none_loads_icons():
    plain = pages.finish(PAGE, "CITE")
    assert "MathJax" not in plain and "mathjax" not in plain and "fontawesome" not in plain
    formula = pages.finish(PAGE.replace("BODY", '<span class="math">x</span>'), "CITE")
    assert "MathJax" in formula and "mathjax" in formula


def test_the_theme_s_sheet_is_not_loaded_only_to_import_another():
    found = pages.finish('<head><title>A</title><link href="../_static/styles/theme.css?digest=1" '
                         'rel="stylesheet" /></head><article class="bd-article">a</article>')
    assert "../_static/basic.css" in found and "theme.css" not in found


def test_the_search_index_is_loaded_by_the_search_alone():
    assert "searchindex" not in pages.finish(PAGE)
    assert "searchindex" in pages.finish(PAGE, search=True)


def test_a_page_is_described_once_and_finishing_it_again_changes_nothing():
    once = pages.finish(PAGE, "CITE")
    assert '<meta name="description" content="First words.">' in once
    assert once.count('name="viewport"') == 1 and "CITE" in once
    assert pages.finish(once, "CITE") == once


def test_parts_fold_and_toggles_have_names():
    text = pages.finish(PAGE)
    assert '<details class="part"><summary>Part</summary>' in text
    assert '<summary aria-label="Pages below X">' in text


def test_social_previews_need_an_address():
    assert "og:image" not in pages.finish(PAGE)
    assert "https://a.org/book/_data/index.png" in pages.finish(PAGE, address="https://a.org/book/")


def test_the_citation_names_paper_and_book(tmp_path):
    (tmp_path / "CITATION.cff").write_text(CITATION)
    text = pages.citation(tmp_path / "CITATION.cff")
    assert "@inproceedings{srinivasan2024forward" in text and "title = {A paper}" in text
    assert "author = {One, A.}" in text and "@misc{topdown" in text


def test_previews_are_of_equations_terms_and_figures_without_their_ids():
    found = previews.targets(
        '<div class="math" id="equation-eq-a">x</div><dl><dt id="term-a">A</dt><dd>what</dd></dl>'
        '<figure class="topdown-figure" id="fig3"><img alt="long" src="../_images/a.svg"></figure>')
    assert set(found) == {"equation-eq-a", "term-a", "fig3"}
    assert all(" id=" not in shown for shown in found.values())


def test_a_public_name_without_docstring_is_noticed():
    module = types.ModuleType("m")
    exec("def f():\n    'Words.'\n\ndef g():\n    pass\n", module.__dict__)
    assert api.documentation(module, "f") == "Words." and api.documentation(module, "g") == ""


def test_a_class_of_many_fields_has_a_short_signature_and_a_row_for_each_field():
    names = ["lr", "rate_lr", "ff_a", "ff_b", *(f"more{k}" for k in range(api.MANY))]
    fields = [(n, "int | None", dataclasses.field(default=k)) for k, n in enumerate(names)]
    cls = dataclasses.make_dataclass("C", fields)
    lead, (_, _, *rows) = api.fields_table(cls, (
        "What it is.\n\nmore0, more1: one of many. rate_lr: times lr; ff_...: see\n`there`; "
        "ff_b: that of b."))
    cells = [[c.strip() for c in row.replace("\\|", "/").strip("| ").split(" | ")] for row in rows]
    assert lead == "What it is." and [row[0].strip("`") for row in cells] == names
    assert cells[1] == ["`rate_lr`", "`int / None`", "`1`", "Times lr"]
    assert [row[3] for row in cells[4:6]] == ["One of many", "One of many"]
    assert [row[3] for row in cells[2:4]] == ["See `there`", "That of b"]
    assert api._signature(cls) == "(...)" and len(api._signature(api.fields_table)) > len("(...)")


def test_a_page_of_the_library_shows_the_fields_of_a_recipe_as_a_table(tmp_path):
    from sphinx.application import Sphinx

    (tmp_path / "conf.py").write_text(
        "extensions = ['myst_nb', 'topdown_book.site']\nnb_execution_mode = 'off'\n")
    (tmp_path / "index.md").write_text("# Library\n\n```{api} topdown\n```\n")
    Sphinx(tmp_path, tmp_path, tmp_path / "out", tmp_path / "trees", "html", status=None).build()
    shown = BeautifulSoup((tmp_path / "out/index.html").read_text(), "html.parser")
    recipe = shown.find(id="topdown.Recipe")
    assert len(recipe.get_text()) < 30
    rows = [row.get_text(" ", strip=True) for row in recipe.find_next("table").find_all("tr")]
    assert len(rows) == 1 + len(dataclasses.fields(topdown.Recipe))
    assert rows[1].startswith("dataset str 'cifar10' ")
    cells = [row.find_all("td") for row in recipe.find_next("table").find_all("tr")[1:]]
    assert not [row[0].get_text() for row in cells if not row[3].get_text(strip=True)]


def test_every_public_name_of_the_library_has_a_docstring():
    import importlib

    for name in ("topdown", "topdown.rules", "topdown.feedback", "topdown.training",
                 "topdown.theory", "topdown.data", "topdown.network", "topdown.properties",
                 "topdown.slowness"):
        module = importlib.import_module(name)
        for public in api.public_names(module):
            assert api.documentation(module, public), f"{name}.{public}"


def test_every_test_that_a_rule_s_page_names_exists():
    root = Path(__file__).parents[2]
    tests = "".join(path.read_text() for path in (root / "tests").rglob("test_*.py"))
    named = [line.strip("- `\n") for path in (root / "book/rules").glob("*.md")
             for line in path.read_text().splitlines() if line.startswith("- `test_")]
    assert len(named) > 10
    for name in named:
        assert f"def {name}(" in tests
