"""A table of text cells as HTML, Markdown and LaTeX: numbers to the right, the best one bold."""

from __future__ import annotations

import html
import re

import pandas as pd

from topdown_book.claims import VERDICTS
from topdown_book.figures._known import UNKNOWN
from topdown_book.figures._tables import BEST, badge

NOTE = "?: the paper's value is not known to us."
_NUMBER = re.compile(r"[<>≈~]?\s*[-−+±]?\d([^a-zA-Z]| to )*"
                     r"((of \d+ )?seeds?(,? diverged)?\)|of \d+|[%s°]|\w{1,2})?$")
LONG, SENTENCE = 26, 60
"""Characters of a number and its interval, a cell of more may break its line; of long words."""
_SPELLING = {"mnist": "MNIST", "fashion-mnist": "Fashion-MNIST", "cifar10": "CIFAR-10",
             "cifar100": "CIFAR-100", "dataset": "data set", "bp": "BP", "fa": "FA", "dfa": "DFA",
             "drtp": "DRTP", "afa": "AFA", "pepita": "PEPITA", "pepita-hebbian": "PEPITA-Hebbian",
             "pepita-time-local": "PEPITA-TL", "forward-forward": "Forward-Forward"}
"""Names of the code, as prose, captions and axes have them."""
_SPELLED = re.compile(rf"(?<![\w/'\"=,`.-])({'|'.join(sorted(_SPELLING, reverse=True))})"
                      r"(?![\w/'\"=(`]|\.\w)")
_MINUS = re.compile(r"(?<=[\s\[(])-(?=\d)|^-(?=\d)")
_BLANK = {"", "–", "—", "?", UNKNOWN}


def numeric(column) -> bool:
    """Whether the cells are numbers, but for those that are empty or unknown."""
    cells = [str(c).replace(BEST, "").strip() for c in column]
    cells = [c for c in cells if c not in _BLANK]
    return bool(cells) and sum(bool(_NUMBER.match(c)) for c in cells) >= 0.7 * len(cells)


def spelled(text: str) -> str:
    """Names and signs as they are written: "MNIST" for `mnist`, "BP" for `bp`, a real minus."""
    return _MINUS.sub("−", _SPELLED.sub(lambda found: _SPELLING[found[1]], text))


def shorten(cells: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """The cells with "?" for what is unknown, without the columns of nothing else; the note."""
    short = cells.astype(str).replace(UNKNOWN, "?")
    nothing = [name for name in short if len(short) and (short[name] == "?").all()]
    empty = [name for name in short if len(short) and (short[name] == "").all()]
    short = short.drop(columns=nothing + empty).map(spelled)
    short = short.rename(columns=lambda name: spelled(str(name)))
    notes = ["The paper's values are not known to us."] if nothing else []
    notes += [NOTE] if (short == "?").any(axis=None) else []
    return short, " ".join(notes)


def to_html(cells: pd.DataFrame, caption: str = "") -> str:
    """A table whose first cells head their rows; `caption` is HTML."""
    kinds = ["number" if numeric(cells[name]) else "" for name in cells]
    head = "".join(f"<th scope='col'{_class(kind)}>{html.escape(str(name))}</th>"
                   for name, kind in zip(cells, kinds))
    rows = "".join(f"<tr>{''.join(_cell(c, k, n) for n, (c, k) in enumerate(zip(row, kinds)))}</tr>"
                   for row in cells.itertuples(index=False))
    title = f"<caption>{caption}</caption>" if caption else ""
    return (f"<div class='scroll'><table class='dataframe'>{title}<thead><tr>{head}</tr></thead>"
            f"<tbody>{rows}</tbody></table></div>")


def _class(kind: str) -> str:
    return f" class='{kind}'" if kind else ""


def _cell(text, kind: str, number: int) -> str:
    if not number:
        return f"<th scope='row'{_class(kind)}>{html.escape(str(text))}</th>"
    kind += " long" * (len(str(text)) > (LONG if kind == "number" else SENTENCE))
    return f"<td{_class(kind.strip())}>{_content(str(text))}</td>"


def _content(text: str) -> str:
    if text in VERDICTS:
        return badge(text)
    if text.endswith(BEST):
        return f"<strong>{html.escape(text)}</strong>"
    return html.escape(text)


def to_markdown(cells: pd.DataFrame) -> str:
    """A pipe table."""
    lines = [list(cells.columns), ["---"] * cells.shape[1], *cells.itertuples(index=False)]
    return "\n".join("| " + " | ".join(str(c).replace("|", "\\|") for c in line) + " |"
                     for line in lines)


def to_latex(cells: pd.DataFrame) -> str:
    """A `tabular`, every special character escaped."""
    return cells.style.hide(axis="index").format(escape="latex").to_latex(hrules=True)
