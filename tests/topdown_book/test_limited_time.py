"""Training in limited time: the order, several processes, the end at a limit, progress in a log."""

import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from topdown.data import DataNotFoundError, is_here
from topdown.errors import UsageError
from topdown.recipes import Recipe
from topdown_book.cli import schedule
from topdown_book.store import progress, workers
from topdown_book.store.costs import REFERENCE, machine
from topdown_book.store.records import Store, read
from topdown_book.store.running import Job, choose_device, run_jobs

CHEAP = Recipe(dataset="digits", hidden=(8,), epochs=2)
MIDDLE, DEAR = replace(CHEAP, epochs=20), replace(CHEAP, epochs=200)
ENDLESS = replace(CHEAP, hidden=(256, 256), epochs=1_000_000)


def listed(found):
    return [(task.kind, task.purpose, task.job.recipe, task.job.seeds) for task in found]


def test_verdicts_come_first_then_figures_then_seeds_and_the_cheapest_within_each(monkeypatch):
    facts = {"dear fact": [(DEAR, 0)], "cheap fact": [(CHEAP, 0), (CHEAP, 1)]}
    monkeypatch.setattr(schedule, "_open_facts", lambda store: facts)
    wanted = {"figure": [(MIDDLE, [0, 1, 2]), (DEAR, [0, 1, 2])], "other": [(CHEAP, [0, 1])]}
    assert listed(schedule.tasks(wanted, Store(), "cpu")) == [
        (0, "cheap fact", CHEAP, (0,)), (0, "cheap fact", CHEAP, (1,)),
        (0, "dear fact", DEAR, (0,)),
        (1, "figure", MIDDLE, (0,)),
        (2, "seed 1", MIDDLE, (1,)), (2, "seed 1", DEAR, (1,)),
        (2, "seed 2", MIDDLE, (2,)), (2, "seed 2", DEAR, (2,))]


def test_a_figure_that_lacks_little_comes_before_one_that_lacks_much(monkeypatch):
    monkeypatch.setattr(schedule, "_open_facts", lambda store: {})
    wanted = {"much": [(CHEAP, [0]), (DEAR, [0])], "little": [(MIDDLE, [0])]}
    assert [task.purpose for task in schedule.tasks(wanted, Store(), "cpu")] == [
        "little", "much", "much"]


def test_only_a_list_of_every_figure_asks_for_runs_that_no_figure_shows(monkeypatch):
    monkeypatch.setattr(schedule, "_open_facts", lambda store: {"a rate": [(DEAR, 0)]})
    wanted = {"figure": [(CHEAP, [0])]}
    for beyond, recipes in ((True, [DEAR, CHEAP]), (False, [CHEAP])):
        found = schedule.tasks(wanted, Store(), "cpu", beyond=beyond)
        assert [task.job.recipe for task in found] == recipes


def test_on_a_gpu_the_seeds_of_a_recipe_are_one_job_and_every_run_is_in_one(monkeypatch):
    monkeypatch.setattr(schedule, "_open_facts", lambda store: {"fact": [(DEAR, 0), (DEAR, 1)]})
    wanted = {"figure": [(DEAR, list(range(10))), (CHEAP, [0, 1])]}
    found = schedule.tasks(wanted, Store(), "cpu", group=100)
    assert found[0].job == Job(DEAR, (0, 1))
    runs = [(task.job.recipe, seed) for task in found for seed in task.job.seeds]
    assert len(runs) == len(set(runs)) == 12


def test_what_is_said_before_and_after_counts_every_run(monkeypatch):
    monkeypatch.setattr(schedule, "_open_facts", lambda store: {})
    store = Store()
    found = schedule.tasks({"figure": [(CHEAP, [0, 1])], "long": [(ENDLESS, [0])]}, store, "cpu")
    before = schedule.expected(found, "cpu", 1, 30)
    assert "3 runs to train" in before and "1 of    2 runs: completes a figure" in before
    assert "1 of    1 runs: adds seeds" not in before  # the endless one stands before it
    run_jobs([Job(CHEAP, (0,))], store, "cpu", progress=False)
    after = schedule.done(found, store, 10)
    assert after.startswith("1 runs trained in 10 s (figure); 2 runs are left, next: ")


def test_a_step_costs_its_overhead_as_well_as_its_operations():
    tiny, wide = replace(CHEAP, hidden=(1,)), replace(CHEAP, hidden=(30_000,))
    overhead = REFERENCE.seconds(replace(tiny, hidden=()))
    assert REFERENCE.seconds(tiny) == pytest.approx(overhead, rel=0.5)
    assert REFERENCE.seconds(wide) > 5 * REFERENCE.seconds(tiny)
    assert REFERENCE.seconds(wide, 4) < 4 * REFERENCE.seconds(wide)
    measured = machine("cpu")
    assert min(measured.launch, measured.rate, measured.bandwidth) > 0


def test_two_processes_make_the_records_that_one_makes(tmp_path, monkeypatch):
    monkeypatch.setattr(workers, "WORTH", 0.0)
    monkeypatch.setattr(workers, "processes_for", lambda jobs, device: 2)
    jobs = [Job(recipe, (seed,)) for recipe in (CHEAP, MIDDLE) for seed in (0, 1)]
    together, alone = Store(tmp_path / "together"), Store(tmp_path / "alone")
    assert workers.run_within(jobs, together, "cpu")
    run_jobs(jobs, alone, "cpu", progress=False)
    for recipe in (CHEAP, MIDDLE):
        ours, theirs = together.load(recipe), alone.load(recipe)
        assert ours.curves.equals(theirs.curves) and ours.seeds == [0, 1]
        assert {entry["threads"] for entry in ours.provenance.values()} == {1}


def test_what_goes_wrong_in_a_process_is_raised_by_the_whole(tmp_path, monkeypatch):
    monkeypatch.setenv("TOPDOWN_DATA", str(tmp_path / "empty"))
    monkeypatch.setattr(workers, "processes_for", lambda jobs, device: 2)
    with pytest.raises(DataNotFoundError, match="mnist"):
        workers.run_within([Job(replace(CHEAP, dataset="mnist"), (0,))], Store(tmp_path), "cpu")


CHILD = """
import sys
from topdown.recipes import Recipe
from topdown_book.store import workers
from topdown_book.store.records import Store
from topdown_book.store.running import Job

if __name__ == "__main__":
    workers.processes_for = lambda jobs, device: int(sys.argv[2])
    cheap = Recipe(dataset="digits", hidden=(8,), epochs=2)
    endless = Recipe(dataset="digits", hidden=(256, 256), epochs=1_000_000)
    jobs = [Job(cheap, (0,)), Job(endless, (0,)), Job(endless, (1,))]
    limit = float(sys.argv[3]) if len(sys.argv) > 3 else None
    print("ended", workers.run_within(jobs, Store(sys.argv[1]), "cpu", seconds=limit), flush=True)
"""


def descendants(pid: int) -> set[int]:
    found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True)
    return {int(word) for word in found.stdout.split()}


def alive(pid: int) -> bool:
    found = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True)
    return bool(found.stdout.strip()) and not found.stdout.startswith("Z")


@pytest.mark.tried("training in two processes told to stop by SIGTERM",
                   "both end, nobody is left, and every record is whole")
@pytest.mark.parametrize("count", (1, 2))
def test_sigterm_ends_every_process_cleanly_and_leaves_whole_records(tmp_path, count):
    script, store = tmp_path / "child.py", Store(tmp_path / "store")
    script.write_text(CHILD)
    words = [sys.executable, str(script), str(store.root), str(count)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True) as child:
        while not store.path(CHEAP).exists() and child.poll() is None:
            time.sleep(0.1)
        children = descendants(child.pid)
        child.send_signal(signal.SIGTERM)
        out, err = child.communicate()
    assert out == "ended False\n" and child.returncode == 0 and "Traceback" not in err
    assert len(children) >= (count if count > 1 else 0)
    while any(map(alive, children)):  # multiprocessing's own helper ends a moment later
        time.sleep(0.1)
    assert [path for path in store.files()] == [store.path(CHEAP)]
    assert read(store.path(CHEAP)).seeds == [0]


def test_the_limit_ends_training_as_sigterm_does(tmp_path):
    script, store = tmp_path / "child.py", Store(tmp_path / "store")
    script.write_text(CHILD)
    done = subprocess.run([sys.executable, str(script), str(store.root), "1", "5"],
                          capture_output=True, text=True)
    assert done.stdout == "ended False\n" and done.returncode == 0 and not done.stderr
    assert all(path == store.path(CHEAP) for path in store.files())


def test_a_log_gets_whole_lines_that_say_what_is_trained_and_what_is_left(monkeypatch, capsys):
    monkeypatch.setattr(progress, "LINES_EVERY", 0.0)
    run_jobs([Job(MIDDLE, (3,))], Store(), "cpu")
    lines = capsys.readouterr().err.splitlines()
    assert all(line.startswith("topdown: ") and "\r" not in line for line in lines)
    assert any("digits pepita 8 seed 3, epoch 5 of 20" in line and "left" in line
               for line in lines)
    assert "100 % of all" in lines[-1]


def test_what_has_no_steps_to_count_says_at_intervals_that_it_is_at_work(monkeypatch, capsys):
    monkeypatch.setattr(progress, "LINES_EVERY", 0.01)
    said = ""
    with progress.at_work("study fig2, 1 of 3"):
        while "\n" not in said:
            said += capsys.readouterr().err
            time.sleep(0.01)
    assert said.startswith("topdown: study fig2, 1 of 3, 0 min so far\n")


def test_a_search_says_which_trial_it_is_at(monkeypatch, capsys):
    from topdown_book.store.tuning import Search, tune

    monkeypatch.setattr(progress, "LINES_EVERY", 0.0)
    tune(Search(replace(CHEAP, held_out=100, n_train=200)), 2, Store(), "cpu", progress=True)
    lines = capsys.readouterr().err.splitlines()
    assert any(line.startswith("topdown: tune digits pepita 8, trial 2 of 2: ") for line in lines)


def test_a_bar_in_a_notebook_is_one_output_that_is_replaced(monkeypatch):
    shown = []

    class Handle:
        def update(self, data, raw):
            shown.append(data["text/plain"])

    display = pytest.importorskip("IPython.display")
    monkeypatch.setattr(progress, "_in_notebook", lambda: True)
    made = []
    monkeypatch.setattr(display, "display", lambda *_, **__: made.append(1) or Handle())
    run_jobs([Job(MIDDLE, (5,))], Store(), "cpu")
    assert len(made) == 1 and "100 % of all" in shown[-1] and "\r" not in "".join(shown)


def test_a_short_run_writes_nothing_into_a_log(capsys):
    run_jobs([Job(CHEAP, (0,))], Store(), "cpu")
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("name", ("tpu", "cuda:17", "gpu"))
def test_a_device_that_is_not_here_is_one_line(name):
    with pytest.raises(UsageError, match=f"device '{name}' cannot be used here") as caught:
        choose_device(name)
    assert "\n" not in str(caught.value)


BARE = """
import sys

class NotHere:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("yaml", "numba", "IPython", "ipykernel", "optuna", "safetensors",
                                  "torchvision", "statsmodels", "nbformat", "jupytext"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, NotHere())
from topdown_book.cli.main import main
main()
"""


def bare(*arguments):
    """`topdown` on a machine that has what trains, and nothing of what draws or judges."""
    return subprocess.run([sys.executable, "-c", BARE, *arguments], capture_output=True, text=True)


def test_a_machine_without_the_book_s_packages_trains_a_figure():
    done = bare("run", "hebbian_rate", "--profile", "smoke", "--set", "epochs=1", "--seeds", "1")
    assert done.returncode == 0, done.stderr
    assert "without yaml" not in done.stdout and len(Store().files()) == 9


def test_such_a_machine_trains_all_in_limited_time_and_says_what_it_lacks():
    done = bare("run", "all", "--profile", "paper", "--hours", "0.0001")
    assert done.returncode == 0, done.stderr
    assert "without yaml: verdicts do not count in the order" in done.stdout
    assert "stopped after" in done.stdout
    rest = "the same command" if is_here("mnist") or is_here("cifar10") else "nothing to train"
    assert rest in done.stdout.lower()


def test_a_device_that_is_not_here_is_wrong_use_of_the_command():
    done = bare("run", "fig3", "--device", "tpu")
    assert done.returncode == 2 and len(done.stderr.splitlines()) == 1 and "'tpu'" in done.stderr
