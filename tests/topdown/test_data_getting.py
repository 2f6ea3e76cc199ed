"""`check`, `fetch` and `import_`, and the import of torchvision; without any network."""

import os
import subprocess
import sys
import tarfile
from pathlib import Path
from types import SimpleNamespace

import pytest
from test_data_formats import (
    WRITERS,
    miniature,
    publish,
    write_batches,
    write_idx,
    write_parquet,
)

from topdown.data import SPECS, DataError, _torchvision, load
from topdown_book.cli import data_sets
from topdown_book.cli.data_sets import check, fetch, import_

pytestmark = pytest.mark.usefixtures("own_cache")


@pytest.fixture
def root(tmp_path):
    return tmp_path / "data"


@pytest.fixture
def given_(tmp_path):
    return tmp_path / "given"


def contents(root):
    """What a data folder shows to its user."""
    return sorted(path.name for path in root.iterdir())


# --- check ---------------------------------------------------------------------------------------


def row_of(name, root):
    return {row.dataset: row for row in check(root)}[name]


def test_check_has_a_row_for_every_data_set(root):
    rows = check(root)
    assert [row.dataset for row in rows] == list(SPECS)
    assert [row.dataset for row in rows if row.found] == ["digits"]
    assert all(row.ok for row in rows) and "topdown data fetch" in rows[1].text


def test_check_says_where_how_many_and_whether_it_is_whole(root):
    write_idx(root, "mnist", miniature("mnist"))
    row = row_of("mnist", root)
    assert row.found and row.ok
    for words in ("40 + 20 examples", "idx files: mnist", "miniature", row.checksum[:12]):
        assert words in str(row)
    assert row.checksum == load("mnist", root=root).checksum


def test_check_finds_damage_behind_a_decoded_copy(root):
    write_idx(root, "mnist", miniature("mnist"))
    load("mnist", root=root)
    path = root / "mnist" / "train-labels-idx1-ubyte.gz"
    stat, content = path.stat(), bytearray(path.read_bytes())
    content[-1] ^= 1  # the size that gzip has noted
    path.write_bytes(content)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    row = row_of("mnist", root)
    assert row.found and not row.ok and path.name in row.text


@pytest.mark.parametrize("name", ["mnist", "cifar10"])
def test_check_tells_damage_and_goes_on(root, name):
    write_idx(root, "mnist", miniature("mnist"))
    write_parquet(root, "cifar10", miniature("cifar10"))
    next((root / name).iterdir()).write_bytes(b"damaged")
    rows = {row.dataset: row for row in check(root)}
    assert not rows[name].ok and "damaged" in rows[name].text
    assert rows["mnist" if name == "cifar10" else "cifar10"].ok


def test_check_refuses_a_file_as_data_folder():
    with pytest.raises(DataError, match="not a folder"):
        check(__file__)


# --- import --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name, write, options", WRITERS.values(), ids=WRITERS)
@pytest.mark.parametrize("leaf", [False, True])
def test_import_takes_every_layout_and_its_bare_folder(
        root, given_, monkeypatch, name, write, options, leaf):
    wanted = miniature(name)
    write(given_, name, wanted, **options)
    if write is write_batches:
        publish(monkeypatch, given_, name)
    path = next(p.parent for p in given_.rglob("*") if p.is_file()) if leaf else given_
    row = import_(name, path, root)
    assert row.ok and row.checksum == wanted.checksum == load(name, root=root).checksum
    assert len(contents(root)) == 1


def _archive(path, given):
    with tarfile.open(path, "w:gz") as tar:
        tar.add(given / "cifar-10-batches-py", "cifar-10-batches-py")
    return path


def test_import_takes_the_published_archive(root, given_, tmp_path, monkeypatch):
    write_batches(given_, "cifar10", miniature("cifar10"))
    publish(monkeypatch, given_, "cifar10")
    assert import_("cifar10", _archive(tmp_path / "cifar-10-python.tar.gz", given_), root).ok
    assert contents(root) == ["cifar-10-batches-py"]


def test_an_archive_that_wants_its_files_elsewhere_is_refused(root, given_, tmp_path):
    given_.mkdir()
    (given_ / "evil").write_text("x")
    archive = tmp_path / "cifar-10-python.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(given_ / "evil", "../../evil")
    with pytest.raises(DataError, match="evil.* outside"):
        import_("cifar10", archive, root)
    assert sorted(p.name for p in tmp_path.iterdir()) == [archive.name, "data", "given"]


def _damage(folder):
    (folder / "mnist" / "train-images-idx3-ubyte.gz").write_bytes(b"damaged")


def _take_away(folder):
    (folder / "mnist" / "train-images-idx3-ubyte.gz").unlink()


@pytest.mark.parametrize(
    "spoil, words",
    [
        (_damage, "[Nn]ot a gzip"),
        (_take_away, "missing train-images"),
    ],
)
def test_a_failed_import_leaves_nothing_behind(root, given_, spoil, words):
    root.mkdir()
    write_idx(given_, "mnist", miniature("mnist"))
    spoil(given_)
    with pytest.raises(DataError, match=words):
        import_("mnist", given_, root)
    assert list(root.iterdir()) == []


def test_import_does_not_replace_a_sound_data_set(root, given_):
    for folder in (root, given_):
        write_idx(folder, "mnist", miniature("mnist"))
    with pytest.raises(DataError, match="there already"):
        import_("mnist", given_, root)


def test_import_replaces_a_damaged_data_set(root, given_):
    for folder in (root, given_):
        write_idx(folder, "mnist", miniature("mnist"))
    _damage(root)
    assert import_("mnist", given_, root).ok and contents(root) == ["mnist"]


def test_import_names_a_damaged_copy_that_is_looked_at_first(root, given_):
    write_idx(root, "mnist", miniature("mnist"), folder="MNIST/raw")
    next((root / "MNIST" / "raw").iterdir()).write_bytes(b"damaged")
    write_idx(given_, "mnist", miniature("mnist"))
    with pytest.raises(DataError, match="another copy stands in its way: .*MNIST/raw"):
        import_("mnist", given_, root)


@pytest.mark.parametrize("name, path", [("mnist", "nowhere"), ("digits", "."), ("mnits", ".")])
def test_impossible_imports_are_named(root, name, path):
    with pytest.raises(DataError, match="does not exist|nothing to import|did you mean 'mnist'"):
        import_(name, path, root)


def test_an_archive_that_is_none_is_named(root, tmp_path):
    archive = tmp_path / "cifar-10-python.tar.gz"
    archive.write_bytes(b"no archive")
    with pytest.raises(DataError, match="cifar-10-python.tar.gz: .*not a compressed"):
        import_("cifar10", archive, root)


def test_a_data_folder_that_cannot_be_made_is_named(tmp_path, given_):
    write_idx(given_, "mnist", miniature("mnist"))
    (tmp_path / "file").touch()
    with pytest.raises(DataError, match="cannot store the files in .*file/data"):
        import_("mnist", given_, tmp_path / "file" / "data")


def test_a_full_disk_is_named_and_leaves_nothing_behind(root, given_, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    root.mkdir()
    write_idx(given_, "mnist", miniature("mnist"))
    monkeypatch.setattr(data_sets.shutil, "copyfile", full)
    with pytest.raises(DataError, match="cannot store the files in .*No space left"):
        import_("mnist", given_, root)
    assert list(root.iterdir()) == []


# --- fetch ---------------------------------------------------------------------------------------


@pytest.fixture
def download(monkeypatch):
    """Puts a stub in torchvision's place; returns how often it was called."""
    calls = []

    def install(action):
        def dataset_class(root, download):
            assert download
            calls.append(root)
            action(root)

        names = ("MNIST", "FashionMNIST", "CIFAR10", "CIFAR100")
        module = SimpleNamespace(**dict.fromkeys(names, dataset_class))
        monkeypatch.setattr(data_sets, "torchvision_datasets", lambda: module)
        return calls

    return install


TORCHVISION = {key: item for key, item in WRITERS.items() if "torchvision" in key}


@pytest.mark.parametrize("name, write, options", TORCHVISION.values(), ids=TORCHVISION)
def test_fetch_downloads_once_and_keeps_the_data_set_alone(
    root, download, name, write, options, monkeypatch
):
    def deliver(stage):
        write(Path(stage), name, miniature(name), **options)
        if write is write_batches:
            publish(monkeypatch, Path(stage), name)
        (Path(stage) / "archive.tar.gz").touch()

    calls = download(deliver)
    assert fetch(name, root).ok and fetch(name, root).ok
    assert len(calls) == 1 and len(contents(root)) == 1
    assert len(load(name, root=root).train_images) == 40


def test_fetch_without_a_network_is_a_clear_error(root, download):
    def fail(_):
        raise OSError("<urlopen error [Errno -2] Name or service not known>")

    download(fail)
    with pytest.raises(DataError, match="cannot download mnist.*check the network.*import mnist"):
        fetch("mnist", root)
    assert list(root.iterdir()) == []


def test_an_interrupted_download_leaves_nothing_behind(root, download):
    def interrupt(stage):
        write_idx(Path(stage), "mnist", miniature("mnist"), "MNIST/raw")
        raise KeyboardInterrupt

    download(interrupt)
    with pytest.raises(KeyboardInterrupt):
        fetch("mnist", root)
    assert list(root.iterdir()) == []


def test_fetch_without_torchvision_is_a_clear_error(root, monkeypatch):
    monkeypatch.setitem(sys.modules, "torchvision.datasets", None)
    with pytest.raises(DataError, match="cannot download mnist: .*torchvision"):
        fetch("mnist", root)


def test_digits_need_no_fetching(root):
    assert fetch("digits", root).found


def test_loading_never_downloads(root, download):
    calls = download(lambda stage: None)
    with pytest.raises(FileNotFoundError):
        load("mnist", root=root)
    assert check(root) and not calls


# --- torchvision's import ------------------------------------------------------------------------


def test_torchvisions_data_sets_can_be_imported():
    datasets = _torchvision.torchvision_datasets()
    assert {spec.torchvision for spec in SPECS.values()} - {""} <= set(dir(datasets))


def test_operators_are_declared_only_where_importing_fails_without_them(monkeypatch):
    monkeypatch.setattr(_torchvision, "_declared", [])
    monkeypatch.setattr(_torchvision, "import_module", lambda name: name)
    assert _torchvision.torchvision_datasets() == "torchvision.datasets"
    assert _torchvision._declared == []


def test_where_the_operators_do_not_load_torchvision_is_imported_all_the_same():
    """In a process of its own: torch has the two operators once they are declared."""
    code = ("import torch; torch.ops.load_library = lambda path: exec('raise OSError()')\n"
            "from topdown.data._torchvision import torchvision_datasets\n"
            "assert torchvision_datasets().MNIST")
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)
