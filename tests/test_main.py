"""`python -m refinit`: what it shows, removes and compiles, and its exit codes."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from refinit.__main__ import FAILED, OK, USAGE, main
from refinit.kernels.code import cache, cpu_compiler, folder
from refinit.kernels.code.cache import ObjectCode
from refinit.streams.all_kernels import CPU_KERNELS
from tests.paths import ROOT

CODE = ObjectCode("entry", b"\x7fELF")
needs_owners = pytest.mark.skipif(not hasattr(os, "geteuid"), reason="this platform has no owners to compare")


@pytest.fixture
def place(tmp_path: Path, monkeypatch) -> Path:
    """A folder to be named."""
    monkeypatch.setenv("REFINIT_CACHE_DIR", str(tmp_path / "configured"))  # so that the command may change it
    monkeypatch.setattr(cache, "_reasons", {"told before"})
    return tmp_path / "preset"


@pytest.fixture
def compiled(monkeypatch) -> list[str]:
    """The kernels that were compiled."""
    names: list[str] = []

    def no_compiler(kernel) -> ObjectCode:
        names.append(kernel.name)
        return CODE

    monkeypatch.setattr(cpu_compiler, "compiled", no_compiler)
    return names


def test_all_kernels_are_compiled_once_and_kept(place: Path, compiled, capsys):
    assert main(["warmup", "--directory", str(place)]) == OK
    assert compiled == sorted(CPU_KERNELS)
    assert main(["warmup", "--directory", str(place)]) == OK
    assert compiled == sorted(CPU_KERNELS)
    lines = capsys.readouterr().out.splitlines()
    assert f"   1/{len(CPU_KERNELS)}  advance  was there" in lines
    assert lines[-2] == f"entries  {len(CPU_KERNELS)}, of which this version has {len(CPU_KERNELS)} here"


def test_named_kernels_alone_are_compiled(place: Path, compiled):
    assert main(["warmup", "--directory", str(place), "seed_key", "advance"]) == OK
    assert compiled == ["advance", "seed_key"]
    assert {path.name.partition("-")[0] for path in place.iterdir()} == {"advance", "seed_key"}


@needs_owners
@pytest.mark.usefixtures("compiled")
@pytest.mark.parametrize("by", ["option", "variable"])
def test_a_folder_that_was_named_can_be_read_by_others(place: Path, by: str, monkeypatch):
    arguments = ["--directory", str(place / "new")]
    if by == "variable":
        arguments = []
        monkeypatch.setenv("REFINIT_CACHE_DIR", str(place / "new"))
    before = os.umask(0o022)
    try:
        assert main(["warmup", "advance", *arguments]) == OK
    finally:
        os.umask(before)
    (entry,) = (place / "new").iterdir()
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (place, place / "new", entry)]
    assert modes == [0o755, 0o755, 0o644]


def test_a_relative_folder_is_one_of_the_working_directory(place: Path, compiled, monkeypatch):
    monkeypatch.chdir(place.parent)
    assert main(["warmup", "advance", "--directory", "preset"]) == OK
    assert compiled == ["advance"]
    assert len([*place.iterdir()]) == 1


def test_a_compiler_that_fails_is_told(place: Path, monkeypatch, capsys):
    def broken(kernel) -> ObjectCode:
        raise RuntimeError(f"kernel {kernel.name} calls what nobody has")

    monkeypatch.setattr(cpu_compiler, "compiled", broken)
    assert main(["warmup", "--directory", str(place)]) == FAILED
    assert "error: kernel advance calls what nobody has" in capsys.readouterr().err


@needs_owners
@pytest.mark.usefixtures("compiled")
@pytest.mark.parametrize("command", [["warmup", "advance"], ["cache"], ["cache", "--clear"]], ids=" ".join)
def test_a_folder_that_others_can_write_is_told(place: Path, command: list[str], capsys):
    place.mkdir()
    place.chmod(0o777)
    assert main([*command, "--directory", str(place)]) == FAILED
    assert f"chmod go-w {place}" in "".join(capsys.readouterr())


@pytest.mark.usefixtures("compiled")
def test_a_folder_that_cannot_be_written_is_told(place: Path, monkeypatch, capsys):
    def refused(*_: object) -> None:
        raise PermissionError(13, "Permission denied", str(place))

    monkeypatch.setattr(folder.Folder, "write", refused)
    assert main(["warmup", "advance", "--directory", str(place)]) == FAILED
    assert "Permission denied" in capsys.readouterr().err


def test_what_there_is_is_shown_and_removed(place: Path, monkeypatch, capsys):
    monkeypatch.setenv("REFINIT_CACHE_DIR", str(place))
    assert main(["cache"]) == OK
    assert "used     not made yet" in capsys.readouterr().out
    assert main(["cache", "--clear"]) == OK
    capsys.readouterr()
    for name in ("advance", "seed_key"):
        cache.write(name, CODE)
    (place / f"advance-{'0' * 32}.o").write_bytes(b"of another version")
    (place / f"advance-{'0' * 32}.o.0123abcd").write_bytes(b"of a writer that was killed")
    (place / "notes.txt").write_text("a user's own")
    assert main(["cache"]) == OK
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"folder   {place}"
    assert lines[1:3] == ["used     yes", "entries  4, of which this version has 2 here"]
    assert lines[3].endswith("of at most 256.0 MiB")
    assert main(["cache", "--clear"]) == OK
    assert [path.name for path in place.iterdir()] == ["notes.txt"]
    assert "removed 4 entries" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [[], ["nothing"], ["warmup", "no_kernel"], ["warmup", "--cuda", "90"], ["cache", "x"]],
    ids=str,
)
def test_misuse_is_told(arguments: list[str], capsys):
    assert main(arguments) == USAGE
    assert "error: " in capsys.readouterr().err


def output_of(*arguments: str) -> str:
    """What the command prints, as a process in which nothing is replaced."""
    command = [sys.executable, "-W", "error", "-m", "refinit", *arguments]
    return subprocess.run(command, cwd=ROOT, text=True, capture_output=True, check=True, timeout=300).stdout


def test_the_command_compiles_a_kernel(tmp_path: Path):
    warmup = ("warmup", "--directory", str(tmp_path / "preset"), "advance")
    assert "of which this version has 1 here" in output_of(*warmup)
    assert "was there" in output_of(*warmup)
    assert "--clear" in output_of("--help")
