"""What a notebook displays of a figure or table, in every form that a viewer may want.

One output: HTML (the verdicts, the figure with its caption, and behind it origin, data and
command), SVG and PNG of a figure, Markdown and LaTeX of a table. `topdown_book.site` takes the HTML
apart where it makes the book.
"""

from __future__ import annotations

import base64
import html
import json
import re
import shlex

import matplotlib.pyplot as plt
import pandas as pd
from IPython.display import display

from topdown.errors import UsageError
from topdown_book.figures import Drawing, Table
from topdown_book.figures._tables import badge
from topdown_book.page import shown, tables
from topdown_book.page.picture import pictures
from topdown_book.store.provenance import commit
from topdown_book.store.records import Store


def show(about: dict, ident: str, head: str, drawn: Drawing | Table, *behind: str) -> None:
    """Display a figure or table: `head` above it, its caption under it, then what is behind it.

    about: what `shown.describe` says of it, kept in the output's metadata. ident: its name in the
    book, as a target for links.
    """
    make = _drawing if isinstance(drawn, Drawing) else _table
    figure, other = make(ident, drawn)
    above = widget(getattr(drawn, "interactive", None))
    page = f"<div class='topdown'>{head}{above}{figure}<div>{''.join(behind)}</div></div>"
    display({"text/html": page, **other}, raw=True, metadata={shown.KEY: about})


def _drawing(name: str, drawn: Drawing) -> tuple[str, dict]:
    if not drawn.alt.strip():
        raise UsageError("the figure has no alternative text; say in words what it shows")
    svg, png, panels = pictures(drawn.figure)
    source = base64.b64encode(svg.encode()).decode()
    alt = html.escape(tables.spelled(drawn.alt), quote=True)
    body = (f"<img alt='{alt}' style='max-width:100%' "
            f"src='data:image/svg+xml;base64,{source}'>")
    return _figure(name, "figure", body, drawn.caption, panels), {
        "image/svg+xml": svg, "image/png": base64.b64encode(png).decode(),
        "text/markdown": drawn.caption}


def _table(name: str, drawn: Table) -> tuple[str, dict]:
    cells, note = tables.shorten(drawn.cells)
    caption = tables.spelled(f"{drawn.caption} {note}".strip())
    body = tables.to_html(cells, html.escape(caption))
    return _figure(name, "table", body, "", []), {
        "text/markdown": f"{tables.to_markdown(cells)}\n\n{caption}",
        "text/latex": tables.to_latex(cells)}


def _figure(name: str, kind: str, body: str, caption: str, panels: list) -> str:
    below = f"<figcaption>{html.escape(tables.spelled(caption))}</figcaption>" if caption else ""
    return (f"<figure id='{name}' class='topdown-{kind}' data-panels='{json.dumps(panels)}'>"
            f"{body}{below}</figure>")


def close(drawn) -> None:
    """Take a picture out of pyplot's list, or the inline backend shows it a second time."""
    if isinstance(drawn, Drawing):
        plt.close(drawn.figure)


def widget(numbers: dict | None) -> str:
    """A place for a widget, with its numbers; the book adds the scripts (`topdown_book.site`)."""
    if not numbers:
        return ""
    data = json.dumps(numbers, separators=(",", ":")).replace("<", "\\u003c")
    return (f"<div class='topdown-interactive' data-widget='{numbers['widget']}'>"
            f"<script type='application/json'>{data}</script></div>")


def folded(kind: str, summary: str, *parts: str) -> str:
    """Parts behind a line; `kind` says to the book where in a page it belongs."""
    body = "".join(filter(None, parts))
    return f"<details class='{kind}'><summary>{summary}</summary>{body}</details>"


def origin(summary: str, *details: str) -> str:
    """Where the numbers come from: a line, and the details behind it."""
    return folded("origin", summary, *(f"<p>{text}</p>" for text in details if text))


def smaller(ident: str, drawn: Drawing | Table) -> str:
    """The same figure or table at the laptop's sizes, folded."""
    make = _drawing if isinstance(drawn, Drawing) else _table
    return folded("smaller", "The same in the laptop profile: fewer units and epochs",
                  make(f"{ident}-laptop", drawn)[0])


def record_list(names) -> str:
    """Links to records, given relative to the store; see `book_records`."""
    names = list(dict.fromkeys(names))
    if not names:
        return ""
    items = "".join(f"<li><a download href='../results/{html.escape(n)}'>results/{html.escape(n)}"
                    "</a></li>" for n in names)
    return f"<p>{counted(len(names), 'record')} (Parquet):</p><ul class='records'>{items}</ul>"


def counted(number: int, what: str) -> str:
    """ "1 record", "2 records" """
    return f"{number} {what}{'s' * (number != 1)}"


def links(name: str, ident: str, drawn, given: dict, records: str, parameters: str = "") -> str:
    """The data as CSV with the records; the parameters, and the command that sets those `given`.

    name: of the notebook. ident: of the figure in the book, and of its data.
    """
    encoded = base64.b64encode(drawn.data.to_csv(index=False).encode()).decode()
    asked = " ".join(f"-p {k} {shlex.quote(plain(v))}" for k, v in given.items() if v is not None)
    command = html.escape(f"papermill {name}.ipynb out.ipynb {asked}".strip())
    data = (f"<p><a download='{ident}.csv' href='data:text/csv;base64,{encoded}'>"
            "The numbers shown (CSV)</a></p>")
    return folded("data", "Data", data, records) + folded(
        "change", "Change it", f"<pre>cd book\n{command}</pre>", parameters)


def made_here(how: str) -> str:
    """What was made on the spot: how, and by which commit."""
    source = commit()
    state = (source["commit"] or "unknown")[:9] + ("" if source["clean"] else " (changed)")
    return origin(f"{html.escape(how[:1].upper() + how[1:])}; commit {state}")


def answer(text: str) -> str:
    """The first sentence of an answer; what else it says, and of which runs, behind it."""
    first, *rest = re.split(r"(?<=[.!?])\s+(?=[A-Z(])", tables.spelled(text), maxsplit=1)
    more = folded("more", "In numbers", html.escape(rest[0])) if rest else ""
    return f"<div class='answer'><p>{html.escape(first)}</p>{more}</div>"


def claims(name: str, store: Store | None = None) -> str:
    """The verdicts on what the paper says of this figure as badges; in words on opening them."""
    from topdown_book import claims as paper

    scores = paper.score(store, name)
    if not scores:
        return ""
    badges = " ".join(
        badge(paper.verdict_of(kind), f"{n} {kind}" if len(scores) > 1 else kind)
        for kind, n in paper.count(scores).items())
    items = "".join(f"<li>{html.escape(tables.spelled(paper.in_words(s)))}</li>" for s in scores)
    return folded("claims", f"{badges} {counted(len(scores), 'claim')} of the paper",
                  f"<ul>{items}</ul>")


def plain(value) -> str:
    """A parameter's value as it is typed on a command line."""
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def parameter_table(parameters, columns: dict[str, dict]) -> str:
    """Name, meaning and range of every parameter; each of `columns`: a title and the values."""
    rows = [{"parameter": p.name, "meaning": p.help, "value": p.description(),
             **{title: plain(values.get(p.name, "")) for title, values in columns.items()}}
            for p in parameters]
    return tables.to_html(pd.DataFrame(rows)) if rows else ""
