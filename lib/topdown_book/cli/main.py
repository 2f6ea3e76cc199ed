"""The command `topdown`. Exit codes: 0 done, 1 failed, 2 wrong use."""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path
from typing import Annotated

import typer

from topdown.errors import RecordError, StoreError, UsageError, unknown
from topdown_book.cli import bench as cli_bench

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
                  help="Companion of Forward Learning with Top-Down Feedback: run, list, check.")
data_app = typer.Typer(no_args_is_help=True, help="Data sets: check, fetch, import.")
app.add_typer(data_app, name="data")
app.add_typer(cli_bench.app, name="bench")

ProfileOption = Annotated[str, typer.Option(help="auto, smoke, laptop or paper")]
SetOption = Annotated[list[str] | None, typer.Option("--set", help="name=value, repeatable")]
GroupOption = Annotated[int | None, typer.Option(
    help="most replicas (seeds, and recipes that differ in rates or the scale of F) in one "
         "program; default 1 on a CPU, 100 on a GPU", min=1)]
HoursOption = Annotated[float | None, typer.Option(
    help="stop after so many hours; less than a minute of work is lost", min=0)]
OnlyOption = Annotated[list[str] | None, typer.Option(
    "--only", help="label=value: the cases with this label alone, repeatable")]


def main() -> None:
    """Run the command line; errors that are the user's to fix are one line on stderr."""
    from topdown.data import DataError

    logging.basicConfig(format="topdown: %(message)s", level=logging.INFO)
    try:
        app()
    except UsageError as error:
        _fail(error, 2)
    except (DataError, StoreError, RecordError) as error:
        _fail(error, 1)


def _fail(error: Exception, code: int) -> None:
    typer.echo(f"topdown: {error}", err=True)
    sys.exit(code)


def _settings(experiment, profile: str, seeds: int | None, changes: list[str] | None, store):
    return experiment.settings({"profile": profile, "seeds": seeds, **_given(experiment, changes)},
                               store)


def _chosen(name: str) -> list:
    """The figures that are made from training runs: all, or the one of that name."""
    from topdown_book import figures

    return list(figures.experiments().values()) if name == "all" else [figures.experiment(name)]


def _given(owner, changes: list[str] | None) -> dict:
    """The values of `--set name=value`, checked against the parameters of `owner`."""
    known = {p.name: p for p in owner.parameters}
    return {name: known[name].parse(text, owner.name) if name in known else text
            for name, text in _pairs("--set", changes).items()}


def _pairs(option: str, changes: list[str] | None) -> dict[str, str]:
    """{name: text} of every `OPTION name=text`."""
    for change in changes or []:
        if "=" not in change:
            raise UsageError(f"{option} {change!r} is not name=value")
    return dict(change.split("=", 1) for change in changes or [])


@app.command()
def run(figure: str, profile: ProfileOption = "auto", seeds: int | None = None,
        device: str = "auto", group: GroupOption = None, changes: SetOption = None,
        only: OnlyOption = None, hours: HoursOption = None) -> None:
    """Train what the records of FIGURE lack (`all`: of every figure), the most telling runs first.

    A part of a figure: --only variant=BP --seeds 1. Runs that were stopped go on where they were.
    """
    from topdown_book.cli import training
    from topdown_book.store.records import Store

    store = Store()
    chosen = [(experiment, _settings(experiment, profile, seeds, changes, store))
              for experiment in _chosen(figure)]
    training.train(chosen, store, device, group, _pairs("--only", only),
                   None if hours is None else 3600 * hours, figure == "all")


@app.command()
def tune(profile: ProfileOption = "laptop", device: str = "auto",
         changes: SetOption = None) -> None:
    """Search hyper-parameters on held-out training examples (Table S3); goes on where it was."""
    from topdown_book import figures
    from topdown_book.store.records import Store

    store = Store()
    settings = _settings(figures.get("tabs3"), profile, None, changes, store)
    searches = figures.module("tabs3").tune_all(settings, store, device, progress=True)
    for name, found in searches.items():
        values = ", ".join(f"{k} {v:.3g}" for k, v in found.best_values().items())
        typer.echo(f"{name}: {found.best().held_out_accuracy:.2f} % held out at {values}\n"
                   f"    {found.trials.trial.nunique()} trials in {found.search.path(store)}")


@app.command()
def study(name: str, changes: SetOption = None) -> None:
    """Compute what a page on the theory shows, NAME or `all`; what takes minutes is kept."""
    from topdown_book.figures import studies
    from topdown_book.store.progress import at_work

    if name != "all" and name not in studies():
        raise UsageError(unknown("study", name, studies()))
    chosen = list(studies().values()) if name == "all" else [studies()[name]]
    for number, one in enumerate(chosen, start=1):
        with at_work(f"study {one.name}, {number} of {len(chosen)}"):
            how = one.run(one.settings(_given(one, changes)))[1]
        typer.echo(f"{one.name}: {how}")


@app.command("list")
def list_figures(figure: Annotated[str | None, typer.Argument()] = None,
                 profile: Annotated[str | None, typer.Option(help="one profile alone")] = None,
                 ) -> None:
    """Every figure and table, what is recorded of it, and why runs would be trained.

    With FIGURE each of its recipes: key, labels, seeds recorded, seeds that would be trained, why.
    """
    from topdown_book.cli import listing
    from topdown_book.figures import PROFILES
    from topdown_book.store.records import Store

    store, chosen = Store(), _chosen(figure or "all")
    if profile is not None and profile not in PROFILES[1:]:
        raise UsageError(unknown("profile", profile, PROFILES[1:]))
    for experiment in chosen:
        typer.echo(f"{experiment.name:10s} {experiment.title}")
        for name in [profile] if profile else experiment.profiles:
            typer.echo(listing.summary(experiment, name, store, each=figure is not None))
    if figure is not None:
        typer.echo(listing.LEGEND)


@app.command()
def verify(device: str = "cpu", adopt: Annotated[bool, typer.Option(
        "--adopt", help="note the present code in records of earlier code that agree")] = False,
        sample: Annotated[int | None, typer.Option(
            help="only so many records, spread over data sets and rules", min=1)] = None) -> None:
    """Replay the first steps of every record and name those that are damaged or no longer match."""
    from topdown_book.store.records import Store
    from topdown_book.store.running import REPLAY_TOLERANCE, choose_device
    from topdown_book.store.verifying import verify_all

    done = []
    for one in verify_all(Store(), choose_device(device), adopt, sample):
        done.append(one)
        if one.damaged:
            typer.echo(one.damaged)
        elif one.difference > REPLAY_TOLERANCE:
            typer.echo(f"differs by {one.difference:.2g}: {one.path}")
    skipped, damaged = (sum(bool(getattr(one, w)) for one in done) for w in ("skipped", "damaged"))
    differ = sum(one.difference > REPLAY_TOLERANCE for one in done)
    adopted = sum(bool(one.adopted) for one in done)
    typer.echo(f"{len(done) - skipped - damaged} records replayed, {differ} differ, {damaged} "
               f"damaged or foreign, {skipped} skipped (data not here)"
               + f", {adopted} of earlier code adopted" * adopt)
    raise typer.Exit(1 if differ or damaged else 0)


@app.command("import-records")
def import_records(folder: Path) -> None:
    """Take over the records that another machine has made into FOLDER, after checking each."""
    from topdown_book.store.importing import import_records as taken_over
    from topdown_book.store.records import Store

    done = []
    for one in taken_over(folder, Store()):
        typer.echo(str(one))
        done.append(one)
    refused = sum(bool(one.refused) for one in done)
    typer.echo(f"{len(done)} records read: {sum(len(one.new) for one in done)} seeds new, "
               f"{sum(len(one.present) for one in done)} already there, {refused} records refused")
    raise typer.Exit(1 if refused else 0)


@app.command()
def doctor() -> None:
    """Versions, device, data and store, and what is wrong with them (then the exit code is 1)."""
    from topdown_book.cli.doctor import examine

    findings = examine()
    for finding in findings:
        typer.echo(str(finding))
    wrong = sum(bool(finding.wrong) for finding in findings)
    typer.echo(f"{wrong} things are wrong" if wrong else "all is well")
    raise typer.Exit(1 if wrong else 0)


@app.command()
def score(figure: str | None = None,
          json_: Annotated[bool, typer.Option("--json", help="for machines")] = False) -> None:
    """The paper's numbers and claims beside our records, each with its verdict."""
    from topdown_book import claims as paper

    scores = paper.score(figure=figure)
    known = {fact.figure for fact in paper.paper().facts}
    if not scores:
        raise UsageError(unknown("figure", figure, sorted(known)))
    typer.echo(to_json(paper.to_json(scores)) if json_ else paper.to_text(scores))


@data_app.command()
def check() -> None:
    """What data is there, where from, and whether all of it can be read."""
    from topdown_book.cli import data_sets

    rows = data_sets.check()
    typer.echo("\n".join(map(str, rows)))
    raise typer.Exit(0 if all(row.ok for row in rows) else 1)


@data_app.command()
def fetch(name: str) -> None:
    """Download a data set with torchvision into TOPDOWN_DATA."""
    from topdown_book.cli import data_sets

    typer.echo(data_sets.fetch(name))


@data_app.command("import")
def import_(name: str, path: Path) -> None:
    """Copy a data set from PATH into TOPDOWN_DATA, after decoding all of it."""
    from topdown_book.cli import data_sets

    typer.echo(data_sets.import_(name, path))


def to_json(value) -> str:
    """One JSON object on one line."""
    return json.dumps(value, sort_keys=True)
