"""What a notebook of the book calls: open a figure, compute it, show it.

    figure = notebook.open_figure("fig3", globals())   # checks the parameters first
    results = figure.compute()
    figure.answer("...")                               # where the page asks a question
    figure.show(figures.fig3(results))
"""

from __future__ import annotations

import ast
import base64
import html
import io
from collections import Counter

import matplotlib.pyplot as plt
import pandas as pd
from IPython.display import HTML, display

from topdown import shown
from topdown.errors import UsageError
from topdown.experiments import Results, gather, get_experiment
from topdown.figures import Drawing, Table
from topdown.parameters import Settings, check_all
from topdown.provenance import commit
from topdown.records import Store
from topdown.running import choose_device, plan, run_jobs

_INJECTED = "# Parameters"
"""The comment with which papermill begins the cell that it injects."""


def injected_names(cells) -> set[str]:
    """Names assigned in the cell that papermill injected, from the inputs of the kernel so far."""
    names: set[str] = set()
    for cell in cells:
        if isinstance(cell, str) and cell.startswith(_INJECTED):
            for node in ast.walk(ast.parse(cell)):
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                    names.add(node.id)
    return names


def checked_parameters(parameters, namespace: dict, figure: str) -> dict:
    """The values of `parameters` in the notebook's `namespace`, checked.

    UsageError for a wrong type or value, for a parameter that the notebook does not define, and
    for a name that papermill injected and that is no parameter.
    """
    known = [p.name for p in parameters]
    missing = [name for name in known if name not in namespace]
    if missing:
        raise UsageError(f"{figure}: the notebook's parameter cell lacks {', '.join(missing)}")
    given = {name: namespace[name] for name in known}
    given |= {name: namespace[name] for name in injected_names(namespace.get("In", ()))}
    return check_all(parameters, given, figure)


def open_figure(name: str, namespace: dict, store: Store | None = None) -> NotebookFigure:
    """Check the notebook's parameters (`globals()`) before anything is trained."""
    experiment, store = get_experiment(name), store or Store()
    given = checked_parameters(experiment.parameters, namespace, name)
    return NotebookFigure(experiment, experiment.settings(given, store), store, given)


class NotebookFigure:
    """One figure of the book in a notebook: its settings, its records, its page elements."""

    def __init__(self, experiment, settings: dict, store: Store, given: dict):
        self.experiment, self.settings, self.store, self.given = experiment, settings, store, given
        self.results: Results | None = None
        self.claimed = False

    def compute(self, device: str = "auto") -> Results:
        """Train what the store lacks, then read everything."""
        group = 1 if choose_device(device).type == "cpu" else self.settings["seeds"]
        jobs = plan(self.experiment.wanted(self.settings), self.store, group)
        run_jobs(jobs, self.store, device, progress=bool(jobs))
        self.results = gather(self.experiment, self.settings, self.store)
        return self.results

    def answer(self, text: str) -> None:
        """What the records say to the question of the page, above the figure."""
        shown.check_answer(self.experiment.name, text)
        display(HTML(f"<p class='answer'><b>Answer.</b> {html.escape(text)}</p>"))

    def show(self, drawn: Drawing | Table, also: str = "") -> None:
        """The figure or table with caption, provenance, data and the command that makes it.

        also: where the part of the figure comes from that is made without records.
        """
        name, failures = self.experiment.name, len(failed_runs(self))
        shown.check(name, drawn, failures)
        unread = self.settings.unread(self.experiment.parameters)
        about = shown.describe(name, drawn, self.settings, self._record_names(), failures, unread)
        more = _provenance(also) if also else ""
        head = "" if self.claimed else claims(name, self.store)
        self.claimed = True  # a page of several figures says it once, above the first
        _display(about, head, drawn, self.provenance_line(), more,
                 self.links(drawn))

    def provenance_line(self) -> str:
        """Profile, seeds, commit, device and time behind the figure, as HTML."""
        text = f"<b>Profile {self.settings['profile']}</b>{self._overrides()}: {describe(self)}"
        return f"<p class='provenance'>{text}</p>"

    def _overrides(self) -> str:
        base = self.experiment.profiles[self.settings["profile"]]
        changed = {k: v for k, v in self.settings.items() if k != "profile" and base.get(k) != v}
        if not changed:
            return ""
        listed = ", ".join(f"{k} = {html.escape(_plain(v))}" for k, v in changed.items())
        return f" <b>changed here: {listed}</b>"

    def links(self, drawn) -> str:
        """Data as CSV, the record files, and the command that makes this figure."""
        return _links(self.experiment.name, drawn, self.given, self._record_links())

    def _record_links(self) -> str:
        return _record_list(self._record_names())

    def _record_names(self) -> list[str]:
        records = [] if self.results is None else self.results.records
        return [str(self.store.path(r.recipe).relative_to(self.store.root)) for r in records]


class StaticFigure:
    """A figure or table of the book that is made without records: drawn, or computed on the spot.

    `settings` holds the parameters' values: those of the notebook (`globals()`), checked, else
    the defaults. `head`: whether the verdicts on the paper's claims of that name stand above it.
    """

    def __init__(self, name: str, parameters, defaults: dict, namespace: dict, head: bool = False):
        self.name, self.parameters, self.defaults, self.head = name, parameters, defaults, head
        self.given = checked_parameters(parameters, namespace, name)
        chosen = {k: v for k, v in self.given.items() if v is not None}
        self.settings = Settings({**defaults, **chosen})

    def show(self, drawn: Drawing | Table, how: str = "drawn by code", records=()) -> None:
        """The figure or table with its caption, data and command; `how`: where it comes from."""
        head = claims(self.name) if self.head else ""
        shown.check(self.name, drawn)
        unread = self.settings.unread(self.parameters)
        about = shown.describe(self.name, drawn, self.settings, records, unread=unread)
        _display(about, head, drawn, _provenance(how),
                 _links(self.name, drawn, self.given, _record_list(records)))

    def parameter_table(self) -> HTML:
        """What may be changed, what each value may be, and the default."""
        return _parameter_table(self.parameters, {"default": self.defaults})


def _provenance(how: str) -> str:
    """What was made on the spot: how, and by which commit."""
    source = commit()
    state = (source["commit"] or "unknown")[:9] + ("" if source["clean"] else " (changed)")
    return f"<p class='provenance'>{html.escape(how)}; commit {state}</p>"


def claims(name: str, store: Store | None = None) -> str:
    """The verdicts on what the paper says of this figure, in a line; all of them on opening it."""
    from topdown import paper

    scores = paper.score(store, name)
    line = html.escape(paper.in_a_line(scores))
    if len(scores) < 3:
        return f"<p class='claims'>{line}</p>"
    items = "".join(f"<li>{html.escape(paper.in_words(s))}</li>" for s in scores)
    return f"<details class='claims'><summary>{line}</summary><ul>{items}</ul></details>"


def _display(about: dict, head: str, drawn: Drawing | Table, *below: str) -> None:
    if getattr(drawn, "interactive", ""):
        display(HTML(_frame(drawn.interactive)))
    body = _picture(drawn) if isinstance(drawn, Drawing) else _html_table(drawn)
    caption = f"<p class='caption'>{html.escape(drawn.caption)}</p>"
    parts = "".join([head, body, caption, *below])
    display(HTML(f"<div class='topdown-figure'>{parts}</div>"), metadata={shown.KEY: about})


def _frame(document: str) -> str:
    """A document of its own inside the page, so that neither's scripts meet the other's."""
    source = html.escape(document, quote=True)
    return ("<div class='topdown-interactive'><iframe title='interactive figure' "
            f"style='width:100%;height:44rem;border:0' srcdoc='{source}'></iframe></div>")


def _record_list(names) -> str:
    names = list(dict.fromkeys(names))
    if not names:
        return ""
    items = "".join(f"<li><code>results/{html.escape(n)}</code></li>" for n in names)
    return (f"<details class='records'><summary>{len(names)} records</summary>"
            f"<ul>{items}</ul></details>")


def _links(name: str, drawn, given: dict, records: str) -> str:
    encoded = base64.b64encode(drawn.data.to_csv(index=False).encode()).decode()
    asked = " ".join(f"-p {k} {_plain(v)}" for k, v in given.items() if v is not None)
    command = f"papermill {name}.ipynb out.ipynb {asked}".strip()
    return (f"<p class='links'><a download='{name}.csv' href='data:text/csv;base64,{encoded}'>"
            f"Data (CSV)</a> · run it yourself: "
            f"<code>cd book &amp;&amp; {html.escape(command)}</code></p>{records}")


def describe(figure: NotebookFigure) -> str:
    """What trained the figure's records: data, seeds, versions, devices, seconds, failures."""
    seeds, entries = range(figure.settings["seeds"]), _entries(figure)
    if not entries:
        return "no runs: neither records nor data are here"
    commits = Counter((e["commit"] or "unknown")[:9] + ("" if e["clean"] else " (changed)")
                      for e in entries)
    devices = " and ".join(sorted({e["device"] for e in entries}))
    versions = ", ".join(sorted({e["packages"]["torch"] for e in entries}))
    failed = failed_runs(figure)
    dates = sorted(e["started"][:10] for e in entries)
    text = (f"{len(entries)} runs of {len(figure.results.records)} recipes, seeds 0 to "
            f"{len(seeds) - 1}, trained {_between(dates)} in {_hours(_seconds(entries))} on "
            f"{html.escape(devices)}, torch {versions}, commit {', '.join(commits)}")
    return text + (f"; <b>{len(failed)} failed: {', '.join(sorted(set(failed)))}</b>"
                   if failed else "")


def failed_runs(figure: NotebookFigure) -> list[str]:
    """The status of every run behind the figure that did not end well."""
    return [e["status"] for e in _entries(figure) if e["status"] != "ok"]


def _entries(figure: NotebookFigure) -> list[dict]:
    records = figure.results.records if figure.results else []
    return [r.provenance[s] for r in records for s in range(figure.settings["seeds"])]


def _seconds(entries) -> float:
    return sum(e["seconds"] / e["trained_together"] for e in entries)


def _between(dates) -> str:
    return dates[0] if dates[0] == dates[-1] else f"{dates[0]} to {dates[-1]}"


def _hours(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def _plain(value) -> str:
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _picture(drawn: Drawing) -> str:
    if not drawn.alt.strip():
        raise UsageError("the figure has no alternative text; say in words what it shows")
    stream = io.BytesIO()
    drawn.figure.savefig(stream, format="png", metadata={"Software": None})
    plt.close(drawn.figure)  # or the inline backend shows it a second time
    picture = base64.b64encode(stream.getvalue()).decode()
    return (f"<img alt='{html.escape(drawn.alt, quote=True)}' "
            f"src='data:image/png;base64,{picture}' style='width:100%;max-width:52rem'>")


def _html_table(drawn: Table) -> str:
    cells: pd.DataFrame = drawn.cells
    return f"<div class='scroll'>{cells.to_html(index=False, escape=True, border=0)}</div>"


def parameter_table(name: str) -> HTML:
    """The parameters of a figure, what each may be, and what every profile sets."""
    experiment = get_experiment(name)
    return _parameter_table(experiment.parameters, experiment.profiles)


def _parameter_table(parameters, columns: dict[str, dict]) -> HTML:
    rows = [{"parameter": p.name, "meaning": p.help, "value": p.description(),
             **{title: _plain(values.get(p.name, "")) for title, values in columns.items()}}
            for p in parameters]
    table = pd.DataFrame(rows).to_html(index=False, escape=True, border=0)
    return HTML(f"<div class='scroll'>{table}</div>")
