"""`check`, `fetch` and `import_`, and the import of torchvision; without any network."""

import hashlib
import sys
import tarfile
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
from test_data_formats import WRITERS, miniature, write_batches, write_idx, write_parquet

from topdown import data
from topdown.data import DataError, _torchvision, check, deliveries, fetch, getting, import_, load


@pytest.fixture(autouse=True)
def own_folders(tmp_path_factory, monkeypatch):
    """No test sees or touches the user's cache folder or data."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("user-cache")))
    monkeypatch.delenv("TOPDOWN_DATA", raising=False)


@pytest.fixture
def root(tmp_path):
    return tmp_path / "data"


@pytest.fixture
def given_(tmp_path):
    return tmp_path / "given"


def contents(root):
    """What a data folder shows to its user."""
    return sorted(path.name for path in root.iterdir() if path.name != ".topdown-cache")


# --- check ---------------------------------------------------------------------------------------


def row_of(name, root):
    return {row.dataset: row for row in check(root)}[name]


def test_check_has_a_row_for_every_data_set(root):
    rows = check(root)
    assert [row.dataset for row in rows] == list(data.NAMES)
    assert [row.dataset for row in rows if row.found] == ["digits"]
    assert all(row.ok for row in rows) and "topdown data fetch" in rows[1].message


def test_check_says_where_how_many_and_which_sums_agree(root):
    write_idx(root, "mnist", miniature("mnist"))
    paths = sorted((root / "mnist").iterdir())
    lines = [f"{hashlib.sha256(p.read_bytes()).hexdigest()}  ./mnist/{p.name}\n" for p in paths]
    (root / "SHA256SUMS").write_text("".join(lines))
    row = row_of("mnist", root)
    assert row.found and row.ok and row.where == str(root / "mnist") and row.layout == "idx files"
    assert (row.n_train, row.n_test) == (40, 20) and "miniature" in row.message
    assert row.sums == "4/4 agree with SHA256SUMS"
    assert row.checksum == load("mnist", root=root).checksum


def test_check_finds_damage_behind_a_decoded_copy(root):
    write_idx(root, "mnist", miniature("mnist"))
    load("mnist", root=root)
    (root / "SHA256SUMS").write_text("0" * 64 + "  mnist/train-labels-idx1-ubyte.gz\n")
    row = row_of("mnist", root)
    assert row.found and not row.ok and "differs from its SHA256SUMS" in row.message


@pytest.mark.parametrize("name", ["mnist", "cifar10"])
def test_check_tells_damage_and_goes_on(root, name):
    write_idx(root, "mnist", miniature("mnist"))
    write_parquet(root, "cifar10", miniature("cifar10"))
    next((root / name).iterdir()).write_bytes(b"damaged")
    rows = {row.dataset: row for row in check(root)}
    assert not rows[name].ok and "damaged" in rows[name].message
    assert rows["mnist" if name == "cifar10" else "cifar10"].ok


def test_check_refuses_a_file_as_data_folder():
    with pytest.raises(DataError, match="not a folder"):
        check(__file__)


# --- import --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name, write, options", WRITERS.values(), ids=WRITERS)
@pytest.mark.parametrize("leaf", [False, True])
def test_import_takes_every_layout_and_its_bare_folder(root, given_, name, write, options, leaf):
    wanted = miniature(name)
    write(given_, name, wanted, **options)
    path = next(p.parent for p in given_.rglob("*") if p.is_file()) if leaf else given_
    row = import_(name, path, root)
    assert row.ok and row.checksum == wanted.checksum() == load(name, root=root).checksum
    assert len(contents(root)) == 1


def test_import_takes_a_list_of_files(root, given_):
    write_idx(given_, "mnist", miniature("mnist"))
    assert import_("mnist", sorted(given_.rglob("*.gz")), root).ok


def test_import_takes_the_published_archive(root, given_, tmp_path):
    write_batches(given_, "cifar10", miniature("cifar10"))
    archive = tmp_path / "cifar-10-python.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(given_ / "cifar-10-batches-py", "cifar-10-batches-py")
    assert import_("cifar10", archive, root).ok
    assert contents(root) == ["cifar-10-batches-py"]


def test_import_ignores_where_an_archive_wants_its_files(root, given_, tmp_path):
    write_batches(given_, "cifar100", miniature("cifar100"))
    (given_ / "evil").write_text("x")
    archive = tmp_path / "cifar-100-python.tgz"
    with tarfile.open(archive, "w:gz") as tar:
        for path in (given_ / "cifar-100-python").iterdir():
            tar.add(path, f"../../{path.name}")
        tar.add(given_ / "evil", "../evil")
    assert import_("cifar100", archive, root).ok
    assert sorted(p.name for p in tmp_path.iterdir()) == [archive.name, "data", "given"]


def _damage(folder):
    (folder / "mnist" / "train-images-idx3-ubyte.gz").write_bytes(b"damaged")


def _take_away(folder):
    (folder / "mnist" / "train-images-idx3-ubyte.gz").unlink()


def _forge_sums(folder):
    line = "0" * 64 + "  mnist/train-images-idx3-ubyte.gz\n"
    (folder / "SHA256SUMS").write_text(line)


@pytest.mark.parametrize(
    "spoil, words",
    [
        (_damage, "not an idx file|[Nn]ot a gzip"),
        (_take_away, "it lacks train-images"),
        (_forge_sums, "differs from its SHA256SUMS"),
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
    with pytest.raises(DataError, match="no file or folder|nothing to import|did you mean 'mnist'"):
        import_(name, path, root)


def test_an_archive_that_is_none_is_named(root, tmp_path):
    archive = tmp_path / "cifar-10-python.tar.gz"
    archive.write_bytes(b"no archive")
    with pytest.raises(DataError, match="cifar-10-python.tar.gz: .*not an archive"):
        import_("cifar10", archive, root)


def test_a_data_folder_that_cannot_be_written_is_named(root, given_):
    write_idx(given_, "mnist", miniature("mnist"))
    root.mkdir()
    root.chmod(0o555)
    with pytest.raises(DataError, match="cannot write in the data folder"):
        import_("mnist", given_, root)


def test_a_full_disk_is_named_and_leaves_nothing_behind(root, given_, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    root.mkdir()
    write_idx(given_, "mnist", miniature("mnist"))
    monkeypatch.setattr(deliveries.shutil, "copyfile", full)
    with pytest.raises(DataError, match="cannot store the files in .*No space left"):
        import_("mnist", given_, root)
    assert list(root.iterdir()) == []


# --- fetch ---------------------------------------------------------------------------------------


@pytest.fixture
def download(monkeypatch):
    """Puts a stub in torchvision's place; returns how often it was called."""
    calls = []

    def install(action):
        def dataset_class(root, train, download):
            assert train and download
            calls.append(root)
            action(root)

        names = ("MNIST", "FashionMNIST", "CIFAR10", "CIFAR100")
        module = SimpleNamespace(**dict.fromkeys(names, dataset_class))
        monkeypatch.setattr(getting, "torchvision_datasets", lambda: module)
        return calls

    return install


TORCHVISION = {key: item for key, item in WRITERS.items() if "torchvision" in key}


@pytest.mark.parametrize("name, write, options", TORCHVISION.values(), ids=TORCHVISION)
def test_fetch_downloads_once_and_keeps_the_data_set_alone(
    root, download, name, write, options, tmp_path
):
    def deliver(stage):
        write(Path(stage), name, miniature(name), **options)
        (Path(stage) / "archive.tar.gz").touch()

    calls = download(deliver)
    assert fetch(name, root).ok and fetch(name, root).ok
    assert len(calls) == 1 and len(contents(root)) == 1
    assert "torchvision" in load(name, root=root).source


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
    monkeypatch.setattr(_torchvision.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(DataError, match="needs torchvision.*not installed.*pip install"):
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
    if _torchvision.importlib.util.find_spec("torchvision") is None:
        pytest.skip("torchvision is not installed")
    datasets = _torchvision.torchvision_datasets()
    assert {"MNIST", "FashionMNIST", "CIFAR10", "CIFAR100"} <= set(dir(datasets))


def test_what_is_known_of_torchvisions_files_is_what_it_says():
    if _torchvision.importlib.util.find_spec("torchvision") is None:
        pytest.skip("torchvision is not installed")
    datasets = _torchvision.torchvision_datasets()
    for name in ("cifar10", "cifar100"):
        spec = data.specs.SPECS[name]
        published = getattr(datasets, spec.torchvision)
        files = dict(published.train_list + published.test_list)
        files[published.meta["filename"]] = published.meta["md5"]
        assert spec.md5 == files and spec.folder == published.base_folder
        assert spec.meta == (published.meta["filename"], published.meta["key"])
    fashion = data.specs.SPECS["fashion-mnist"]
    assert fashion.classes == tuple(datasets.FashionMNIST.classes)


@pytest.mark.parametrize("loads", [True, False])
def test_operators_are_declared_only_where_the_compiled_ones_do_not_load(monkeypatch, loads):
    declared = []
    monkeypatch.setattr(_torchvision, "_has_operators", lambda: False)
    monkeypatch.setattr(_torchvision, "_load_operators", lambda folder: loads)
    monkeypatch.setattr(_torchvision, "_declare_operators", lambda: declared.append(1))
    stub = SimpleNamespace(origin="/nowhere/torchvision/__init__.py")
    monkeypatch.setattr(_torchvision.importlib.util, "find_spec", lambda name: stub)
    monkeypatch.setitem(sys.modules, "torchvision", ModuleType("torchvision"))
    monkeypatch.setitem(sys.modules, "torchvision.datasets", ModuleType("torchvision.datasets"))
    assert _torchvision.torchvision_datasets().__name__ == "torchvision.datasets"
    assert declared == ([] if loads else [1])


def test_a_library_that_is_none_does_not_load(tmp_path):
    assert not _torchvision._load_operators(tmp_path)
    (tmp_path / "_C.so").write_bytes(b"no library")
    assert not _torchvision._load_operators(tmp_path)
