"""Where the cache lies is never a matter of the working directory, and a user without a home only loses time."""

import os
import sys
import warnings
from pathlib import Path

import pytest

import refinit
from refinit.kernels.code import cache
from refinit.kernels.code import location as locations
from refinit.kernels.code.cache import ObjectCode
from refinit.kernels.code.location import Refused, location

CODE = ObjectCode("entry", b"\x7fELF")
VARIABLES = ("REFINIT_CACHE_DIR", "XDG_CACHE_HOME", "HOME", "LOCALAPPDATA", "USERPROFILE")
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="on Windows other variables name a home")


@pytest.fixture
def user(tmp_path: Path, monkeypatch) -> Path:
    """A user without variables, in an empty working directory, with a home by the system's list."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    for folder in ("work", "home", "set"):
        (tmp_path / folder).mkdir()
    monkeypatch.chdir(tmp_path / "work")
    monkeypatch.setattr(locations, "sys", type("Linux", (), {"platform": "linux"}))
    listed_at(tmp_path / "home", monkeypatch)
    monkeypatch.setattr(cache, "_reasons", set())
    return tmp_path


def listed_at(home: object, monkeypatch) -> None:
    import pwd

    monkeypatch.setattr(pwd, "getpwuid", lambda number: type("Entry", (), {"pw_dir": str(home)}))


def test_variables_go_before_the_home(user: Path, monkeypatch):
    assert location() == user / "home" / ".cache" / "refinit"
    monkeypatch.setenv("HOME", str(user / "set"))
    assert location() == user / "set" / ".cache" / "refinit"
    monkeypatch.setenv("XDG_CACHE_HOME", str(user / "xdg"))
    assert location() == user / "xdg" / "refinit"
    monkeypatch.setenv("REFINIT_CACHE_DIR", str(user / "ours"))
    assert location() == user / "ours"


@pytest.mark.parametrize("variable", ["HOME", "XDG_CACHE_HOME"])
@pytest.mark.parametrize("value", ["relative", ".", "", "~"])
def test_a_relative_one_is_ignored(user: Path, variable: str, value: str, monkeypatch):
    monkeypatch.setenv(variable, value)
    cache.write("advance", CODE)
    assert location() == user / "home" / ".cache" / "refinit"
    assert cache.read("advance") == CODE
    assert [*(user / "work").iterdir()] == []


@pytest.mark.parametrize("value", ["relative", ".", "~/cache"])
def test_a_relative_one_of_our_own_is_refused_and_told_once(user: Path, value: str, monkeypatch):
    monkeypatch.setenv("REFINIT_CACHE_DIR", value)
    with pytest.raises(Refused, match="expected an absolute path in REFINIT_CACHE_DIR, got"):
        location()
    with pytest.warns(refinit.RefinitWarning, match="expected an absolute path"):
        cache.write("advance", CODE)
    assert cache.read("advance") is None
    assert [*(user / "work").iterdir()] == []


@pytest.mark.parametrize("home", ["", "relative", "absent"])
@pytest.mark.parametrize("variable", [None, "", "absent"])
def test_a_user_without_a_home_only_loses_time(user: Path, home: str, variable: str | None, monkeypatch):
    listed_at(user / home if home == "absent" else home, monkeypatch)
    if variable is not None:
        monkeypatch.setenv("HOME", str(user / variable) if variable else variable)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        cache.write("advance", CODE)
        assert cache.read("advance") is None
    assert not (user / "absent").exists(), "a home is not ours to make"
    assert [*(user / "work").iterdir()] == []


def test_a_user_of_no_list_only_loses_time(user: Path, monkeypatch):
    import pwd

    def unknown(number: int) -> None:
        raise KeyError(f"getpwuid(): uid not found: {number}")

    monkeypatch.setattr(pwd, "getpwuid", unknown)
    cache.write("advance", CODE)
    assert cache.read("advance") is None
    assert [*(user / "work").iterdir()] == []


def test_a_cache_folder_that_is_missing_is_made_with_what_is_above(user: Path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(user / "not" / "yet"))
    cache.write("advance", CODE)
    assert cache.read("advance") == CODE
    assert {path.stat().st_mode & 0o777 for path in (user / "not").rglob("*") if path.is_dir()} == {0o700}
    assert os.access(user / "not", os.W_OK)
