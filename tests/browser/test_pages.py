"""Every page of the built book, as a reader's browser sees it."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import BOOK, DESKTOP, PAGES, PHONE

SHOTS = Path("build/screenshots")
TEN = ("index", "rules", "fig1", "fig2", "fig3", "tab2", "scorecard", "theory", "questions",
       "glossary")
TYPESET = "() => !document.querySelector('.math') || !!document.querySelector('mjx-container')"
FIGURES = """() => [...document.querySelectorAll('article figure img')].map(image => ({
    name: image.closest('figure').id, alt: image.alt, lazy: image.loading === 'lazy',
    width: image.naturalWidth, shown: image.getBoundingClientRect().width}))"""
BARS = "() => document.querySelectorAll('article details.hide, article .cell_input').length"
FIRST = """() => { const f = document.querySelector('figure.topdown-figure, table.topdown-table');
    return f && f.getBoundingClientRect().top + scrollY; }"""
WIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("scheme, size", [("light", DESKTOP), ("dark", PHONE)])
def test_a_page_loads_whole_without_an_error_and_never_scrolls_sideways(visit, name, scheme, size):
    page = visit(name, size, scheme)
    page.wait_for_function(TYPESET)
    assert not page.wrong
    assert not [r.url for r in page.loads if r.status >= 400]
    assert not [r.url for r in page.loads if not r.url.startswith(("http://127.0.0.1", "data:"))]
    assert page.evaluate(WIDE) <= 0
    assert page.evaluate("document.documentElement.dataset.theme") == scheme
    assert page.locator("article h1").count() == 1
    short = Path(name).stem
    if short in TEN:
        SHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SHOTS / f"{short}-{scheme}.png", full_page=True)


@pytest.mark.parametrize("name", PAGES)
def test_every_picture_has_a_size_and_says_in_words_what_it_shows(visit, name):
    for image in visit(name).evaluate(FIGURES):
        if not image["lazy"]:
            assert len(image["alt"]) >= 30, image
            assert image["width"] > 100 and image["shown"] > 100, image


@pytest.mark.parametrize("name", PAGES)
def test_no_bar_of_code_stands_between_a_figure_and_its_reader(visit, name):
    page = visit(name)
    assert page.locator("article .cell_input:visible").count() == 0
    assert page.locator("article details.hide").count() == 0


def test_the_first_figure_of_most_pages_is_above_the_fold(visit):
    """At half of the pages with a figure its top is above 420 px, on a screen of 1280 x 800."""
    tops = sorted(top for name in PAGES if (top := visit(name).evaluate(FIRST)) is not None)
    assert tops and tops[len(tops) // 2] < 420, tops


@pytest.mark.parametrize("name", PAGES)
def test_every_link_and_anchor_inside_the_book_leads_somewhere(visit, name, address):
    page = visit(name)
    links = page.evaluate("() => [...document.querySelectorAll('a[href]')].map(a => a.href)")
    for link in {x for x in links if x.startswith(address)}:
        file, _, anchor = link.removeprefix(address).partition("#")
        path = BOOK / (file.partition("?")[0] or "index.html")
        assert path.is_file(), link
        if anchor and path.suffix == ".html":
            text = path.read_text()
            assert f'id="{anchor}"' in text or f"id='{anchor}'" in text, link


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_no_serious_violation(visit, name):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    found = axe.run(visit(name)).response["violations"]
    serious = {v["id"]: [n["html"][:120] for n in v["nodes"]][:3] for v in found
               if v["impact"] in ("serious", "critical")}
    assert not serious


def test_the_landing_page_is_light(visit):
    """1.5 MB and 20 requests, and no formula's engine where there is no formula."""
    page = visit("book/index.html")
    page.wait_for_load_state("networkidle")
    weight = sum(len(answer.body()) for answer in page.loads)
    assert len(page.loads) <= 20, [answer.url for answer in page.loads]
    assert weight <= 1_500_000


def test_a_preview_shows_the_equation_that_a_link_leads_to(visit):
    page = visit("book/rules.html")
    link = page.locator("article a.reference.internal[href*='#equation-']").first
    link.hover()
    tip = page.locator(".topdown-preview")
    tip.wait_for()
    assert tip.locator("mjx-container").count() or tip.locator(".math").count()
    page.keyboard.press("Escape")
    assert tip.count() == 0
