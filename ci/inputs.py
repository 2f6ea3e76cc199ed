"""What the book is made from: python ci/inputs.py [--profile P] [--figures fig3,tab2] [--say]

Reads _toc.yml, the notebooks and the experiments, and writes into build/: plan.json (every figure
with its profile, every notebook with what it needs) and inputs/*.json (hashes of all that each
depends on: cells, code, recipes, versions). A file whose content is the same is left untouched, so
that Snakemake sees exactly what changed. --say: print, for each, why it will run or why not.
"""

import argparse
import ast
import hashlib
import json
import os
import sys
from pathlib import Path

import nbformat
from check_book import toc_files
from render import included

from topdown.errors import UsageError, unknown
from topdown_book import figures as book
from topdown_book.figures import PROFILES, experiments
from topdown_book.page import origin
from topdown_book.store import dependencies
from topdown_book.store.facts import paper
from topdown_book.store.records import Store

BUILD = Path("build")
BOOK = Path("_build/html/index.html")
THEORY = {"topdown_book.claims._theory"}
BY_RECORDS = {"topdown_book.store.running", "topdown.recipes", "topdown.data"}
"""What lies behind these reaches a notebook through records, which note their code themselves."""


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]


def write(path: Path, content: dict) -> None:
    """Write JSON, whole or not at all, and only if it says something new."""
    text = json.dumps(content, indent=1, sort_keys=True) + "\n"
    if not path.exists() or path.read_text() != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        part.write_text(text)
        part.replace(path)


def code_of(notebook: Path) -> str:
    cells = nbformat.read(notebook, as_version=4).cells
    return "\n".join(cell.source for cell in cells if cell.cell_type == "code")


def opened(code: str) -> list[str]:
    """The figures that a notebook opens, by `open_figure("name", ...)`."""
    calls = (node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Call))
    texts = (call.args[0].value for call in calls
             if call.args and isinstance(call.args[0], ast.Constant)
             and ast.unparse(call.func).endswith("open_figure"))  # show("depth") names a part
    return [text for text in dict.fromkeys(texts) if text in book.names()]


def modules_of(code: str) -> set[str]:
    """What a notebook imports, and the files of the figures that it opens."""
    return dependencies.imported(code) | {f"{book.__name__}.{name}" for name in opened(code)}


def needs(code: str) -> list[str]:
    """The experiments whose records a notebook shows, judges or compares with the paper."""
    names = opened(code)
    if any(getattr(book.get(name), "judges", False) for name in names):
        return sorted(experiments())
    compared = {fact.of.get("table") for fact in paper().facts if fact.figure in names}
    return sorted((compared | set(names)) & experiments().keys())


def notebook_inputs(path: Path, profiles: dict[str, str]) -> tuple[dict, dict]:
    """A notebook's line of the plan, and the hashes of what it depends on."""
    code = code_of(path)
    figures = [name for name in opened(code) if name in experiments()]
    shown = {profiles[name] for name in figures}
    line = {"shows": figures, "needs": needs(code),
            "parameters": {"profile": shown.pop()} if len(shown) == 1 else {}}
    modules = _modules(path, line)
    hashes = {f"lib/{k}": v for k, v in dependencies.hashes(modules).items()}
    hashes |= stored_studies(modules) | kept_benchmarks(modules)
    for file in (path, Path("ci/execute.py"), Path("requirements.lock")):
        hashes[file.as_posix()] = digest(file.read_bytes())
    facts = [str(fact) for fact in paper().facts if fact.figure in names_of(path, line)]
    hashes["paper_numbers.yml"] = digest("".join(facts).encode())
    return line, hashes | {f"parameter {k}": v for k, v in line["parameters"].items()}


def stored_studies(modules: set[str]) -> dict[str, str]:
    """Hashes of the stored results that a page on the theory shows as they are."""
    studies = [s for s in book.studies().values()
               if s.stored and s.compute.__module__ in modules]
    files = {study.name: study.file(study.defaults) for study in studies}
    return {f"stored {name}": digest(file.read_bytes()) if file.exists() else "absent"
            for name, file in files.items()}


def kept_benchmarks(modules: set[str]) -> dict[str, str]:
    """The measurements of speed that a notebook shows."""
    files = Path("benchmarks").glob("*.json") if "topdown_book.bench.report" in modules else ()
    return {file.as_posix(): digest(file.read_bytes()) for file in sorted(files)}


def names_of(path: Path, line: dict) -> set[str]:
    """The figures whose facts and verdicts a notebook shows: of a page of verdicts, all."""
    if line["needs"] and not line["shows"]:
        return {fact.figure for fact in paper().facts}
    return {*line["shows"], path.stem}


def _modules(path: Path, line: dict) -> set[str]:
    facts = [fact for fact in paper().facts if fact.figure in names_of(path, line)]
    unused = set() if any("theory" in fact.of for fact in facts) else THEORY
    stop = dependencies.REGISTRIES | unused | BY_RECORDS
    return dependencies.closure(modules_of(code_of(path)), stop) - unused


def record_inputs(name: str, settings: dict) -> dict:
    """Recipes with their seeds, and the code that trains them."""
    hashes = {}
    for recipe, seeds in book.get(name).wanted(settings):
        hashes[f"recipe {recipe.key} ({recipe.label()})"] = f"{len(seeds)} seeds"
        files = dependencies.of_training(recipe.rule, recipe.probe)
        hashes |= {f"lib/{k}": v for k, v in files.items()}
    return hashes


def state(store: Store, recipe, seeds) -> str:
    """A hash of where the stored runs of these seeds come from; "absent" if one is missing."""
    record = store.load(recipe)
    if record is None or not set(seeds) <= set(record.provenance):
        return "absent"
    return digest(json.dumps([record.provenance[s] for s in seeds], sort_keys=True).encode())


def moved(name: str, settings: dict, store: Store) -> list[str]:
    """How the store differs from what the last build left or found there."""
    known: dict[str, str] = {}
    for manifest in sorted((BUILD / "records").glob(f"{name}-*of*.json")):
        known |= json.loads(manifest.read_text())["records"]
    wanted = book.get(name).wanted(settings)
    now = {recipe.key: state(store, recipe, seeds) for recipe, seeds in wanted}
    return [f"record {key} is {'gone' if value == 'absent' else 'another'}"
            for key, value in now.items() if known.get(key) not in (None, value)]


def page_inputs() -> dict:
    """Everything the rendered book shows but its notebooks."""
    names = [*Path("book").rglob("*")]
    files = [f for f in names if f.is_file() and f.suffix not in (".ipynb", ".py", ".pyc")]
    files += [Path("_config.yml"), Path("_toc.yml"), Path("ci/render.py"), *included(Path("."))]
    return {f.as_posix(): digest(f.read_bytes()) for f in sorted(files)
            if ".ipynb_checkpoints" not in f.parts}


def make_plan(profile: str, figures: list[str], store: Store) -> tuple[dict, dict[str, dict]]:
    """The plan, and the inputs of every record stage, notebook and of the pages."""
    settings = {name: e.settings({"profile": profile}, store) for name, e in experiments().items()}
    # What is shown as far as it has been trained is not to be trained further: it stays `auto`.
    profiles = {name: "auto" if values.held else values["profile"]
                for name, values in settings.items()}
    notebooks, inputs = {}, {} if figures else {"pages": page_inputs()}
    for page in toc_files(Path(".")):
        if Path(f"{page}.ipynb").exists():
            line, hashes = notebook_inputs(Path(f"{page}.ipynb"), profiles)
            hashes |= {f"published records of {name}": _published(name, store)
                       for name in line["shows"]}
            if not figures or Path(page).name in figures or set(figures) & set(line["shows"]):
                notebooks[page], inputs[page] = line, hashes
    needed = {name for line in notebooks.values() for name in line["needs"]}
    for name in sorted(needed):
        inputs[f"records/{name}"] = record_inputs(name, settings[name])
    plan = {"asked": profile, "whole": not figures, "notebooks": notebooks,
            "figures": {name: profiles[name] for name in sorted(needed)}}
    return plan, inputs


def _published(name: str, store: Store) -> str:
    """A hash of what a page says of the published sizes, and of what stands folded below it."""
    figure = book.get(name)
    settings = figure.settings({}, store)
    below = figure.below(settings, store)
    records = [] if below is None else [state(store, *pair) for pair in figure.wanted(below)]
    return digest(f"{origin.published(figure, store)} {records}".encode())


def differences(now: dict, before: dict | None) -> list[str]:
    """What is not the same, in words; empty where everything is."""
    if before is None:
        return ["not made yet"]
    words = [f"{k} is new" for k in now.keys() - before.keys()]
    words += [f"{k} is gone" for k in before.keys() - now.keys()]
    words += [f"{k} changed" for k in now.keys() & before.keys() if now[k] != before[k]]
    return sorted(words)


def made_from(name: str) -> dict | None:
    """The inputs from which the present result was made."""
    path = _done(name)
    return json.loads(path.read_text()) if path.exists() else None


def _done(name: str) -> Path:
    return BUILD / "done" / f"{name}.json"


def in_short(words: list[str], most: int = 3) -> str:
    more = [f"and {len(words) - most} more"] if len(words) > most else []
    return ", ".join(words[:most] + more)


def reasons(inputs: dict[str, dict], plan: dict, store: Store) -> dict[str, str]:
    """Name -> why it will run; an empty text where it will not."""
    changed: dict[str, str] = {}
    for name, profile in plan["figures"].items():
        settings = book.get(name).settings({"profile": profile}, store)
        changed[f"records/{name}"] = in_short(moved(name, settings, store))
    found = {name: changed.get(name) or in_short(differences(now, made_from(name)))
             for name, now in inputs.items()}
    for page, line in plan["notebooks"].items():
        again = [f"records of {n} are made" for n in line["needs"] if found[f"records/{n}"]]
        found[page] = found[page] or in_short(again)
    if plan["whole"] and not found["pages"]:
        again = [f"{page} is executed" for page in plan["notebooks"] if found[page]]
        found["pages"] = in_short(again) or ("" if BOOK.exists() else f"there is no {BOOK}")
    return found


def make_newer(why: dict[str, str]) -> None:
    """Date the inputs of what will run to now.

    Snakemake goes by dates, and does not see by itself that the store has changed. Nor does it make
    anew what is missing in the middle, as long as the end is there.
    """
    for name, reason in why.items():
        if reason:
            os.utime(BUILD / "inputs" / f"{name}.json")


def main(arguments=None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--profile", default="auto")
    parser.add_argument("--figures", default="")
    parser.add_argument("--say", action="store_true")
    given = parser.parse_args(arguments)
    figures = [name for name in given.figures.split(",") if name]
    if given.profile not in PROFILES:
        raise UsageError(unknown("profile", given.profile, PROFILES))
    known = {*experiments(), *(Path(page).name for page in toc_files(Path(".")))}
    for name in figures:
        if name not in known:
            raise UsageError(unknown("figure", name, sorted(known)))
    store = Store()
    plan, inputs = make_plan(given.profile, figures, store)
    why = reasons(inputs, plan, store)
    for name, content in inputs.items():
        write(BUILD / "inputs" / f"{name}.json", content)
    make_newer(why)
    write(BUILD / "plan.json", plan)
    write(BUILD / "reasons.json", why)
    if given.say:
        say(why)
    return 0


def say(why: dict[str, str]) -> None:
    for name, reason in why.items():
        if reason:
            print(f"book: {name} runs: {reason}")
    kept = sum(not reason for reason in why.values())
    print(f"book: {kept} of {len(why)} steps are up to date")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except UsageError as error:
        print(f"book: {error}", file=sys.stderr)
        sys.exit(2)
