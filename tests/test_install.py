"""Commands that messages propose can be run by who reads them."""

import re
import subprocess
import sys
import tomllib
from importlib import metadata

import pytest

from refinit import _install
from tests.paths import ROOT


class Distribution:
    """What importlib.metadata says of an installed refinit."""

    def __init__(self, place, direct_url=None):
        self.place, self.direct_url = place, direct_url

    def locate_file(self, name):
        return f"{self.place}/{name}"

    def read_text(self, name):
        assert name == "direct_url.json"
        return self.direct_url


def test_the_packages_are_those_of_the_extras():
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    for extra, package in _install.PACKAGES.items():
        assert [re.match(r"[\w.\[\]-]+", requirement)[0] for requirement in extras[extra]] == [package]


@pytest.mark.parametrize(
    ("distribution", "command"),
    [
        (Distribution(ROOT), "pip install 'refinit[dask]' or 'refinit[cuda12]'"),
        (
            Distribution("/elsewhere", '{"dir_info": {"editable": true}}'),
            "pip install 'refinit[dask]' or 'refinit[cuda12]'",
        ),
        (Distribution("/elsewhere"), "pip install 'dask[array]' or 'numba-cuda[cu12]'"),
        (Distribution("/elsewhere", '{"dir_info": {}}'), "pip install 'dask[array]' or 'numba-cuda[cu12]'"),
    ],
    ids=["installed", "editable", "another copy", "another folder"],
)
def test_extras_are_named_where_pip_knows_this_copy(distribution, command, monkeypatch):
    monkeypatch.setattr(metadata, "distribution", lambda name: {"refinit": distribution}[name])
    assert _install.install("dask", "cuda12") == command


def test_a_copy_that_pip_does_not_know_names_the_packages(monkeypatch):
    def unknown(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "distribution", unknown)
    assert _install.install("cuda13", "cuda12") == "pip install 'numba-cuda[cu13]' or 'numba-cuda[cu12]'"


def test_no_other_line_of_refinit_proposes_an_extra():
    offenders = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in sorted((ROOT / "refinit").rglob("*.py"))
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if re.search(r"refinit\[(cuda|dask)", line) and path.name != "_install.py"
    ]
    assert not offenders, "call refinit._install.install"


def test_a_message_without_dask_names_what_is_wanted():
    code = (
        "import sys; sys.modules['dask.array'] = None\n"
        "import refinit\nimport refinit.dask\n"
        "try: refinit.dask.full(refinit.ones_, (3,))\n"
        "except ImportError as error: print(error)\n"
    )
    said = subprocess.check_output([sys.executable, "-c", code], text=True, cwd=ROOT)
    assert re.fullmatch(
        r"refinit\.dask needs the package dask: pip install '(refinit\[dask\]|dask\[array\])'\n", said
    )
