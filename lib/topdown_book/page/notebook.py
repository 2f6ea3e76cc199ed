"""What a notebook of the book calls: open a figure, compute it, show it.

    figure = notebook.open_figure("fig3", globals())   # checks the parameters first
    results = figure.compute()
    figure.answer("...")                               # where the page asks a question
    figure.show(figures.fig3(results))
"""

from __future__ import annotations

import ast
import html

from IPython.display import display

from topdown.errors import UsageError
from topdown_book.experiments import Results, gather, get_experiment
from topdown_book.figures import Drawing, Table
from topdown_book.page import markup, origin, shown
from topdown_book.parameters import Settings, check_all
from topdown_book.store.records import Store
from topdown_book.store.running import choose_device, most_together, plan, run_jobs

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
        together = most_together(choose_device(device))
        jobs = plan(self.experiment.wanted(self.settings), self.store, together)
        run_jobs(jobs, self.store, device, progress=bool(jobs), together=together)
        self.results = gather(self.experiment, self.settings, self.store)
        return self.results

    def answer(self, text: str) -> None:
        """What the records say to the question of the page, above the figure."""
        shown.check_answer(self.experiment.name, text)
        answered = f"<p class='answer'>{html.escape(text)}</p>"
        display({"text/html": answered, "text/markdown": text}, raw=True,
                metadata={shown.ANSWER: text})

    def show(self, drawn: Drawing | Table, also: str = "") -> None:
        """The figure or table with caption, provenance, data and the command that makes it.

        also: where the part of the figure comes from that is made without records.
        """
        name, failures = self.experiment.name, len(origin.failed_runs(self.results))
        shown.check(name, drawn, failures)
        unread = self.settings.unread(self.experiment.parameters)
        about = shown.describe(name, drawn, self.settings, self._record_names(), failures, unread)
        more = markup.made_here(also) if also else ""
        head = "" if self.claimed else markup.claims(name, self.store)
        self.claimed = True  # a page of several figures says it once, above the first
        markup.show(about, head, drawn, self.provenance_line(), more,
                 self.links(drawn))

    def provenance_line(self) -> str:
        """Profile, seeds, commit, device and time behind the figure, as HTML."""
        records = markup.counted(len(self._record_names()), "record")
        seeds = markup.counted(self.settings["seeds"], "seed")
        line = f"Made from {records}: profile {self.settings['profile']}, {seeds}"
        larger = "" if self.settings["profile"] == origin.PUBLISHED else origin.published(
            self.experiment, self.store)
        return markup.origin(line + self._overrides(), origin.describe(self.results),
                             html.escape(larger))

    def _overrides(self) -> str:
        base = self.experiment.profiles[self.settings["profile"]]
        changed = {k: v for k, v in self.settings.items() if k != "profile" and base.get(k) != v}
        if not changed:
            return ""
        listed = ", ".join(f"{k} = {html.escape(markup.plain(v))}" for k, v in changed.items())
        return f"; <b>changed here: {listed}</b>"

    def links(self, drawn) -> str:
        """Data as CSV, the record files, and the command that makes this figure."""
        page = self.experiment.page or self.experiment.name
        return markup.links(page, drawn, self.given, self._record_links(), markup.parameter_html(
            self.experiment.parameters, self.experiment.profiles))

    def _record_links(self) -> str:
        return markup.record_list(self._record_names())

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
        head = markup.claims(self.name) if self.head else ""
        shown.check(self.name, drawn)
        unread = self.settings.unread(self.parameters)
        about = shown.describe(self.name, drawn, self.settings, records, unread=unread)
        markup.show(about, head, drawn, markup.made_here(how),
                 markup.links(self.name, drawn, self.given, markup.record_list(records),
                              markup.parameter_html(self.parameters, {"default": self.defaults})))

    def parameter_table(self):
        """What may be changed, what each value may be, and the default."""
        return markup.parameter_table(self.parameters, {"default": self.defaults})


def parameter_table(name: str):
    """The parameters of a figure, what each may be, and what every profile sets."""
    experiment = get_experiment(name)
    return markup.parameter_table(experiment.parameters, experiment.profiles)
