"""A user's settings of numba change no kernel's code: neither variables, nor a file, nor what numba has done before."""

import json
import os
import subprocess
import sys

import pytest

from tests.paths import ROOT

HOSTILE = {
    "OPT": "0",
    "DEBUGINFO": "1",
    "BOUNDSCHECK": "1",
    "LOOP_VECTORIZE": "0",
    "SLP_VECTORIZE": "1",
    "DEBUG_NRT": "1",
    "LLVM_REFPRUNE_PASS": "0",
    "EXTEND_VARIABLE_LIFETIMES": "1",
    "DISABLE_JIT": "1",
}
#: A user's own function, so that numba's compiler is made under the user's settings.
USED = """
import numba, numpy as np
@numba.njit
def total(a, i, j):
    return abs(a[0]) ** 2 + max(a[1], 1.0) + a[2] % 2.0 + i // j + i % j + i ** j
for t in (np.int64, np.uint64, np.uint32):
    total(np.ones(5), t(7), t(2))
"""
MOVED = """
import numba, os
os.chdir({folder!r})
"""
COMPILE = """
import hashlib, json
import llvmlite.binding as llvm
from refinit.kernels.code.key import key
from refinit.kernels.code.cpu_compiler import compiled
from refinit.streams.all_kernels import CPU_KERNELS

digests = {"key": key("cpu")}
for name in ("normal_serial_float64", "uniform_float32"):
    code = compiled(CPU_KERNELS[name]).code
    digests[name] = hashlib.sha256(code).hexdigest()
    for section in llvm.ObjectFileRef.from_data(code).sections():
        if (section.name() or b"").startswith((b".text", b".rodata", b"__text", b"__const")):
            digests[f"{name} {section.name()}"] = hashlib.sha256(section.data()).hexdigest()
print(json.dumps(digests))
"""


def digests(folder, before="", **variables):
    """The key, and hashes of kernels' object code and of its instructions and constants, as a process makes them."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("NUMBA_")}
    environment |= {"PYTHONPATH": str(ROOT), **variables}
    command = [sys.executable, "-c", before + COMPILE]
    output = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=300
    )
    assert output.returncode == 0, output.stderr
    return json.loads(output.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    return digests(tmp_path_factory.mktemp("plain"))


def with_file(folder, **settings):
    """The folder, with numba's file of settings in it."""
    pytest.importorskip("yaml", reason="numba reads its file by PyYAML")
    lines = [f'{name.lower()}: "{value}"\n' for name, value in (HOSTILE | settings).items()]
    (folder / ".numba_config.yaml").write_text("".join(lines))
    return folder


def test_variables_change_no_byte(plain, tmp_path):
    assert digests(tmp_path, **{f"NUMBA_{name}": value for name, value in HOSTILE.items()}) == plain


def test_a_file_in_the_working_directory_changes_no_byte(plain, tmp_path):
    with_file(tmp_path, CPU_NAME="generic", CPU_FEATURES="", ENABLE_AVX="0")
    assert digests(tmp_path) == plain


def test_a_file_that_is_met_after_numba_was_imported_changes_no_byte(plain, tmp_path):
    with_file(tmp_path, CPU_NAME="generic")
    assert digests(ROOT, MOVED.format(folder=str(tmp_path))) == plain


def without_names(hashes):
    """Of instructions and constants alone: symbols count what numba has compiled before."""
    return {name: value for name, value in hashes.items() if " " in name or name == "key"}


def test_what_numba_has_compiled_before_changes_no_instruction(plain, tmp_path):
    with_file(tmp_path, CPU_NAME="generic", DISABLE_JIT="0", DEBUG_NRT="0")
    assert len(without_names(plain)) > 2
    assert without_names(digests(tmp_path, USED)) == without_names(plain)


@pytest.mark.parametrize(
    "setting", [{"NUMBA_CPU_NAME": "generic"}, {"NUMBA_CPU_FEATURES": ""}, {"NUMBA_ENABLE_AVX": "0"}], ids=str
)
def test_what_a_user_knows_of_the_processor_holds_and_enters_the_key(plain, tmp_path, setting):
    if "NUMBA_ENABLE_AVX" in setting and "avx" not in host_features():
        pytest.skip("this processor has no AVX")
    told = digests(tmp_path, **setting)
    assert told["key"] != plain["key"]
    assert without_names(told) != without_names(plain)


def host_features():
    import llvmlite.binding as llvm

    return {name for name, has in llvm.get_host_cpu_features().items() if has}


def test_users_have_their_settings_back(monkeypatch):
    from numba.core import config
    from numba.core.registry import cpu_target

    from refinit.kernels.code.cpu_compiler import compiled
    from refinit.streams.all_kernels import CPU_KERNELS

    monkeypatch.setattr(config, "OPT", type(config.OPT)(1))
    monkeypatch.setattr(config, "BOUNDSCHECK", 1)
    settings = {name: value for name, value in vars(config).items() if name.isupper()}
    code_generator, reload_config = cpu_target.target_context.codegen(), config.reload_config
    compiled(CPU_KERNELS["advance"])
    assert {name: value for name, value in vars(config).items() if name.isupper()} == settings
    assert cpu_target.target_context.codegen() is code_generator
    assert config.reload_config is reload_config
