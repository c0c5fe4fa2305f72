"""The compiled-code cache saves time and never changes a bit."""

import ast
import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import refinit
from refinit.kernels.code import cache, cpu_loader, key
from refinit.kernels.code.cache import ObjectCode
from refinit.streams.all_kernels import CPU_KERNELS, CUDA_KERNELS

CODE = ObjectCode("entry", b"\x7fELF and so on\n\n")
OTHER = ObjectCode("entry", b"\x7fELF of another")
PROGRAM = """
import hashlib, refinit
g = refinit.Generator()
refinit.normal_(refinit.empty(3), generator=g)  # needs the C library
w = refinit.uniform_(refinit.empty(1000), generator=g)
print(hashlib.sha256(w.tobytes()).hexdigest())
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("REFINIT_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


def start(root: Path, folder: Path) -> subprocess.Popen:
    environment = {**os.environ, "REFINIT_CACHE_DIR": str(folder), "PYTHONPATH": str(root)}
    command = [sys.executable, "-c", PROGRAM]
    return subprocess.Popen(command, env=environment, cwd=root, stdout=subprocess.PIPE, text=True)


def bits(root: Path, folder: Path) -> str:
    process = start(root, folder)
    out, _ = process.communicate()
    assert process.returncode == 0
    return out.strip()


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The package on its own, to be edited."""
    shutil.copytree(Path(refinit.__file__).parent, tmp_path / "root" / "refinit")
    return tmp_path / "root"


def test_an_edited_source_never_meets_stale_code(copy: Path, folder: Path):
    original = bits(copy, folder)
    source = copy / "refinit" / "streams" / "torch_cpu" / "math" / "uniform.py"  # not the kernel's own file
    text = source.read_text()
    assert "2.0**-24" in text
    source.write_text(text.replace("2.0**-24", "2.0**-23"))
    assert bits(copy, folder) != original
    source.write_text(text)
    assert bits(copy, folder) == original


PACKAGE = Path(refinit.__file__).parent
TABLES = {"cpu": CPU_KERNELS, "cuda": CUDA_KERNELS}


def path_of(names: tuple[str, ...]) -> Path | None:
    """The file of a module of refinit; None if there is none of that name."""
    module, package = PACKAGE.joinpath(*names).with_suffix(".py"), PACKAGE.joinpath(*names, "__init__.py")
    return next((path for path in (module, package) if path.exists()), None)


def imports(path: Path) -> set[Path]:
    """The files of refinit that a module imports from, written relatively, wherever in it that stands."""
    paths: set[Path | None] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.level:
            package = path.parents[node.level - 1].relative_to(PACKAGE).parts
            names = (*package, *(node.module or "").split(".")) if node.module else package
            submodules = [path_of((*names, alias.name)) for alias in node.names]
            paths |= {submodule or path_of(names) for submodule in submodules}
    return {path for path in paths if path}


def dependencies(target: str) -> set[Path]:
    """The files that the code of a target's kernels is made of: their modules and, over and over, their imports."""
    waiting = [path_of(tuple(kernel.module.split(".")[1:])) for kernel in TABLES[target].values()]
    reached: set[Path] = set()
    while waiting:
        path = waiting.pop()
        assert path is not None
        if path not in reached:
            reached.add(path)
            waiting += imports(path)
    return reached


@pytest.mark.parametrize("target", TABLES)
def test_the_key_hashes_all_that_a_kernel_imports(target: str):
    needed = dependencies(target)
    assert {"math", "kernels"} <= {part for path in needed for part in path.parts}
    assert PACKAGE / "kernels" / "math" / "philox_constants.py" in needed
    assert not needed - {*key.sources(target)}, "key.sources has to know them, or stale code is served"


@pytest.mark.parametrize("target", TABLES)
def test_the_key_hashes_what_compiles_and_what_declares(target: str):
    tables = {path for path in PACKAGE.rglob("table.py") if "kernels" in path.parts}
    others = {path for path in tables if {"cpu": "cuda", "cuda": "cpu"}[target] in path.parts}
    compiler = PACKAGE / "kernels" / "code" / f"{target}_compiler.py"
    assert {compiler, *tables - others} <= {*key.sources(target)}
    assert not others & {*key.sources(target)}


def test_a_dependency_that_is_not_hashed_is_seen(monkeypatch):
    uniform = PACKAGE / "streams" / "torch_cpu" / "math" / "uniform.py"
    assert uniform in imports(PACKAGE / "streams" / "torch_cpu" / "kernels" / "normal.py")
    hashed = key.sources("cpu")
    monkeypatch.setattr(key, "sources", lambda target: [path for path in hashed if path != uniform])
    with pytest.raises(AssertionError, match="stale code"):
        test_the_key_hashes_all_that_a_kernel_imports("cpu")


def test_processes_that_compile_at_once_do_not_clash(copy: Path, folder: Path):
    processes = [start(copy, folder) for _ in range(3)]
    outputs = {process.communicate()[0] for process in processes}
    assert all(process.returncode == 0 for process in processes)
    assert len(outputs) == 1
    assert all(path.suffix == ".o" for path in folder.iterdir()), "temporary files were left behind"


def test_a_cache_that_cannot_be_a_folder_costs_only_speed(copy: Path, folder: Path):
    expected = bits(copy, folder)
    blocked = folder.parent / "a-file"
    blocked.write_text("not a folder")
    assert bits(copy, blocked / "below") == expected


def test_what_was_written_is_read_and_can_be_written_again(folder: Path):
    for code in (CODE, OTHER):
        cache.write("advance", code)
        assert cache.read("advance") == code
    assert len([*folder.iterdir()]) == 1


@pytest.mark.parametrize("package", ["numba", "numba-cuda", "cuda-bindings", "nvidia-nvjitlink-cu12"])
def test_code_for_cuda_is_kept_apart_by_the_versions_of_its_compilers(package, monkeypatch):
    version = key.version
    before = key.key.__wrapped__("cuda")
    monkeypatch.setattr(key, "version", lambda name: "0" if name == package else version(name))
    assert key.key.__wrapped__("cuda") != before


@pytest.mark.usefixtures("folder")
def test_an_absent_kernel_is_none():
    assert cache.read("advance") is None


def test_an_entry_with_any_byte_changed_is_none(folder: Path):
    cache.write("advance", CODE)
    (path,) = folder.iterdir()
    raw = path.read_bytes()
    assert len(raw) > 90
    for index in range(len(raw)):
        path.write_bytes(raw[:index] + bytes([raw[index] ^ 1]) + raw[index + 1 :])
        assert cache.read("advance") is None, index


def test_an_entry_of_another_length_is_none(folder: Path):
    cache.write("advance", CODE)
    (path,) = folder.iterdir()
    raw = path.read_bytes()
    for damaged in (raw[:-1], b"", raw + b"?", b"\xff" * 99):
        path.write_bytes(damaged)
        assert cache.read("advance") is None


def test_an_entry_under_another_name_is_none(folder: Path):
    cache.write("advance", CODE)
    (path,) = folder.iterdir()
    path.rename(path.with_name(path.name.replace("advance", "seed_key")))
    assert cache.read("seed_key") is None


@pytest.fixture(scope="module")
def advance():
    from refinit.kernels.code.cpu_compiler import compiled

    return compiled(CPU_KERNELS["advance"])


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("symbol", ["another", ""])
def test_an_intact_entry_without_its_symbol_is_compiled_anew_once(symbol: str, advance, monkeypatch):
    from refinit.kernels.code import cpu_compiler

    calls: list[object] = []
    monkeypatch.setattr(cpu_compiler, "compiled", lambda kernel: calls.append(kernel) or advance)
    cache.write("advance", ObjectCode(symbol, advance.code))
    for _ in range(2):
        assert cpu_loader._load(CPU_KERNELS["advance"])
        assert len(calls) == 1
    assert cache.read("advance") == advance


def test_a_full_disk_leaves_nothing_behind(folder: Path, monkeypatch):
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    cache.write("advance", CODE)
    assert list(folder.iterdir()) == []
    assert cache.read("advance") is None


@pytest.mark.usefixtures("folder")
def test_a_read_only_folder_is_not_an_error(monkeypatch):
    cache.write("advance", CODE)
    opened = os.open

    def refused(path, flags, *arguments: int, **where: int) -> int:
        if flags & os.O_CREAT:
            raise PermissionError(errno.EACCES, "Permission denied")
        return opened(path, flags, *arguments, **where)

    monkeypatch.setattr(os, "open", refused)
    cache.write("seed_key", CODE)
    assert cache.read("seed_key") is None
    assert cache.read("advance") == CODE


def test_the_oldest_go_where_the_bound_is_passed(folder: Path, monkeypatch):
    names = [f"kernel_{index}" for index in range(6)]
    for age, name in enumerate(names):
        cache.write(name, CODE)
        os.utime(next(folder.glob(f"{name}-*")), (1000 + age, 1000 + age))
    (folder / "notes.txt").write_text("a user's own")
    size = next(folder.glob("kernel_0-*")).stat().st_size
    monkeypatch.setattr(cache, "BOUND", 3 * size + 1)
    cache.write("kernel_new", CODE)
    left = {path.name.partition("-")[0] for path in folder.iterdir()}
    assert left == {"kernel_4", "kernel_5", "kernel_new", "notes.txt"}


@pytest.mark.usefixtures("folder")
def test_what_cannot_be_removed_is_not_an_error(monkeypatch):
    def refused(*_: object, **__: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(cache, "BOUND", 0)
    monkeypatch.setattr(os, "unlink", refused)
    cache.write("advance", CODE)
    assert cache.read("advance") == CODE
