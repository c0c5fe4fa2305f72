"""The built wheel, installed into a clean environment in which torch cannot be found."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from tests.paths import ROOT

#: Where an environment has its programs.
BIN = "Scripts" if sys.platform == "win32" else "bin"
pytestmark = pytest.mark.xdist_group("wheel")

# The new environment borrows every package of this one but torch, and not the checkout (a .pth file's).
BORROW = """
import sys
sys.path.append({packages!r})

class NoTorch:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name.partition(".")[0] == "torch":
            raise ModuleNotFoundError("No module named 'torch'", name="torch")

sys.meta_path.insert(0, NoTorch)
"""


def run(*command: str | Path, cwd: Path) -> str:
    done = subprocess.run([*map(str, command)], cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT, cwd=folder)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """The folder of a clean environment with the wheel in it."""
    home = tmp_path_factory.mktemp("clean")
    run(sys.executable, "-m", "venv", home / "venv", cwd=home)
    python = home / "venv" / BIN / "python"
    run(python, "-m", "pip", "install", "--no-deps", "--no-index", wheel, cwd=home)
    where = "import sysconfig; print(sysconfig.get_path('purelib'))"
    packages = Path(run(python, "-c", where, cwd=home).strip())
    (packages / "sitecustomize.py").write_text(BORROW.format(packages=sysconfig.get_path("purelib")))
    return home


def test_wheel_carries_both_packages_and_nothing_else(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    folders = {name.partition("/")[0] for name in names}
    assert folders == {"refinit", "refinit_verify", f"{'-'.join(wheel.name.split('-')[:2])}.dist-info"}
    assert "refinit/py.typed" in names
    assert not [name for name in names if "__pycache__" in name or name.endswith(".pyc")]


def test_wheel_carries_every_source(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    sources = {path.relative_to(ROOT).as_posix() for path in (ROOT / "refinit").rglob("*.py")}
    assert sources <= names
    assert "refinit_verify/__main__.py" in names


def test_installed_refinit_fills_without_torch_scipy_or_numba_loaded_at_import(installed):
    code = """
import sys
import refinit
assert "clean" in refinit.__file__, refinit.__file__
assert not {"torch", "scipy", "numba"} & set(sys.modules), sorted(sys.modules)
refinit.manual_seed(0)
array = refinit.kaiming_normal_(refinit.empty(16, 16))
refinit.orthogonal_(refinit.empty(8, 8))
import refinit.layers as nn
assert nn.Linear(3, 5).init(seed=0)["weight"].shape == (5, 3)
assert "torch" not in sys.modules
print(array.dtype, float(array.std()) > 0)
"""
    python = installed / "venv" / BIN / "python"
    assert run(python, "-W", "error", "-c", code, cwd=installed) == "float32 True\n"


def test_installed_harness_has_a_command(installed):
    assert "--budget" in run(installed / "venv" / BIN / "refinit-verify", "--help", cwd=installed)
