"""Make the records of one figure: python ci/records.py FIGURE [--shard K/N] [--device D]

Without FIGURE: all those planned whose records are there already, in one process.

Trains what the store lacks. A record made by other code than the present is not taken as it is: of
the embedded digits it is trained anew; of a real data set its first steps are replayed, and if they
differ that is an error, since hours of training are not thrown away unasked.
"""

import argparse
import json
import os
import shutil
import sys
import time

from inputs import BUILD, record_inputs, state, write
from report import note

from topdown.data import is_here
from topdown.errors import RecordError, StoreError
from topdown_book.cli.schedule import tasks
from topdown_book.figures import experiment as experiment_of
from topdown_book.store.dependencies import training_hash
from topdown_book.store.records import Store
from topdown_book.store.running import (
    REPLAY_TOLERANCE,
    choose_device,
    most_together,
    run_jobs,
    verify,
)

CHEAP = "digits"


def is_stale(store: Store, recipe) -> bool:
    """Whether the record of `recipe` was made by other code than the present one."""
    record, code = store.load(recipe), training_hash(recipe.rule, recipe.probe)
    return record is not None and any(e.get("code") != code for e in record.provenance.values())


def forget(store: Store, recipe) -> None:
    """Remove a stale record, unless another process has renewed it meanwhile."""
    with store.lock(recipe, "write"):
        if is_stale(store, recipe):
            store.path(recipe).unlink()


def replayed(store: Store, recipes) -> list[str]:
    """The records whose first steps differ from what the present code does."""
    wrong = []
    for recipe in recipes:
        difference = verify(store.load(recipe))
        if difference > REPLAY_TOLERANCE:
            wrong.append(f"{store.path(recipe)} differs by {difference:.2g}")
    return wrong


def renew(store: Store, recipes) -> dict:
    """Deal with every stale record; RecordError names those that no longer agree."""
    stale = [recipe for recipe in recipes if is_stale(store, recipe)]
    for recipe in (r for r in stale if r.dataset == CHEAP):
        forget(store, recipe)
    real = [recipe for recipe in stale if recipe.dataset != CHEAP]
    here = [recipe for recipe in real if is_here(recipe.dataset)]
    wrong = replayed(store, here)
    if wrong:
        raise RecordError(f"the code has changed what these records show: {'; '.join(wrong)}; undo "
                          "the change, or remove the records and train them again (topdown run)")
    return {"retrained": len(stale) - len(real), "replayed": len(here),
            "not replayed (no data)": len(real) - len(here)}


def in_shard(recipe, shard: str) -> bool:
    part, parts = map(int, shard.split("/"))
    return int(recipe.key, 16) % parts == part - 1


def make(figure: str, profile: str, shard: str, device: str) -> dict:
    """Renew and train; what was done, for the report."""
    store, experiment = Store(), experiment_of(figure)
    settings = experiment.settings({"profile": profile}, store)
    experiment.prepare(settings, store, device, progress=True)
    wanted = [(r, s) for r, s in experiment.wanted(settings) if in_shard(r, shard)]
    done = renew(store, dict.fromkeys(r for r, _ in wanted))
    together = most_together(choose_device(device))
    found = tasks({figure: wanted}, store, choose_device(device), together, profile == "paper")
    run_jobs([task.job for task in found], store, device, together=together)
    files = {recipe.key: state(store, recipe, seeds) for recipe, seeds in wanted}
    # What `prepare` has found may have added recipes to those that were planned.
    write(BUILD / "inputs" / "records" / f"{figure}.json", record_inputs(figure, settings))
    name = f"{figure}-{shard.replace('/', 'of')}"
    write(BUILD / "records" / f"{name}.json", {"profile": profile, "records": files})
    return {"profile": profile, "records": len(files), "trained": len(found), **done}


def is_settled(figure: str, profile: str) -> bool:
    """Whether nothing is left to do: every record is there, and of the present code."""
    store, experiment = Store(), experiment_of(figure)
    settings = experiment.settings({"profile": profile}, store)
    return not experiment.pending(settings, store) and not any(
        store.missing(recipe, seeds) or is_stale(store, recipe)
        for recipe, seeds in experiment.wanted(settings))


def settle() -> None:
    """Note the settled ones among the planned as done: a process each would cost four seconds."""
    why = json.loads((BUILD / "reasons.json").read_text())
    for figure, profile in json.loads((BUILD / "plan.json").read_text())["figures"].items():
        if why[f"records/{figure}"] and is_settled(figure, profile):
            started, done = time.time(), make(figure, profile, "1/1", "cpu")
            note(f"records/{figure}", "1/1", started, done)
            os.utime(BUILD / "records" / f"{figure}-1of1.json")
            target = BUILD / "done" / "records" / f"{figure}.json"
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(BUILD / "inputs" / "records" / target.name, target)


def main(arguments=None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("figure", nargs="?")
    parser.add_argument("--shard", default="1/1")
    parser.add_argument("--device", default="auto")
    given = parser.parse_args(arguments)
    if given.figure is None:
        settle()
        return 0
    started = time.time()
    profile = json.loads((BUILD / "plan.json").read_text())["figures"][given.figure]
    try:
        done = make(given.figure, profile, given.shard, given.device)
    except (RecordError, StoreError, ValueError, OSError) as error:
        print(f"book: records of {given.figure}: {error}", file=sys.stderr)
        return 1
    note(f"records/{given.figure}", given.shard, started, done)
    return 0


if __name__ == "__main__":
    sys.exit(main())
