"""What a notebook of the book calls: open a figure, compute it, show it.

    figure = page.open_figure("fig3", globals())   # checks the parameters first
    figure.compute()                               # trains or solves what is missing
    figure.show()                                  # answer, picture, caption, where it comes from
"""

from __future__ import annotations

import ast
import html

from IPython.display import Markdown, display

from topdown.errors import UsageError, unknown
from topdown_book import claims, figures
from topdown_book.figures import Drawing, Experiment, Table, check_all
from topdown_book.page import markup, origin, shown, tables
from topdown_book.store.records import Store

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


def open_figure(name: str, namespace: dict, store: Store | None = None) -> OpenFigure:
    """Check the notebook's parameters (`globals()`) before anything is computed."""
    return OpenFigure(figures.get(name), figures.module(name), namespace, store or Store())


class OpenFigure:
    """One figure of the book in a notebook: its settings, what it shows, its page elements.

    source: what draws it, with `draw` and perhaps `answer`.
    """

    def __init__(self, figure, source, namespace: dict, store: Store):
        self.figure, self.source, self.store = figure, source, store
        self.given = checked_parameters(figure.parameters, namespace, figure.name)
        self.settings = figure.settings(self.given, store)
        self.found: tuple = ()
        self.how = ""
        self.parts: dict = {}
        self.below: dict | None = None
        self.shown: list[str] = []

    def compute(self, device: str = "auto") -> None:
        """Train or solve what the store lacks; what `draw` takes is then in `found`."""
        self.found, self.how = self.figure.obtain(self.settings, self.store, device)
        if getattr(self.figure, "judges", False):
            self.found = (*self.found, claims)

    def show(self, part: str = "") -> None:
        """The answer, if the page asks a question; then all that the figure has, or one part."""
        if not self.shown and hasattr(self.source, "answer"):
            self._answer(self.source.answer(*self.found))
        parts = self._parts()
        if part and part not in parts:
            raise UsageError(unknown(f"part of {self.figure.name}:", part, parts))
        for name in [part] if part else [name for name in parts if name not in self.shown]:
            if isinstance(parts[name], str):
                display(Markdown(tables.spelled(parts[name])))
            else:
                self._show(name, parts[name])
            self.shown.append(name)

    def _parts(self) -> dict[str, Drawing | Table | str]:
        """What the figure draws, drawn once; a figure that draws one thing has one part, ""."""
        if not self.parts:
            self.parts = self._drawn(self.found)
        return self.parts

    def _below(self, part: str, ident: str) -> str:
        """The same part in the laptop profile, folded, where published sizes are shown in part."""
        if self.below is None:
            smaller = getattr(self.figure, "below", lambda *_: None)(self.settings, self.store)
            self.below = {} if smaller is None else self._drawn(
                self.figure.obtain(smaller, self.store)[0])
        drawn = self.below.get(part)
        return "" if drawn is None or isinstance(drawn, str) else markup.smaller(ident, drawn)

    def _drawn(self, found: tuple) -> dict[str, Drawing | Table | str]:
        drawn = self.source.draw(*found)
        parts = drawn if isinstance(drawn, dict) else {"": drawn}
        for one in parts.values():
            markup.close(one)
        return parts

    def _answer(self, text: str) -> None:
        """What the records say to the question of the page, above the figure."""
        shown.check_answer(self.figure.name, text)
        display({"text/html": markup.answer(text), "text/markdown": text}, raw=True,
                metadata={shown.ANSWER: text})

    def _show(self, part: str, drawn: Drawing | Table) -> None:
        """The figure or table with caption, provenance, data and the command that makes it."""
        name, trained = self.figure.name, isinstance(self.figure, Experiment)
        results = self.found[0] if trained else None
        failures = len(origin.failed_runs(results))
        shown.check(name, drawn, failures)
        records = self._record_names(results) if trained else list(drawn.records)
        unread = self.settings.unread(self.figure.parameters)
        about = shown.describe(name, drawn, self.settings, records, failures, unread)
        if getattr(self.settings, "held", None) is not None:
            about["held"] = dict(zip(records, (record.seeds for record in results.records)))
        ident = f"{name}-{part.replace(' ', '-')}" if self.shown and part else name
        head = "" if self.shown or not trained else self._head()
        source = drawn.source or self.how
        markup.show(about, ident, head, drawn, self.provenance_line(records) if trained else "",
                    markup.made_here(source) if source else "",
                    self._below(part, ident) if trained else "",
                    markup.links(name, ident, drawn, self.given, markup.record_list(records),
                                 self._parameter_table()))

    def provenance_line(self, records) -> str:
        """Profile, seeds, commit, device and time behind a figure made from runs, as HTML."""
        figure, settings, store = self.figure, self.settings, self.store
        profile, results = settings["profile"], self.found[0]
        in_part = getattr(settings, "held", None) is not None
        line = (f"Made from {markup.counted(len(set(records)), 'record')}: profile {profile}"
                f"{', as far as it has been trained' if in_part else ''}, "
                f"{results.seeds_in_words()}")
        more = [origin.seeds_of_each(figure, settings)] if in_part else []
        more.append(origin.missing(figure, settings, store) if in_part else ""
                    if profile == origin.PUBLISHED or self._changed()
                    else origin.published(figure, store))
        return markup.origin(line + self._overrides(), origin.describe(results),
                             *map(html.escape, more))

    def _head(self) -> str:
        """The verdicts; of a changed figure there are none, but why it has the data that it has."""
        if not self._changed():
            return markup.claims(self.figure.name, self.store)
        why = origin.why(self.figure, self.settings, self.given)
        return (f"<p class='changed'>Changed here: {self._changed()}. So there is no verdict on "
                f"the paper's claims. {html.escape(why)}</p>")

    def _changed(self) -> str:
        """ "depth = 4, seeds = 2": what differs from the profile, as HTML. """
        base = self.figure.profiles[self.settings["profile"]]
        changed = {k: v for k, v in self.settings.items() if k != "profile" and base.get(k) != v}
        return ", ".join(f"{k} = {html.escape(markup.plain(v))}" for k, v in changed.items())

    def _overrides(self) -> str:
        return f"; <b>changed here: {self._changed()}</b>" if self._changed() else ""

    def _record_names(self, results) -> list[str]:
        return [str(self.store.path(r.recipe).relative_to(self.store.root))
                for r in results.records]

    def _parameter_table(self) -> str:
        """What may be changed, what each value may be, and what every profile sets."""
        figure = self.figure
        columns = figure.profiles if isinstance(figure, Experiment) else {
            "default": figure.defaults}
        return markup.parameter_table(figure.parameters, columns)
