"""What a reader comes for is three clicks away at most; folds open by keyboard."""

from __future__ import annotations

import re

import pytest

from .conftest import PHONE

START = "book/index.html"


def click(page, name: str) -> None:
    """Click the link of that text, wherever it stands and is visible."""
    page.get_by_role("link", name=name).locator("visible=true").first.click()
    page.wait_for_load_state()


def test_formula_and_code_of_pepita_are_two_clicks_away(visit):
    page = visit(START)
    click(page, "the learning rules")
    page.locator("article").get_by_role("link", name="PEPITA", exact=True).first.click()
    page.wait_for_load_state()
    assert page.locator("article #equation-eq-pepita").is_visible()
    assert "def pepita(" in page.locator("article").inner_text()


def test_figure_2b_is_three_clicks_away(visit):
    page = visit(START)
    click(page, "Theory: PEPITA as adaptive feedback")
    click(page, "Figure 2")
    assert page.locator("figure#fig2").is_visible() and page.locator("#fig2-b").count() == 1


def test_whether_the_hebbian_form_matches_is_two_clicks_away(visit):
    page = visit(START)
    click(page, "All verdicts")
    row = page.locator("tr", has_text=re.compile("PEPITA-Hebbian and PEPITA differ")).first
    assert row.locator(".verdict").is_visible()


def test_the_command_for_figure_3_is_two_clicks_away(visit):
    page = visit(START)
    click(page, "Figure 3")
    page.locator("details.change > summary").first.click()
    assert page.get_by_text("papermill fig3.ipynb").first.is_visible()


def test_the_whole_book_as_pdf_is_one_click_away(visit, address):
    page = visit(START)
    link = page.locator("a.pdf")
    answer = page.request.get(link.evaluate("a => a.href"))
    assert answer.ok and answer.body()[:5] == b"%PDF-"


@pytest.mark.parametrize("kind", ("origin", "data", "change", "code"))
def test_a_fold_opens_by_keyboard(visit, kind):
    page = visit("book/fig3.html")
    fold = page.locator(f"details.{kind}").first
    fold.locator("summary").first.focus()
    page.keyboard.press("Enter")
    assert fold.evaluate("f => f.open")


def test_on_a_phone_the_panels_stand_one_under_the_other(visit):
    page = visit("book/fig3.html", PHONE)
    parts = page.locator("figure#fig3 .parts img")
    boxes = [parts.nth(k).bounding_box() for k in range(parts.count())]
    assert len(boxes) == 3
    assert all(b["width"] > 250 and b["x"] + b["width"] <= 390 for b in boxes)
    assert boxes[0]["y"] < boxes[1]["y"] < boxes[2]["y"]
