"""Killed, starved and attacked: what is done to the companion, and what must still hold.

Processes are started from a server that has the library loaded, so that a start costs no seconds.
The rows of the book's page on reliability come from the `tried` markers: `bash ci/reliability.sh`.
"""

import contextlib
import csv
import errno
import io
import itertools
import multiprocessing
import os
import pickle
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch

from topdown import data
from topdown.data import DataError, is_here, readers, sources
from topdown.errors import RecordError, StoreError, UsageError
from topdown.recipes import Recipe
from topdown_book.figures import Case, experiments, gather
from topdown_book.store import records, running
from topdown_book.store.records import Store, read
from topdown_book.store.running import compute, plan, run_jobs

ROOT = Path(__file__).parents[2]
TINY = Recipe(dataset="digits", hidden=(8,), epochs=2)
FIGURE, SIZES = "figs1", dict(profile="smoke", seeds=1, epochs=1, width=4)
ARGUMENTS = [FIGURE, "--profile", "smoke", "--seeds", "1", "--device", "cpu", "--set", "epochs=1",
             "--set", "width=4"]

processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload(["topdown_book.store.running", "topdown_book.figures",
                                   "topdown_book.cli.main",
                                   "sklearn.datasets", "pyarrow.parquet"])


def _topdown_run(root, changes=()):
    """What `topdown run` does, in a process of its own."""
    from topdown_book.cli import main as cli

    torch.set_num_threads(1)
    os.environ["TOPDOWN_RESULTS"] = str(root)
    sys.argv = ["topdown", "run", *ARGUMENTS, *changes]
    with contextlib.suppress(SystemExit), open(os.devnull, "w") as nowhere, \
            contextlib.redirect_stdout(nowhere):
        cli.main()


def started(target, *arguments):
    process = processes.Process(target=target, args=arguments)
    process.start()
    return process


def killed_after(seconds, target, *arguments):
    process = started(target, *arguments)
    process.join(seconds)
    if process.exitcode is None:
        os.kill(process.pid, signal.SIGKILL)
    process.join()
    return process.exitcode


def curves(root):
    """Every record of a store, as text that is equal where every number is."""
    found = {path.name: read(path).curves for path in Store(root).files()}
    return {name: frame.to_csv(index=False) for name, frame in found.items()}


def wanted():
    return experiments()[FIGURE], experiments()[FIGURE].settings(SIZES, Store())


# --- killed -------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.tried("`topdown run` killed (SIGKILL) at twenty random moments, continued each time",
                   "the records equal those of an undisturbed run, number by number")
def test_twenty_killings_leave_the_records_of_an_undisturbed_run(tmp_path):
    undisturbed = started(_topdown_run, tmp_path / "calm")
    begun = time.perf_counter()
    undisturbed.join()
    whole = time.perf_counter() - begun
    moments, codes = random.Random(0), []
    for _ in range(20):
        codes.append(killed_after(moments.uniform(0.02, 0.15) * whole, _topdown_run,
                                  tmp_path / "killed"))
    started(_topdown_run, tmp_path / "killed").join()
    assert codes.count(-signal.SIGKILL) >= 3
    assert len(curves(tmp_path / "calm")) == len(wanted()[0].cases(wanted()[1]))
    assert curves(tmp_path / "killed") == curves(tmp_path / "calm")


def _die_while_writing(root):
    def half(table, path, **_):
        Path(path).write_bytes(b"PAR1 half a record")
        os.kill(os.getpid(), signal.SIGKILL)

    torch.set_num_threads(1)
    records.pq.write_table = half
    Store(root).add(compute(TINY, [1]))


@pytest.mark.tried("a process killed halfway through the writing of a record",
                   "the record from before is whole, the next run adds to it, nothing is left over")
def test_a_process_killed_while_it_writes_leaves_the_old_record(own_store):
    store = Store()
    path = store.add(compute(TINY, [0]))
    assert killed_after(60, _die_while_writing, own_store) == -signal.SIGKILL
    assert read(path).seeds == [0]
    run_jobs(plan([(TINY, [0, 1])], store, 1), store, "cpu", progress=False)
    assert read(path).seeds == [0, 1]
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def _hold(root, ready):
    with Store(root).lock(TINY, "train"):
        ready.set()
        time.sleep(60)


@pytest.mark.tried("a process killed while it held the lock of a recipe",
                   "the lock is free at once; nothing has to be removed by hand")
def test_the_lock_of_a_killed_process_is_free(own_store):
    ready = processes.Event()
    holder = started(_hold, own_store, ready)
    assert ready.wait(60)
    with pytest.raises(TimeoutError), Store().lock(TINY, "train", timeout=0):
        pytest.fail("two processes hold one lock")
    os.kill(holder.pid, signal.SIGKILL)
    holder.join()
    with Store().lock(TINY, "train", timeout=5):
        pass


def write_notebook(path, *cells):
    notebook = nbformat.v4.new_notebook()
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "p", "language": "python"}
    notebook.cells = [nbformat.v4.new_code_cell(source) for source in cells]
    nbformat.write(notebook, path)


def wait_for(condition, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return False


def gone(pid):
    """Whether the process has ended; one that only waits to be counted has."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


@pytest.mark.skipif(not Path("/proc").exists(), reason="needs /proc")
@pytest.mark.tried("papermill killed while a cell was running",
                   "no half-executed notebook, the kernel ends by itself, the next run succeeds")
def test_killing_the_execution_of_a_notebook_leaves_no_result_and_no_kernel(tmp_path):
    target, pid = tmp_path / "out" / "n.ipynb", tmp_path / "pid"
    slow = f"import os, pathlib, time; pathlib.Path({str(pid)!r}).write_text(str(os.getpid()))"
    write_notebook(tmp_path / "n.ipynb", f"{slow}; time.sleep(60)")
    command = [sys.executable, ROOT / "ci" / "execute.py", "n.ipynb", target]
    running = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.DEVNULL)
    assert wait_for(lambda: pid.exists() and pid.read_text())
    running.kill()
    running.wait()
    assert not target.exists()
    assert wait_for(lambda: gone(int(pid.read_text())), 30)
    write_notebook(tmp_path / "n.ipynb", "1 + 1")
    assert subprocess.run(command, cwd=tmp_path).returncode == 0
    assert target.exists()


# --- two at once, no space, no permission -------------------------------------------------------


@pytest.mark.tried("two runs of the same figure at the same time",
                   "they share the work; every record is there once, with the numbers of one run")
def test_two_runs_of_a_figure_share_the_work(tmp_path):
    for process in [started(_topdown_run, tmp_path / "shared") for _ in range(2)]:
        process.join()
        assert process.exitcode == 0
    experiment, settings = wanted()
    store = Store(tmp_path / "shared")
    found = gather(experiment, settings, store)
    assert all(record.seeds == [0] for record in found.records)
    case = experiment.cases(settings)[3]
    alone = compute(case.recipe, [0]).curves
    assert store.load(case.recipe).curves.value.tolist() == pytest.approx(
        alone.sort_values(["seed", "metric", "epoch"]).value.tolist(), rel=1e-6, nan_ok=True)


@contextlib.contextmanager
def small_disk(folder, size):
    """A file system of its own of so many KiB."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}k", "tmpfs", str(folder)]
    allowed = os.name == "posix" and os.geteuid() == 0
    if not allowed or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("needs the right to mount a file system")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.mark.tried("a record written to a disk that is full (a tmpfs of 256 KiB)",
                   "an error that names the file and the remedy; the records there stay whole")
def test_a_full_disk_is_a_clear_error_and_damages_nothing(tmp_path):
    with small_disk(tmp_path / "disk", 256) as disk:
        store, filler = Store(disk), disk / "filler"
        path = store.add(compute(TINY, [0]))
        before = path.read_bytes()
        with contextlib.suppress(OSError), filler.open("wb", buffering=0) as stream:
            while True:
                stream.write(bytes(4096))
        with pytest.raises(StoreError, match=f"cannot write .*{path.name}.*free some space"):
            store.add(compute(TINY, [1]))
        assert path.read_bytes() == before
        filler.unlink()
        store.add(compute(TINY, [1]))
        assert read(path).seeds == [0, 1]


@pytest.mark.tried("a results folder that can only be read",
                   "what is recorded is shown; training says what cannot be written and the remedy")
def test_a_read_only_store_shows_its_records_and_refuses_new_ones(tmp_path):
    with small_disk(tmp_path / "disk", 4096) as disk:
        experiment, settings = wanted()
        store = Store(disk)
        run_jobs(plan(experiment.wanted(settings), store, 1), store, "cpu", progress=False)
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        assert plan(experiment.wanted(settings), store, 1) == []
        found = gather(experiment, settings, store)
        assert len(found.records) == len(experiment.cases(settings))
        jobs = plan([(TINY, [0])], store, 1)
        with pytest.raises(StoreError, match="set TOPDOWN_RESULTS to a folder that can be written"):
            run_jobs(jobs, store, "cpu", progress=False)


# --- hostile and wrong input --------------------------------------------------------------------

OUTSIDE = ("../../outside", "/tmp/outside", "digits/../../outside")


@pytest.mark.parametrize("name", OUTSIDE)
@pytest.mark.tried("a parameter or a record that names a path outside the store",
                   "refused before anything is read or written")
def test_no_parameter_or_record_reaches_outside_the_store(tmp_path, name):
    with pytest.raises(ValueError, match="dataset"):
        Recipe(dataset=name)
    with pytest.raises(ValueError, match="rule"):
        Recipe(rule=name)
    with pytest.raises(UsageError, match="dataset="):
        experiments()["fig3"].settings({"dataset": name}, Store())
    store = Store()
    path = store.add(compute(TINY, [0]))
    table = pq.read_table(path)
    meta = table.schema.metadata[b"topdown"].replace(b'"digits"', f'"{name}"'.encode())
    pq.write_table(table.replace_schema_metadata({b"topdown": meta}), path)
    with pytest.raises(RecordError, match="damaged record"):
        read(path)
    assert not list(tmp_path.rglob("outside*"))


class Payload:
    """Unpickling it makes a folder."""

    def __init__(self, folder):
        self.folder = str(folder)

    def __reduce__(self):
        return os.mkdir, (self.folder,)


@pytest.mark.tried("a record file that is a pickle, or a Parquet file with a pickle in its types",
                   "named as damaged and computed again; nothing is unpickled")
def test_a_pickled_payload_in_a_record_is_not_executed(tmp_path):
    store, mark = Store(), tmp_path / "executed"
    path = store.add(compute(TINY, [0]))
    payload = pickle.dumps(Payload(mark))
    hostile = {b"ARROW:extension:name": b"arrow.py_extension_type",
               b"ARROW:extension:metadata": payload}
    column = pa.field("seed", pa.int32(), metadata=hostile)
    typed = pa.table([pa.array([0], pa.int32())], schema=pa.schema([column], {b"topdown": payload}))
    for write in (lambda: path.write_bytes(payload), lambda: pq.write_table(typed, path)):
        write()
        assert store.load(TINY) is None
        with pytest.raises(RecordError, match=path.name):
            read(path)
    assert not mark.exists()
    pickle.loads(payload)  # it would have
    assert mark.exists()


@pytest.mark.parametrize("wrong", ("a file", "an empty folder", "nowhere"))
@pytest.mark.tried("TOPDOWN_DATA that is a file, an empty folder or nowhere",
                   "an error that names it and the remedy, before any training")
def test_a_wrong_data_folder_is_named(tmp_path, monkeypatch, wrong):
    folder = tmp_path / "data"
    if wrong == "a file":
        folder.write_text("not a folder")
    elif wrong == "an empty folder":
        folder.mkdir()
    monkeypatch.setenv("TOPDOWN_DATA", str(folder))
    with pytest.raises(DataError, match=str(folder)):
        compute(Recipe(dataset="mnist", hidden=(8,), epochs=1), [0])
    assert Store().files() == []


# --- strange surroundings ------------------------------------------------------------------------


@pytest.mark.tried("a path with spaces and umlauts for the records",
                   "the records equal those of an undisturbed run, number by number")
def test_a_store_may_have_spaces_and_umlauts_in_its_name(tmp_path):
    for name in ("calm", "Läufe für morgen (2)"):
        started(_topdown_run, tmp_path / name).join()
    assert len(curves(tmp_path / "calm")) == len(wanted()[0].cases(wanted()[1]))
    assert curves(tmp_path / "Läufe für morgen (2)") == curves(tmp_path / "calm")


@pytest.mark.tried("symbolic links: the store, a folder of it, a record, one that leads nowhere",
                   "they are followed; what a link leads to is never changed")
def test_links_in_the_store_are_followed(tmp_path):
    elsewhere, other = tmp_path / "elsewhere", Recipe(dataset="digits", hidden=(9,), epochs=1)
    path = Store(elsewhere).add(compute(TINY, [0]))
    before = path.read_bytes()
    (tmp_path / "real" / "digits").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "real")
    store = Store(tmp_path / "link")
    store.path(TINY).symlink_to(path)
    store.path(other).symlink_to(tmp_path / "nowhere")
    assert store.load(TINY).seeds == [0] and store.load(other) is None
    run_jobs(plan([(TINY, [0, 1]), (other, [0])], store, 1), store, "cpu", progress=False)
    assert store.load(TINY).seeds == [0, 1] and store.load(other).seeds == [0]
    assert path.read_bytes() == before and not (tmp_path / "nowhere").exists()
    shutil.move(tmp_path / "real" / "digits", tmp_path / "disk")
    (tmp_path / "real" / "digits").symlink_to(tmp_path / "disk")
    assert plan([(TINY, [0, 1])], Store(tmp_path / "real"), 1) == []


def _homeless(root, home, said):
    """What `topdown run` and `topdown doctor` do with this HOME and nothing else named."""
    for name in ("XDG_CACHE_HOME", "TOPDOWN_CACHE", "TOPDOWN_DATA", "HOME"):
        os.environ.pop(name, None)
    if home is not None:
        os.environ["HOME"] = str(home)
    _topdown_run(root)
    from topdown_book.cli.doctor import cache

    said.put(str(cache()))


@pytest.mark.parametrize("home", ("", "nowhere", "read-only"))
@pytest.mark.tried("HOME that is empty, does not exist or can only be read",
                   "what needs no data trains and is recorded; the doctor says where copies go")
def test_training_needs_no_home(tmp_path, home):
    folder, said = tmp_path / "home", processes.Queue()
    with small_disk(folder, 64) if home == "read-only" else contextlib.nullcontext():
        if home == "read-only":
            subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
        started(_homeless, tmp_path / "records", folder if home else "", said).join()
        words = said.get(timeout=10)
    assert len(curves(tmp_path / "records")) == len(wanted()[0].cases(wanted()[1]))
    assert "TOPDOWN_CACHE" in words
    assert home != "read-only" or "not writable: images are decoded at every start" in words


@pytest.mark.tried("the clock set back by a year, with records and locks from the future",
                   "nothing is trained again, and no time is negative")
def test_a_clock_that_is_set_back_changes_nothing(monkeypatch):
    store = Store()
    path = store.add(compute(TINY, [0]))
    year = 365 * 24 * 3600
    for file in (path, *(store.root / ".locks").iterdir()):
        os.utime(file, (time.time() + year,) * 2)
    before, falling = read(path).curves, itertools.count(time.time(), -year)
    monkeypatch.setattr(time, "time", lambda: next(falling))
    run_jobs(plan([(TINY, [0, 1])], store, 1), store, "cpu", progress=False)
    found = read(path)
    assert found.seeds == [0, 1]
    assert found.curves[found.curves.seed == 0].equals(before)
    assert all(entry["seconds"] >= 0 for entry in found.provenance.values())


@pytest.mark.parametrize("error", (errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS))
@pytest.mark.tried("a store on a file system without locks (flock fails)",
                   "either a lock by a file is used, or an error names the remedy before training")
def test_a_file_system_without_locks_is_named_or_got_round(monkeypatch, error):
    def flock(*_):
        raise OSError(error, os.strerror(error))

    monkeypatch.setattr("fcntl.flock", flock)
    store = Store()
    jobs = plan([(TINY, [0])], store, 1)
    try:
        run_jobs(jobs, store, "cpu", progress=False)
    except StoreError as refused:
        assert "set TOPDOWN_RESULTS to a folder" in str(refused) and not store.files()
    else:
        assert read(store.path(TINY)).seeds == [0]


@pytest.mark.tried("two versions of the code that train into one store",
                   "each seed says which code made it; none is trained again, `list` names them")
def test_two_versions_of_the_code_share_a_store(monkeypatch):
    from topdown_book.cli import listing

    store = Store()
    monkeypatch.setattr(running, "training_hash", lambda *_: "the code of another version")
    path = store.add(compute(TINY, [0]))
    other = read(path).curves
    monkeypatch.undo()
    store = Store(path.parents[1])
    run_jobs(plan([(TINY, [0, 1])], store, 1), store, "cpu", progress=False)
    found = read(path)
    codes = [found.provenance[seed]["code"] for seed in (0, 1)]
    assert codes[0] == "the code of another version" != codes[1]
    assert found.curves[found.curves.seed == 0].equals(other)
    status = listing.examine(Case(TINY, {}), [0, 1], store)
    assert (status.absent, status.detail) == ([], listing.EARLIER)


@pytest.mark.tried("a record in a newer format, as a later version would write it",
                   "an error that names it and the remedy; the file is not touched")
def test_a_record_of_a_later_version_is_left_alone(monkeypatch):
    store = Store()
    monkeypatch.setattr(records, "FORMAT", records.FORMAT + 1)
    path = store.add(compute(TINY, [0]))
    monkeypatch.undo()
    store, before = Store(path.parents[1]), path.read_bytes()
    for attempt in (lambda: plan([(TINY, [0, 1])], store, 1),
                    lambda: store.add(compute(TINY, [1]))):
        with pytest.raises(RecordError, match=f"{path.name} has format .*update topdown"):
            attempt()
    assert path.read_bytes() == before


def _starved(root, spare, command, said):
    """A command in a process that may have so many bytes more than it has."""
    import resource

    from topdown_book.cli import main as cli
    from topdown_book.store import workers

    torch.set_num_threads(1)
    workers.WORTH = float("inf")  # all in this process, which is the one that is limited
    os.environ["TOPDOWN_RESULTS"], sys.argv = str(root), ["topdown", *command]
    own = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (own + spare, own + spare))
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere), \
            contextlib.redirect_stderr(io.StringIO()) as heard:
        try:
            cli.main()
            said.put("it went well")
        except SystemExit as end:
            said.put(f"{end.code}: {heard.getvalue()}")


@pytest.mark.skipif(not Path("/proc").exists(), reason="needs /proc")
@pytest.mark.tried("memory that runs out in training (a limit of the address space)",
                   "one line that says so; the records of before are whole")
def test_memory_that_runs_out_in_training_is_one_line(own_store):
    store, said = Store(), processes.Queue()
    path = store.add(compute(TINY, [0]))
    before = path.read_bytes()
    wide = ["run", "fig3", "--profile", "smoke", "--device", "cpu", "--set", "depth=2", "--set",
            "width=9000", "--only", "depth=2"]
    process = started(_starved, own_store, 200 << 20, wide, said)
    words = said.get(timeout=120)
    process.join()
    assert words.startswith("1: ") and "memory ran out" in words and "Traceback" not in words
    assert path.read_bytes() == before and Store().files() == [path]


@pytest.mark.skipif(not is_here("cifar10"), reason="CIFAR-10 is not here")
@pytest.mark.tried("memory that runs out in decoding images (an image that finds none)",
                   "it is called that and not damage; no half of a decoded copy is left")
def test_memory_that_runs_out_in_decoding_is_not_called_damage(tmp_path, monkeypatch):
    """At a chosen image, since Arrow's threads may wait forever under a limit of the memory."""
    if sources.find(data.SPECS["cifar10"], data.data_folder()).layout != "Parquet shards":
        pytest.skip("CIFAR-10 is here, but not in shards, whose images are decoded one by one")
    decoded = itertools.count()

    def image(encoded, spec, own=readers._image):
        if next(decoded) == 1000:
            raise MemoryError("no memory for an image")
        return own(encoded, spec)

    monkeypatch.setattr(readers, "_image", image)
    monkeypatch.setenv("TOPDOWN_CACHE", str(tmp_path))
    with pytest.raises(MemoryError):
        data.load("cifar10")
    assert next(decoded) > 1000 and not list(tmp_path.rglob("*.npy"))


@pytest.mark.tried("a notebook's cells run out of order, and twice",
                   "what is shown is computed first, and a cell that is run again shows it again")
def test_cells_may_be_run_out_of_order(monkeypatch):
    from topdown_book import page
    from topdown_book.page import markup

    seen = []
    monkeypatch.setattr(markup, "display", lambda data, raw, metadata: seen.append(data))
    given = {p.name: None for p in wanted()[0].parameters} | SIZES
    figure = page.open_figure(FIGURE, given)
    figure.show()
    once = len(seen)
    figure.show()
    figure.compute()
    figure.show()
    assert once and len(seen) == 3 * once
    assert seen[0]["text/html"] == seen[-1]["text/html"]


# --- the page -----------------------------------------------------------------------------------


def test_the_table_of_the_book_has_a_row_for_everything_that_is_tried():
    with (ROOT / "book" / "reliability.csv").open() as stream:
        table = {row["tried"]: row["happened"] for row in csv.DictReader(stream)}
    sources = "".join(file.read_text() for file in (ROOT / "tests").rglob("test_*.py"))
    tried = set(re.findall(r'^@pytest\.mark\.tried\("(.*)",$', sources, re.M))
    assert len(tried) > 12
    assert table.keys() == tried, "run: bash ci/reliability.sh"
    assert all(word.startswith(("held", "not tried here")) for word in table.values())
