"""Another user who swaps an entry, the folder or one above it for a link, as fast as can be, gets no code loaded.

REFINIT_RACE_READS=20000 makes them longer.
"""

import os
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path

import pytest

import refinit
from refinit.kernels.code import cache
from refinit.kernels.code.cache import ObjectCode

READS = int(os.environ.get("REFINIT_RACE_READS", "2000"))
OURS, THEIRS = ObjectCode("entry", b"ours" * 1000), ObjectCode("entry", b"theirs" * 1000)
NOBODY = 65534
#: Swaps a path until its standard input is closed, and prints how often.
ATTACK = """
import os, sys, threading
path, own, target = sys.argv[1:]
done = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), done.set()), daemon=True).start()
swaps = 0
while not done.is_set():
    {swap}
    swaps += 1
print(swaps)
"""
#: The path itself is moved aside for a link; or it is a link already, which leads to our file first.
MOVED = """
    os.symlink(target, path + ".link"); os.rename(path, own); os.rename(path + ".link", path)
    os.unlink(path); os.rename(own, path)
"""
LINKED = """
    os.symlink(own, path + ".link"); os.replace(path + ".link", path)
    os.symlink(target, path + ".link"); os.replace(path + ".link", path)
"""

pytestmark = pytest.mark.skipif(not hasattr(os, "geteuid"), reason="this platform has no owners to compare")


def given_away(folder: Path) -> None:
    """Makes a folder another user's; who is not root cannot, and lets others write it instead."""
    paths = [folder, *folder.rglob("*")]
    for path in paths:
        if os.geteuid() == 0:
            os.chown(path, NOBODY, NOBODY)
        else:
            path.chmod(path.stat().st_mode | 0o022)


@pytest.fixture
def folders(tmp_path: Path, monkeypatch) -> tuple[Path, Path]:
    """Our cache and the attacker's, each in a folder above, with an intact entry of one name but other code."""
    monkeypatch.setattr(cache, "_reasons", {"told before"})
    caches = tmp_path / "ours" / "cache", tmp_path / "theirs" / "cache"
    for folder, code in zip(caches, (OURS, THEIRS), strict=True):
        monkeypatch.setenv("REFINIT_CACHE_DIR", str(folder))
        cache.write("advance", code)
        assert cache.read("advance") == code
    given_away(caches[1].parent)
    monkeypatch.setenv("REFINIT_CACHE_DIR", str(caches[0]))
    return caches


def start(swap: str, ours: Path, theirs: Path) -> subprocess.Popen:
    """An attack on one path of ours, as a process."""
    own = ours.with_name(f"{ours.name}.own")
    if swap == LINKED:
        ours.rename(own)
        ours.symlink_to(own)
    command = [sys.executable, "-c", ATTACK.format(swap=swap.strip()), *map(str, (ours, own, theirs))]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def attacked(folders: tuple[Path, Path], what: str) -> tuple[Path, Path]:
    """What of ours is swapped, and for what of the attacker's."""
    (entry,) = (path.name for path in folders[0].iterdir())
    below = {"entry": entry, "folder": ".", "above": ".."}[what]
    ours, theirs = (Path(os.path.normpath(folder / below)) for folder in folders)
    return ours, theirs


@pytest.mark.parametrize("swap", [MOVED, LINKED], ids=["moved", "linked"])
@pytest.mark.parametrize("what", ["entry", "folder", "above"])
def test_code_of_an_attacker_is_never_read(folders: tuple[Path, Path], what: str, swap: str):
    attack = start(swap, *attacked(folders, what))
    try:
        read = [cache.read("advance") for _ in range(READS)]
    finally:
        swaps, _ = attack.communicate()
    assert attack.returncode == 0
    assert read.count(THEIRS) == 0
    assert set(read) <= {OURS, None}
    assert int(swaps) > 0, "nothing was attacked"


def read_and(number: int, swap: Callable[[], None]) -> ObjectCode | None:
    """What is read if the swap comes right before the call of that number from Python to C."""
    calls = iter(range(number))

    def at_each_call(_frame: object, event: str, _argument: object) -> None:
        if event == "c_call" and next(calls, None) is None:
            sys.setprofile(None)
            swap()

    sys.setprofile(at_each_call)
    try:
        return cache.read("advance")
    finally:
        sys.setprofile(None)


@pytest.mark.parametrize("what", ["entry", "folder", "above"])
def test_at_no_moment_of_reading_a_swap_brings_the_attackers_code(folders: tuple[Path, Path], what: str):
    ours, theirs = attacked(folders, what)
    own, read = ours.with_name("own"), []

    def swap() -> None:
        ours.rename(own)
        ours.symlink_to(theirs)

    for number in range(2000):
        read.append(read_and(number, swap))
        if not ours.is_symlink():  # it was done before that many calls
            break
        ours.unlink()
        own.rename(ours)
    assert read.count(THEIRS) == 0
    assert read[0] is None, "the swap comes before all else"
    assert read[-1] == OURS, "and not at all"
    assert set(read) == {OURS, None}
    assert len(read) > 20


def test_the_attackers_cache_alone_is_refused(folders: tuple[Path, Path], monkeypatch):
    monkeypatch.setenv("REFINIT_CACHE_DIR", str(folders[1]))
    monkeypatch.setattr(cache, "_reasons", set())
    with warnings.catch_warnings(record=True) as messages:
        warnings.simplefilter("always")
        assert cache.read("advance") is None
    assert [message.category for message in messages] == [refinit.RefinitWarning]


@pytest.fixture
def preset(monkeypatch):
    """A cache that root has made for all users."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        monkeypatch.setenv("REFINIT_CACHE_DIR", str(Path(name) / "preset"))
        cache.keep("advance", OURS, mode=0o755)
        yield Path(name) / "preset"


@contextmanager
def another_user():
    """What the system lets somebody do who is not root."""
    group = os.getegid()
    os.setegid(NOBODY)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(group)


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can act as another user"
)
def test_a_preset_cache_of_roots_serves_every_user_and_is_not_written(preset: Path):
    with another_user():
        with pytest.raises(PermissionError):
            cache.keep("seed_key", OURS)
        cache.write("seed_key", OURS)
        assert cache.read("seed_key") is None
        assert cache.read("advance") == OURS
    assert len([*preset.iterdir()]) == 1


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can act as another user"
)
def test_a_cache_of_another_user_is_not_used_by_root(preset: Path, monkeypatch):
    monkeypatch.setattr(cache, "_reasons", set())
    given_away(preset)
    with pytest.warns(refinit.RefinitWarning, match=f"got owner {NOBODY}"):
        assert cache.read("advance") is None
