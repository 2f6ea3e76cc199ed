"""The explorers of the theory in a browser, opened from the file system, without a network."""

import os
from itertools import product

import numpy as np
import pandas as pd
import pytest
from learn_page import CHROMIUM, PHONE, opened, widget_page

from topdown_book.figures import explorer, feedback_plane
from topdown_book.figures._packed import packed

no_browser = pytest.mark.skipif(not CHROMIUM and "CI" not in os.environ, reason="needs Chromium")
UNPACK = "packed => [...learn.page.unpacked(packed)]"


def made_up(eta, gamma, angle):
    """An error from which the three settings can be told."""
    return 0.01 * (1 + eta) * (1 + gamma) * (1 + angle / 100)


@pytest.fixture(scope="module")
def runs():
    """Runs with that error, of which those with gamma = 1 end at half of the times."""
    parts = []
    for point in product(explorer.ETAS, explorer.GAMMAS, explorer.ANGLES):
        rows = pd.DataFrame(dict(zip(("eta", "gamma", "angle"), point), x=explorer.TIMES))
        rows = rows.assign(**(dict.fromkeys(explorer.VALUES, 0.5) | {"error": made_up(*point)}))
        parts.append(rows[: len(rows) // 2] if point[1] == 1 else rows)
    return pd.concat(parts, ignore_index=True)


@pytest.fixture(scope="module")
def page(runs, tmp_path_factory):
    return widget_page(explorer.numbers(runs), "explorer", tmp_path_factory.mktemp("explorer"))


def test_the_explorer_weighs_less_than_700_kB_with_all_its_files(page):
    files = [*page.parent.glob("*"), *(page.parent.parent / "_static").glob("explore/explorer.js"),
             *(page.parent.parent / "_static" / "learn").glob("chart.js")]
    assert len(files) == 4 and sum(f.stat().st_size for f in files) < 500_000


@pytest.mark.slow
@no_browser
def test_moving_a_slider_changes_the_curve_in_a_page_of_a_phone_s_width(page):
    with opened(page, PHONE) as seen:
        at = dict(explorer.FIRST)
        for name in (None, "eta", "gamma", "angle"):
            if name:
                at[name] = explorer.CHOICES[name][0]
                seen.focus(f"#explore-{name}")
                seen.keyboard.press("Home")
                assert float(seen.inner_text(f"#explore-{name}-said")) == at[name]
            curve = seen.evaluate("document.getElementById('explore').dataset.curve").split()
            assert float(curve[0]) == pytest.approx(made_up(**at), rel=1e-2)
        assert seen.evaluate("document.documentElement.scrollWidth") <= PHONE[0]


@pytest.mark.slow
@no_browser
def test_runs_that_run_away_are_marked_and_time_moves_the_arrows(page):
    with opened(page) as seen:
        assert "stays finite" in seen.inner_text("#explore-said")
        away = seen.locator("#explore-map g:has(text:text-is('away'))")
        assert away.count() == len(explorer.ETAS)  # those of gamma = 1
        seen.locator("#explore-map g").last.click()
        assert "runs away at" in seen.inner_text("#explore-said")
        before = seen.inner_text("#explore-said")
        seen.focus("#explore-time")
        seen.keyboard.press("Home")
        assert before != seen.inner_text("#explore-said")
        assert seen.locator("#explore-directions path[marker-end]").count() == 3


@pytest.fixture(scope="module")
def plane():
    """Points whose error falls just where both overlaps are positive."""
    b = np.array(list(product(feedback_plane.OVERLAPS, repeat=2)))
    b1, b2 = np.repeat(b, len(feedback_plane.TIMES), axis=0).T
    error = np.where((b1 > 0) & (b2 > 0), 1e-7, 0.1)
    return pd.DataFrame(dict(b1=b1, b2=b2, t=np.tile(feedback_plane.TIMES, len(b)), error=error))


@pytest.mark.slow
@no_browser
def test_dragging_f_says_whether_the_teacher_is_found(plane, tmp_path):
    page = widget_page(feedback_plane.numbers(plane), "feedback_plane", tmp_path)
    with opened(page) as seen:
        box = seen.locator("#explore-plane svg").bounding_box()
        data = "Object.assign({}, document.getElementById('explore').dataset)"
        for x, y, right in ((0.8, 0.15, "true"), (0.3, 0.15, "false"), (0.8, 0.8, "false")):
            seen.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.5 * box["height"])
            seen.mouse.down()
            seen.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
            seen.mouse.up()
            assert seen.evaluate(data) == {"found": right, "right": right}


@pytest.mark.slow
@no_browser
def test_packed_numbers_come_back_to_their_precision_and_nan_as_nan(page):
    values = [-3.0, -1.23456, 0.0, 2.5, 3.0, 7.0, float("nan")]
    with opened(page) as seen:
        found = seen.evaluate(UNPACK, packed(values, -3, 3))
    assert found[:5] == pytest.approx(values[:5], abs=6 / 8098) and found[5] == 3
    assert np.isnan(found[6])


def test_the_plane_s_start_is_common_and_its_overlaps_are_expected_ones():
    b, each = feedback_plane.states()
    assert len(each) == len(feedback_plane.OVERLAPS) ** 2
    zero = next(s for one, s in zip(b, each) if not one.any())
    assert not zero["a"].any()  # uncorrelated with a teacher that F does not see
