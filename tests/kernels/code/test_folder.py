"""Nobody but root and this user can make a process load code, and whoever loses the cache by that is told once."""

import os
import re
import stat
import warnings
from pathlib import Path

import pytest

import refinit
from refinit.kernels.code import cache
from refinit.kernels.code import folder as folders
from refinit.kernels.code.cache import ObjectCode

CODE = ObjectCode("entry", b"\x7fELF and so on\n\n")
HAS_OWNERS = hasattr(os, "geteuid")
needs_owners = pytest.mark.skipif(not HAS_OWNERS, reason="this platform has no owners to compare")


@pytest.fixture(autouse=True)
def first_reason(monkeypatch):
    """As in a process that has not warned."""
    monkeypatch.setattr(cache, "_reasons", set())


@pytest.fixture
def folder(tmp_path: Path, monkeypatch) -> Path:
    """A configured folder with one entry."""
    monkeypatch.setenv("REFINIT_CACHE_DIR", str(tmp_path / "above" / "cache"))
    cache.write("advance", CODE)
    return tmp_path / "above" / "cache"


@pytest.fixture
def home(tmp_path: Path, monkeypatch) -> Path:
    """A user's home, with the default cache."""
    (tmp_path / "home").mkdir()
    for name in ("REFINIT_CACHE_DIR", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    return tmp_path / "home"


def refused(expected: str) -> None:
    """Asserts that an entry is not used, and that the first attempt alone says why."""
    with pytest.warns(refinit.RefinitWarning, match=re.escape(expected)) as messages:
        assert cache.read("advance") is None
    assert len(messages) == 1
    assert messages[0].filename == __file__
    cache.write("advance", ObjectCode("entry", b"new"))
    cache.read("advance")


@needs_owners
@pytest.mark.parametrize("place", [".", "..", "../.."], ids=["cache", "above", "further above"])
@pytest.mark.parametrize("mode", [0o770, 0o702], ids=oct)
def test_below_a_folder_that_others_can_write_no_code_is_loaded(folder: Path, place: str, mode: int):
    open_folder = (folder / place).resolve()
    before = stat.S_IMODE(open_folder.stat().st_mode)
    open_folder.chmod(mode)
    refused(f"can write {open_folder}, got mode {mode:04o}: chmod go-w {open_folder}, or set")
    assert (folder / place).stat().st_mode & 0o777 == mode, "a folder that a user has named is the user's"
    open_folder.chmod(before)
    assert cache.read("advance") == CODE


@needs_owners
def test_in_a_folder_above_others_may_write_if_only_owners_can_rename(folder: Path):
    folder.parent.chmod(0o1777)
    assert cache.read("advance") == CODE


@needs_owners
def test_in_the_cache_itself_others_may_not(folder: Path):
    folder.chmod(0o1777)
    refused(f"can write {folder}, got mode 1777: set REFINIT_CACHE_DIR")


@needs_owners
def test_an_entry_that_others_can_write_is_not_loaded_and_replaced(folder: Path):
    (path,) = folder.iterdir()
    path.chmod(0o664)
    refused(f"chmod go-w {path}")
    assert cache.read("advance") == ObjectCode("entry", b"new")


def owned_by(owner: int, monkeypatch, path: Path) -> None:
    """Has the system say that a file, and no other, belongs to somebody."""
    real, number = os.fstat, path.stat().st_ino

    def facts_of(descriptor: int) -> os.stat_result:
        facts = real(descriptor)
        users = owner if facts.st_ino == number else os.getuid()
        return os.stat_result((*facts[:4], users, *facts[5:10]))

    monkeypatch.setattr(os, "fstat", facts_of)


PLACES = ["advance-*", ".", ".."]


@needs_owners
@pytest.mark.parametrize("place", PLACES, ids=["entry", "folder", "above"])
def test_what_belongs_to_another_user_is_not_loaded(folder: Path, place: str, monkeypatch):
    (path,) = folder.glob(place) if "*" in place else [(folder / place).resolve()]
    owned_by(os.geteuid() + 1, monkeypatch, path)
    refused(f"expected {path} to belong to root or to user {os.geteuid()}, got owner {os.geteuid() + 1}")


@needs_owners
@pytest.mark.parametrize("place", PLACES, ids=["entry", "folder", "above"])
def test_what_belongs_to_root_is_ours(folder: Path, place: str, monkeypatch):
    (path,) = folder.glob(place) if "*" in place else [(folder / place).resolve()]
    owned_by(0, monkeypatch, path)
    assert cache.read("advance") == CODE


@needs_owners
@pytest.mark.usefixtures("folder")
def test_it_is_the_effective_user_who_counts(monkeypatch):
    """A program that runs as its owner gets its environment from whoever starts it."""
    real = os.fstat

    def of_the_caller(descriptor: int) -> os.stat_result:
        facts = real(descriptor)
        return os.stat_result((*facts[:4], 1000, *facts[5:10]))

    monkeypatch.setattr(os, "fstat", of_the_caller)
    monkeypatch.setattr(os, "getuid", lambda: 1000)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    with pytest.warns(refinit.RefinitWarning, match="got owner 1000"):
        assert cache.read("advance") is None


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this platform has no pipes to open by a name")
@pytest.mark.parametrize("kind", ["link", "pipe", "folder"])
def test_what_is_no_file_is_not_loaded(folder: Path, kind: str):
    (path,) = folder.iterdir()
    path.rename(folder / "elsewhere")
    make = {"link": lambda: path.symlink_to(folder / "elsewhere"), "pipe": lambda: os.mkfifo(path)}
    make.get(kind, path.mkdir)()
    refused(f"expected {path} to be a file")


@pytest.mark.parametrize("linked", ["cache", "above"])
def test_the_way_to_the_cache_may_have_links(folder: Path, linked: str, tmp_path: Path, monkeypatch):
    target = {"cache": folder, "above": folder.parent}[linked]
    (tmp_path / "link").symlink_to(target)
    monkeypatch.setenv("REFINIT_CACHE_DIR", str(tmp_path / "link" / folder.relative_to(target)))
    assert cache.read("advance") == CODE
    cache.write("seed_key", CODE)
    assert len([*folder.iterdir()]) == 2


@needs_owners
@pytest.mark.parametrize("umask", [0o002, 0o000, 0o077], ids=oct)
def test_what_is_made_under_any_umask_is_used(home: Path, umask: int):
    before = os.umask(umask)
    try:
        cache.write("advance", CODE)
    finally:
        os.umask(before)
    assert cache.read("advance") == CODE
    (path,) = (path for path in home.rglob("*") if path.is_file())
    made = [above for above in path.parents if home in above.parents]
    assert {stat.S_IMODE(above.stat().st_mode) for above in made} == {0o700}
    assert stat.S_IMODE(path.stat().st_mode) == 0o644 & ~umask


@needs_owners
def test_the_default_folder_is_closed_to_others(home: Path):
    cache.write("advance", CODE)
    (path,) = (path for path in home.rglob("*") if path.is_file())
    path.parent.chmod(0o775)
    assert cache.read("advance") == CODE
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@needs_owners
def test_the_users_own_folder_above_the_default_is_not_touched(home: Path):
    cache.write("advance", CODE)
    above = next(home.iterdir())
    above.chmod(0o775)
    refused(f"got mode 0775: chmod go-w {above}")
    assert stat.S_IMODE(above.stat().st_mode) == 0o775


def test_a_platform_without_owners_keeps_code_by_its_path(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(folders, "_WALKS", False)
    monkeypatch.setenv("REFINIT_CACHE_DIR", str(tmp_path / "above" / "cache"))
    assert cache.read("advance") is None
    for name in ("advance", "seed_key"):
        cache.write(name, CODE)
        assert cache.read(name) == CODE
    monkeypatch.setattr(cache, "BOUND", 0)
    cache.write("advance", CODE)
    assert [*(tmp_path / "above" / "cache").iterdir()] == []


def test_nothing_is_said_where_there_is_nothing_to_say(folder: Path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert cache.read("advance") == CODE
        assert cache.read("absent") is None
        next(folder.iterdir()).write_bytes(b"damaged")
        assert cache.read("advance") is None
