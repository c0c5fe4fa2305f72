"""Which tests run where: of CUDA kernels where numba-cuda compiles them, those marked gpu where there is a GPU."""

import os
import subprocess
import sys
from importlib.util import find_spec

import pytest

from tests.paths import ROOT

#: numba-cuda's own package; numba.cuda alone may be the older one that numba itself carries.
COMPILES_KERNELS = find_spec("numba_cuda") is not None
collect_ignore = [] if COMPILES_KERNELS else ["cuda"]


def pytest_addoption(parser):
    parser.addoption(
        "--require-gpu",
        action="store_true",
        help="fail without a CUDA device, without a test marked gpu, and for each of these that is skipped",
    )


def pytest_report_header():
    return (
        None
        if COMPILES_KERNELS
        else "tests/cuda: not collected, needs the package numba-cuda; run `make cuda-check`"
    )


def without_gpu():
    """Why no test can use one, or None."""
    from refinit.devices.device import CudaPlace, opened

    try:
        opened(CudaPlace(0, 1))
    except RuntimeError as error:
        return f"no CUDA device: {str(error).partition(';')[0]}"
    return None


@pytest.hookimpl(trylast=True)  # behind -k and -m
def pytest_collection_modifyitems(config, items):
    marked = [item for item in items if item.get_closest_marker("gpu")]
    required = config.getoption("--require-gpu")
    if required and not marked:
        raise pytest.UsageError(
            "--require-gpu: no test marked gpu is collected; run tests/cuda, with numba-cuda"
        )
    if (reason := without_gpu() if marked else None) and required:
        raise pytest.UsageError(f"--require-gpu: {reason}")
    for item in marked if reason else ():
        item.add_marker(pytest.mark.skip(reason=reason))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    report = yield
    skipped = report.skipped and not hasattr(report, "wasxfail")
    if skipped and item.config.getoption("--require-gpu") and item.get_closest_marker("gpu"):
        report.outcome, report.longrepr = "failed", f"--require-gpu: skipped: {report.longrepr}"
    return report


@pytest.fixture(scope="session")
def without_fma():
    """The environment of a process in which glibc takes its functions for processors without fused multiply-add."""
    from verify.subjects.libm import FUNCTIONS, WITHOUT_FMA

    environment = {**os.environ, **WITHOUT_FMA}
    program = "from verify.subjects.libm import deviating; print(*deviating())"
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    if done.stdout.split() != list(FUNCTIONS):
        pytest.skip("this C library has no functions for other processors to take: only glibc on x86-64 has")
    return environment
