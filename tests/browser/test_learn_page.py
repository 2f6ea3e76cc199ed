"""The page "Learn by hand" in a browser, opened from the file system, without a network."""

import os

import pytest
from learn_golden import golden
from learn_page import CHROMIUM, DESK, PHONE, ROOT, opened, widgets_only
from test_learn_by_hand import CASES

pytestmark = [pytest.mark.slow, pytest.mark.skipif(
    not CHROMIUM and "CI" not in os.environ, reason="needs Chromium")]
BUILT = ROOT / "_build" / "html" / "book" / "learn_by_hand.html"
READY = "document.getElementById('learn').dataset.steps !== undefined"
PEPITA = "parseFloat(document.querySelector('[data-rule=pepita] b').textContent)"


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return widgets_only("learn_by_hand.md", tmp_path_factory.mktemp("page"))


def test_golden_vectors_are_met_in_the_page_to_1e_10(file):
    with opened(file) as page:
        page.add_script_tag(path=ROOT / "tests" / "browser" / "learn_replay.js")
        for case in CASES:
            found = page.evaluate("golden => replay(golden)", golden(*case))
            assert max(found.values()) < 1e-10, (case, found)


def test_from_the_file_system_the_page_trains_in_a_worker_until_pepita_passes_90_percent(file):
    with opened(file) as page:
        page.wait_for_function(READY)
        assert page.url.startswith("file:") and len(page.workers) == 1
        assert page.evaluate(PEPITA) < 50
        page.focus("#learn-run")
        page.keyboard.press("Enter")
        page.wait_for_function(f"{PEPITA} > 90")
        page.keyboard.press("Enter")
        page.wait_for_function("document.getElementById('learn-run').textContent === 'Start'")
        assert "PEPITA" in page.inner_text("#learn-said")


def test_one_step_shows_the_next_image_and_moves_the_weights(file):
    with opened(file) as page:
        page.wait_for_function(READY)
        first = page.evaluate("[...document.querySelectorAll('.learn-lane canvas')]"
                              ".map(c => c.toDataURL()).join()")
        page.click("#learn-once")
        page.wait_for_function("document.getElementById('learn-which-image')"
                               ".textContent.startsWith('image 2 ')")
        assert first != page.evaluate("[...document.querySelectorAll('.learn-lane canvas')]"
                                      ".map(c => c.toDataURL()).join()")


@pytest.mark.parametrize("rule, signals", [
    ("pepita", ["x", "h₁", "y", "e = y − t", "F e", "x′ = x − F e", "h₁′", "h₁ − h₁′", "−ηG₁",
                "−ηG₂"]),
    ("bp", ["x", "h₁", "y", "e = y − t", "δ₁", "−ηG₁", "−ηG₂"])])
def test_one_image_is_explained_by_the_signals_and_the_formula_of_the_chosen_rule(
        file, rule, signals):
    with opened(file) as page:
        page.wait_for_function(READY)
        page.select_option("#learn-which", rule)
        page.wait_for_function(
            f"document.querySelector('.learn-signals').dataset.names.startsWith('{rule}')")
        assert page.locator(".learn-signals b").all_inner_texts() == signals
        shown = page.locator(".learn-formula:visible")
        assert shown.all_inner_texts() == [f"learn-formula learn-{rule}"]


def test_two_hidden_layers_leave_afa_out_and_show_three_layers_of_weights(file):
    with opened(file) as page:
        page.wait_for_function(READY)
        page.select_option("#learn-depth", "2")
        page.wait_for_function("document.querySelectorAll('[data-rule=afa]').length === 0")
        assert page.locator("[data-rule=pepita] canvas").count() == 3


@pytest.mark.parametrize("size", [DESK, PHONE])
def test_the_page_never_scrolls_sideways(file, size):
    with opened(file, size) as page:
        page.wait_for_function(READY)
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]


@pytest.mark.skipif(not BUILT.exists(), reason="the book is not built (bash ci/book.sh)")
def test_the_built_page_has_a_figure_in_the_widget_s_place_without_scripts_and_in_print():
    with opened(BUILT, java_script_enabled=False) as page:
        assert page.locator(".learn-still img").is_visible()
    with opened(BUILT) as page:
        page.wait_for_function(READY)
        assert page.locator("#learn-run").is_visible()
        assert not page.locator(".learn-still").is_visible()
        page.emulate_media(media="print")
        assert page.locator(".learn-still").is_visible()
        assert not page.locator("#learn-run").is_visible()
        assert page.locator(".learn-formula mjx-container").count() >= 6
