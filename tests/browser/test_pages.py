"""Every page of the built book, as a browser sees it: on a desk by day, on a phone by night.

Each page is opened once for both; the tests ask what was seen.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import BOOK, DESKTOP, PAGES, PHONE

SHOTS = Path("build/screenshots")
TEN = ("index", "rules", "fig1", "fig2", "fig3", "tab2", "scorecard", "theory", "questions", "api")
TYPESET = "() => !document.querySelector('.math') || !!document.querySelector('mjx-container')"
LOOK = """() => {
    const first = document.querySelector('figure.topdown-figure, table.topdown-table');
    return {
        figures: [...document.querySelectorAll(
                'article figure:not(.learn-still) img')].map(image => ({
            alt: image.alt, lazy: image.loading === 'lazy', source: image.src.slice(0, 200),
            width: image.naturalWidth, shown: image.getBoundingClientRect().width})),
        first: first && first.getBoundingClientRect().top + scrollY,
        wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
        theme: document.documentElement.dataset.theme,
        titles: document.querySelectorAll('article h1').length,
        code: [...document.querySelectorAll('article .cell_input')].filter(
            part => part.checkVisibility({contentVisibilityAuto: true}) &&
                    !part.closest('details:not([open])')).length,
        padded: [...document.querySelectorAll('article figure:not(.learn-still) img')].filter(
            image => getComputedStyle(image).padding !== '0px').length,
        bars: document.querySelectorAll('article details.hide').length,
        links: [...document.querySelectorAll('a[href]')].map(link => link.href),
    };
}"""


@pytest.fixture(scope="session")
def seen(request):
    """What a browser sees of a page: `seen(name, "desk" | "phone")`; looked at once."""
    kept: dict = {}

    def look(visit, name: str, where: str) -> dict:
        if (name, where) not in kept:
            kept[name, where] = _look(visit, name, where)
        return kept[name, where]

    return look


def _look(visit, name: str, where: str) -> dict:
    page = visit(name, *((DESKTOP, "light") if where == "desk" else (PHONE, "dark")))
    page.wait_for_function(TYPESET)
    found = page.evaluate(LOOK) | {"wrong": list(page.wrong)}
    found["loads"] = [(answer.url, answer.status) for answer in page.loads]
    found["axe"] = _serious(page)  # last, since it loads style sheets by itself
    if Path(name).stem in TEN and Path(name).parent.name == "book":
        SHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SHOTS / f"{Path(name).stem}-{where}.png", full_page=True)
    return found


def _serious(page) -> dict:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    found = axe.run(page).response["violations"]
    return {v["id"]: [n["html"][:160] for n in v["nodes"]][:3] for v in found
            if v["impact"] in ("serious", "critical")}


BOTH = pytest.mark.parametrize("where", ("desk", "phone"))
EVERY = pytest.mark.parametrize("name", PAGES)


@EVERY
@BOTH
def test_a_page_loads_whole_without_an_error(seen, visit, name, where):
    found = seen(visit, name, where)
    assert not found["wrong"] and found["titles"] == 1
    assert not [url for url, status in found["loads"] if status >= 400]


@EVERY
@BOTH
def test_a_page_asks_no_other_host_for_anything(seen, visit, name, where):
    own = ("http://127.0.0.1", "data:", "blob:")
    assert not [url for url, _ in seen(visit, name, where)["loads"] if not url.startswith(own)]


@EVERY
@BOTH
def test_a_page_never_scrolls_sideways_and_takes_the_reader_s_colours(seen, visit, name, where):
    found = seen(visit, name, where)
    assert found["wide"] <= 0
    assert found["theme"] == ("light" if where == "desk" else "dark")


@EVERY
@BOTH
def test_axe_finds_no_serious_violation(seen, visit, name, where):
    assert not seen(visit, name, where)["axe"]


@EVERY
def test_every_picture_has_a_size_and_says_in_words_what_it_shows(seen, visit, name):
    for image in seen(visit, name, "desk")["figures"]:
        if not image["lazy"]:
            assert len(image["alt"]) >= 30, image
            assert image["width"] > 50 and image["shown"] > 50, image
            assert ".svg" in image["source"] or image["width"] >= 2 * image["shown"], image


@EVERY
def test_a_picture_fills_its_box_in_the_dark_too(seen, visit, name):
    """The theme's padding would leave nothing of a legend's entry."""
    assert not seen(visit, name, "phone")["padded"]


@EVERY
def test_no_code_stands_between_a_figure_and_its_reader(seen, visit, name):
    if "pepita_from_scratch" in name:
        pytest.skip("this page is about its code")
    found = seen(visit, name, "desk")
    assert not found["code"] and not found["bars"]


def test_the_first_figure_of_most_pages_is_above_the_fold(seen, visit):
    """At half of the pages with a figure its top is above 420 px, on a screen of 1280 x 800."""
    tops = sorted(top for name in PAGES if (top := seen(visit, name, "desk")["first"]) is not None)
    assert tops and tops[len(tops) // 2] < 420, tops


@EVERY
def test_every_link_and_anchor_inside_the_book_leads_somewhere(seen, visit, name, address):
    for link in {x for x in seen(visit, name, "desk")["links"] if x.startswith(address)}:
        file, _, anchor = link.removeprefix(address).partition("#")
        path = BOOK / (file.partition("?")[0] or "index.html")
        assert path.is_file(), link
        if anchor and path.suffix == ".html":
            text = path.read_text()
            assert f'id="{anchor}"' in text or f"id='{anchor}'" in text, link


def test_the_landing_page_is_light(visit):
    """1.5 MB and 20 requests."""
    page = visit("book/index.html")
    page.wait_for_load_state("networkidle")
    weight = sum(len(answer.body()) for answer in page.loads)
    assert len(page.loads) <= 20, [answer.url for answer in page.loads]
    assert weight <= 1_500_000


def test_a_preview_shows_the_equation_that_a_link_leads_to(visit):
    page = visit("book/algorithms.html")
    page.locator("article a.reference.internal[href*='#equation-']").first.hover()
    tip = page.locator(".topdown-preview")
    tip.wait_for()
    tip.locator("mjx-container").first.wait_for()
    page.keyboard.press("Escape")
    assert tip.count() == 0
