"""`topdown run`: says what it expects, trains in order until the limit, says what it has done."""

from __future__ import annotations

import time

import typer

from topdown.data import is_here
from topdown_book.cli import schedule
from topdown_book.store.records import Store
from topdown_book.store.running import choose_device, most_together
from topdown_book.store.workers import Stopped, processes_for, run_within, stopping

PUBLISHED = "paper"


def train(chosen: list, store: Store, device: str, group: int | None, only: dict[str, str],
          seconds: float | None, every_figure: bool) -> None:
    """Train what the chosen figures, each with its settings, lack.

    What waits for a search (the tuned rows of Table S3) comes last. Of every figure, recipes whose
    data are not here are left out, and said.
    """
    device, started = choose_device(device), time.monotonic()
    for experiment, settings in [] if every_figure else chosen:
        typer.echo(f"{experiment.name}: profile {settings['profile']}")
    later = [(e, s) for e, s in chosen if e.pending(s, store)]
    ready = [one for one in chosen if every_figure or one not in later]
    goes_on = not ready or _round(ready, store, device, group, only, started, seconds, every_figure)
    for experiment, settings in later:
        goes_on = goes_on and _searched(experiment, settings, store, device, started, seconds)
        goes_on = goes_on and _round([(experiment, settings)], store, device, group, only, started,
                                     seconds, every_figure)
    word = "done" if goes_on else "stopped"
    took = schedule.hours(time.monotonic() - started)
    typer.echo(f"{word} after {took}; records in {store.root}")


def _left(started: float, seconds: float | None) -> float | None:
    return None if seconds is None else seconds - (time.monotonic() - started)


def _round(chosen, store, device, group, only, started, seconds, every_figure) -> bool:
    """Plan, say, train, say; False where it was stopped before the end."""
    wanted = {e.name: e.wanted(settings, only) for e, settings in chosen}
    if every_figure:
        wanted = _with_data(wanted)
    published = all(settings["profile"] == PUBLISHED for _, settings in chosen)
    most = group or most_together(device)
    found = schedule.tasks(wanted, store, device, most, published, published and every_figure)
    jobs, left, began = [t.job for t in found], _left(started, seconds), time.monotonic()
    if not jobs:
        typer.echo("nothing to train")
        return True
    typer.echo(schedule.expected(found, device, processes_for(jobs, device), left))
    goes_on = run_within(jobs, store, device, most, left)
    typer.echo(schedule.done(found, store, time.monotonic() - began))
    return goes_on


def _with_data(wanted: dict) -> dict:
    absent = sorted({r.dataset for pairs in wanted.values() for r, _ in pairs
                     if not is_here(r.dataset)})
    if absent:
        typer.echo(f"left out, since their data are not here: {', '.join(absent)}")
    return {name: [(r, seeds) for r, seeds in pairs if r.dataset not in absent]
            for name, pairs in wanted.items()}


def _searched(experiment, settings, store, device, started, seconds) -> bool:
    """Search what the figure needs; False where it was stopped, or Optuna is not here."""
    try:
        with stopping(_left(started, seconds)):
            typer.echo(f"{experiment.name}: {experiment.pending(settings, store)}")
            experiment.prepare(settings, store, str(device), progress=True)
    except Stopped:
        return False
    except ModuleNotFoundError as error:
        typer.echo(f"{experiment.name} is left out: {error.name} is not installed")
        return False
    return True
