"""The commands `topdown bench ...`: measure, print, keep."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from topdown.errors import UsageError, unknown

app = typer.Typer(no_args_is_help=True,
                  help="Speed and memory, as ratios whose sides are measured in one run.")

Json = Annotated[bool, typer.Option("--json", help="for machines")]
Quick = Annotated[bool, typer.Option("--quick", help="tiny sizes, to see that all runs")]
Out = Annotated[Path | None, typer.Option(help="folder for one JSON file per benchmark")]
Threads = Annotated[int, typer.Option(min=1)]
Rounds = Annotated[int | None, typer.Option(min=1, help="default: as the benchmark needs")]


@app.command()
def step(rule: str = "pepita", sizes: str = "3072,1024,10", batch: int = 64, threads: Threads = 2,
         rounds: Rounds = None, as_json: Json = False, quick: Quick = False,
         out: Out = None, device: str = "cpu") -> None:
    """One training step against BP by autograd, the usual recipe, the limit (`--rule all`)."""
    from topdown_book.store.running import choose_device

    place = str(choose_device(device))
    from topdown_book import bench

    if rule == "all":
        _run(["step"], threads, rounds, quick, as_json, out, device=place)
        return
    if out is not None:
        raise UsageError(f"bench step: --out keeps every rule; use --rule all, not {rule!r}")
    options = {"rounds": rounds} if rounds else {}
    row = bench.bench_step(_problem(rule, sizes, batch), threads, **options, device=place,
                           **({"seconds": 0.005} if quick else {}))
    typer.echo(json.dumps(row, sort_keys=True) if as_json else _listed(row))


def _problem(rule: str, sizes: str, batch: int):
    from topdown.rules import get_rule
    from topdown_book.bench import Problem

    try:
        layers = tuple(int(n) for n in sizes.split(","))
        problem = Problem(get_rule(rule).name, layers, batch)
        problem.recipe()
    except ValueError as error:
        raise UsageError(f"bench step: {error}") from None
    if len(layers) < 2:
        raise UsageError(f"bench step: sizes={sizes!r} names fewer than two layers")
    return problem


def _listed(row: dict) -> str:
    """One row of results, a line for each quantity."""
    from topdown_book.bench.report import cell

    return "\n".join(f"{name:20s} {cell(value)}" for name, value in row.items())


def _command(name: str, names: tuple[str, ...], text: str) -> None:
    def command(threads: Threads = 2, rounds: Rounds = None, as_json: Json = False,
                quick: Quick = False, out: Out = None) -> None:
        _run(names, threads, rounds, quick, as_json, out)

    app.command(name, help=text)(command)


HELP = {
    "scaling": "Time per sample against replicas, width, depth and batch, and what bounds it.",
    "memory": "Peak memory of a process for every rule; activations kept, against depth.",
    "peers": "Beside biotorch (FA, DFA) and fflib (Forward-Forward), where they are installed."}
for _name, _text in HELP.items():
    _command(_name, (_name,), _text)
_command("all", ("step", *HELP),
         "All of the above: what the book's page on performance shows, with `--out benchmarks/`.")


def _run(names, threads: int, rounds: int | None, quick: bool, as_json: bool,
         out: Path | None, **more) -> None:
    from topdown_book.bench import report

    found = {}
    for name in names:
        result = report.run(name, _bench(name), threads, quick=quick, **more,
                            **({"rounds": rounds} if rounds else {}))
        found[name] = result
        if out is not None:
            path = report.write(out, result)
        if not as_json:
            typer.echo(f"{name}: {result['about']['seconds']} s, load average "
                       f"{result['about']['load_average']}\n{report.to_text(result['rows'])}\n"
                       + (f"kept in {path}\n" if out is not None else ""))
    if as_json:
        typer.echo(json.dumps(found if len(found) > 1 else result, sort_keys=True))


def _bench(name: str):
    from topdown_book import bench

    known = {"step": bench.bench_steps, "scaling": bench.bench_scaling,
             "memory": bench.bench_memory, "peers": bench.bench_peers}
    if name not in known:
        raise UsageError(unknown("benchmark", name, known))
    return known[name]
