"""The elements of a figure's page as HTML: picture or table, links, records, parameters."""

from __future__ import annotations

import base64
import html
import io
import shlex

import matplotlib.pyplot as plt
import pandas as pd
from IPython.display import HTML, display

from topdown.errors import UsageError
from topdown_book.figures import Drawing, Table
from topdown_book.page import shown
from topdown_book.store.provenance import commit
from topdown_book.store.records import Store


def show(about: dict, head: str, drawn: Drawing | Table, *below: str) -> None:
    """Display a figure or table, `head` above it, its caption and `below` under it.

    about: what `shown.describe` says of it, kept in the output's metadata.
    """
    if getattr(drawn, "interactive", ""):
        display(HTML(frame(drawn.interactive)))
    body = _picture(drawn) if isinstance(drawn, Drawing) else _html_table(drawn)
    caption = f"<p class='caption'>{html.escape(drawn.caption)}</p>"
    parts = "".join([head, body, caption, *below])
    display(HTML(f"<div class='topdown-figure'>{parts}</div>"), metadata={shown.KEY: about})


def close(drawn) -> None:
    """Take a picture out of pyplot's list, or the inline backend shows it a second time."""
    if isinstance(drawn, Drawing):
        plt.close(drawn.figure)


def frame(document: str) -> str:
    """A document of its own inside the page, so that neither's scripts meet the other's."""
    source = html.escape(document, quote=True)
    return ("<div class='topdown-interactive'><iframe title='interactive figure' "
            f"style='width:100%;height:44rem;border:0' srcdoc='{source}'></iframe></div>")


def record_list(names) -> str:
    """Links to records, given relative to the store, folded away; see `book_records`."""
    names = list(dict.fromkeys(names))
    if not names:
        return ""
    items = "".join(f"<li><a download href='../results/{html.escape(n)}'>results/{html.escape(n)}"
                    "</a></li>" for n in names)
    return (f"<details class='records'><summary>{len(names)} records (Parquet)</summary>"
            f"<ul>{items}</ul></details>")


def links(name: str, drawn, given: dict, records: str) -> str:
    """The data as CSV, the papermill command with the `given` parameters, the records.

    name: of the notebook.
    """
    encoded = base64.b64encode(drawn.data.to_csv(index=False).encode()).decode()
    asked = " ".join(f"-p {k} {shlex.quote(plain(v))}" for k, v in given.items() if v is not None)
    command = f"papermill {name}.ipynb out.ipynb {asked}".strip()
    return (f"<p class='links'><a download='{name}.csv' href='data:text/csv;base64,{encoded}'>"
            f"Data (CSV)</a> · run it yourself: "
            f"<code>cd book &amp;&amp; {html.escape(command)}</code></p>{records}")


def made_here(how: str) -> str:
    """What was made on the spot: how, and by which commit."""
    source = commit()
    state = (source["commit"] or "unknown")[:9] + ("" if source["clean"] else " (changed)")
    return f"<p class='provenance'>{html.escape(how)}; commit {state}</p>"


def claims(name: str, store: Store | None = None) -> str:
    """The verdicts on what the paper says of this figure, in a line; all of them on opening it."""
    from topdown_book import claims as paper

    scores = paper.score(store, name)
    line = html.escape(paper.in_a_line(scores))
    if len(scores) < 3:
        return f"<p class='claims'>{line}</p>"
    items = "".join(f"<li>{html.escape(paper.in_words(s))}</li>" for s in scores)
    return f"<details class='claims'><summary>{line}</summary><ul>{items}</ul></details>"


def plain(value) -> str:
    """A parameter's value as it is typed on a command line."""
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _picture(drawn: Drawing) -> str:
    if not drawn.alt.strip():
        raise UsageError("the figure has no alternative text; say in words what it shows")
    stream = io.BytesIO()
    drawn.figure.savefig(stream, format="png", metadata={"Software": None})
    picture = base64.b64encode(stream.getvalue()).decode()
    return (f"<div class='picture'><img alt='{html.escape(drawn.alt, quote=True)}' "
            f"src='data:image/png;base64,{picture}' style='width:100%;max-width:52rem'></div>")


def _html_table(drawn: Table) -> str:
    cells: pd.DataFrame = drawn.cells
    return f"<div class='scroll'>{cells.to_html(index=False, escape=True, border=0)}</div>"


def parameter_table(parameters, columns: dict[str, dict]) -> HTML:
    """Name, meaning and range of every parameter; each of `columns`: a title and the values."""
    rows = [{"parameter": p.name, "meaning": p.help, "value": p.description(),
             **{title: plain(values.get(p.name, "")) for title, values in columns.items()}}
            for p in parameters]
    table = pd.DataFrame(rows).to_html(index=False, escape=True, border=0)
    return HTML(f"<div class='scroll'>{table}</div>")
