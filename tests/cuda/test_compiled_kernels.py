"""The compiled code of every kernel for every kind of device: what it must not contain, and how much of it there is."""

from importlib.metadata import requires, version

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from benchmarks import static_figures
from refinit.kernels.code import cache
from refinit.kernels.code import cuda_loader as loader
from refinit.streams.all_kernels import CUDA_KERNELS
from tests.paths import ROOT
from verify.cuda import kernels
from verify.cuda.executors import CAPABILITY
from verify.cuda.kernels import CAPABILITIES, architecture, compiled, examined

PINNED = {
    canonicalize_name(line.split("==")[0]): line.split("==")[1]
    for file in ("constraints.txt", "constraints-cuda.txt")
    for line in (ROOT / file).read_text().splitlines()
    if "==" in line and not line.startswith("#")
}


@pytest.mark.parametrize("capability", CAPABILITIES, ids=architecture)
@pytest.mark.parametrize("name", CUDA_KERNELS)
def test_code_is_clean_and_as_long_as_it_was(name, capability, proves):
    examination = examined(compiled(name, capability))
    assert examination.diagnostics == ()
    before = static_figures.committed().get(name, {}).get(architecture(capability))
    assert static_figures.figures_of(examination) == before, (
        "if it is meant: .venv-cuda/bin/python -m benchmarks.static_figures"
    )
    proves("lint", kernel=name, device=architecture(capability))


def test_figures_are_of_kernels_that_there_are_as_the_command_writes_them():
    assert list(static_figures.committed()) == list(CUDA_KERNELS)
    assert static_figures.json_text(static_figures.committed()) == static_figures.FILE.read_text()


def test_a_longer_kernel_of_uniforms_is_complained_of(monkeypatch):
    monkeypatch.setattr(kernels, "MAX_UNIFORM_ISSUE_SLOTS", 80)
    (diagnostic,) = examined(compiled("wide_uniform_float32", CAPABILITY)).diagnostics
    assert "instructions for sixteen bytes, more than 80" in diagnostic


def test_the_command_prints_figures_and_complaints(monkeypatch, capsys):
    assert kernels.main(["each_uniform_float32", "wide_uniform_float32"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2 * len(CAPABILITIES)
    assert "wide_uniform_float32 sm_90: " in lines[4]
    assert "instructions per sixteen bytes" in lines[4]
    monkeypatch.setattr(kernels, "MAX_UNIFORM_ISSUE_SLOTS", 80)
    assert kernels.main(["wide_uniform_float32"]) == 1
    assert capsys.readouterr().out.count("more than 80") == len(CAPABILITIES)
    with pytest.raises(SystemExit):
        kernels.main(["no_such_kernel"])
    assert "no_such_kernel" in capsys.readouterr().err


def test_what_is_examined_is_what_the_driver_loads(tmp_path, monkeypatch):
    monkeypatch.setenv("REFINIT_CACHE_DIR", str(tmp_path))
    loaded = loader.cubin("wide_uniform_float32", CAPABILITY)
    assert loaded.code == cache.read("wide_uniform_float32-sm_90", "cuda").code
    assert examined(compiled("wide_uniform_float32", CAPABILITY)).issue_slots <= 90


def test_the_compiler_is_the_pinned_one():
    waiting, installed = [Requirement("refinit[cuda-check]")], {}
    while waiting:
        requirement = waiting.pop()
        environments = [{"extra": extra} for extra in requirement.extras or {""}]
        for dependency in map(Requirement, requires(requirement.name) or []):
            name = canonicalize_name(dependency.name)
            if name not in installed and (
                dependency.marker is None or any(map(dependency.marker.evaluate, environments))
            ):
                installed[name] = version(name)
                waiting.append(dependency)
    installed.pop("refinit", None)
    assert installed == {name: PINNED.get(name) for name in installed}, (
        "run `make cuda-check`, or renew the pins"
    )
