"""One look for each rule of the theory, the same on all its pages."""

from topdown_book.figures._theme import PALETTE

RULE_LOOKS = {
    "pepita": dict(label="PEPITA", color=PALETTE["blue"], marker="o"),
    "afa": dict(label="AFA", color=PALETTE["purple"], marker="X"),
    "fa": dict(label="FA", color=PALETTE["amber"], marker="^"),
    "bp": dict(label="BP", color=PALETTE["grey"], marker="s"),
}
