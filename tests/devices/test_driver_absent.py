"""No driver, an old one, none that works, a forked child: what is told, and that nothing else is needed."""

import os
import subprocess
import sys

import pytest

from refinit.devices import device as devices
from refinit.devices import driver, driver_calls
from refinit.devices.device import CudaPlace
from tests.devices.fake_driver import faked
from tests.paths import ROOT

ARGUMENTS = "(1, 2, 3, 4, 5.0, 6.0)"


@pytest.fixture
def fake(tmp_path_factory, monkeypatch):
    return faked(tmp_path_factory, monkeypatch)


def test_without_a_driver_the_error_names_the_library_and_what_to_install(monkeypatch):
    monkeypatch.setattr(driver_calls, "_functions", {})
    monkeypatch.setattr(driver_calls, "_NAME", "libnowhere.so.1")
    with pytest.raises(RuntimeError, match=r"NVIDIA driver, found no library libnowhere") as caught:
        devices.opened(CudaPlace(0, 0))
    assert caught.match(r"refinit\[cuda13\].*refinit\[cuda12\]")


def test_an_old_driver_is_told_by_its_version(fake):
    fake.set(version=11080)
    with pytest.raises(RuntimeError, match=r"CUDA 12\.0 or later, found one for CUDA 11\.8; install"):
        driver.opened((0, 0))
    assert not fake.calls


RESULTS = {
    3: "spawn",
    34: "stub",
    100: "CUDA_VISIBLE_DEVICES",
    999: r"got error 999 \(error 999\)$",
}


@pytest.mark.parametrize(("code", "remedy"), RESULTS.items())
def test_a_driver_that_does_not_start_says_why_and_is_tried_again(fake, code, remedy):
    fake.fail("cuInit", code)
    for _ in range(2):
        with pytest.raises(RuntimeError, match=f"cuInit.*{remedy}"):
            driver.opened((0, 0))
    fake.fail("", 0)
    assert driver.opened((0, 0)).multiprocessors == 132


@pytest.mark.usefixtures("fake")
def test_a_device_that_is_not_there_is_told():
    with pytest.raises(RuntimeError, match=r"cuDeviceGet .*CUDA_VISIBLE_DEVICES"):
        driver.opened((2, 0))


@pytest.mark.parametrize("code", [200, 209])
def test_code_of_another_cuda_version_is_told_with_the_extra_that_helps(fake, code):
    fake.fail("cuModuleLoadData", code)
    with pytest.raises(RuntimeError, match=r"refinit\[cuda12\]"):
        driver.opened((0, 0)).launch("scalars", (1, 1), 32, (1, 2, 3, 4, 5.0, 6.0))


def test_the_device_of_an_address(fake):
    assert devices.located(0x1234) == 1
    assert fake.named("cuPointerGetAttribute") == [(0, "cuPointerGetAttribute 9 0x1234")]


@pytest.mark.parametrize("known", [-1, -2])
def test_an_address_that_cuda_does_not_know_is_refused(fake, known):
    fake.set(owner=known)
    with pytest.raises(ValueError, match="0x1234"):
        driver.ordinal_of(0x1234)


def test_other_errors_about_an_address_are_passed_on(fake):
    fake.fail("cuPointerGetAttribute", 700)
    with pytest.raises(RuntimeError, match="cuPointerGetAttribute"):
        driver.ordinal_of(0x1234)


def run(fake, code):
    """The output of the code in a fresh interpreter, where ``driver`` is refinit's on the fake library."""
    before = f"""
import os, pytest, signal, threading
from pathlib import Path
from refinit.devices import driver, driver_calls
from tests.devices.fake_driver import FakeDriver
fake = FakeDriver(Path({str(fake.path)!r}))
fake.use(pytest.MonkeyPatch())
"""
    command = [sys.executable, "-W", "error", "-c", before + code]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_a_warm_launch_imports_neither_numba_nor_torch(fake):
    launch = f"driver.opened((0, 7)).launch('scalars', (1, 1), 32, {ARGUMENTS})"
    seen = run(fake, f"{launch}\nimport sys; print(len(fake.named('cuLaunchKernel')), *sys.modules)").split()
    assert seen[0] == "1"
    assert not {name.partition(".")[0] for name in seen} & {"numba", "torch", "llvmlite", "cuda", "scipy"}


FORK = f"""
{{before}}
if os.fork():
    os.wait()
else:
    signal.alarm(20)
    try:
        device = driver.opened((0, 7))
        print('opened', flush=True)
        device.launch('scalars', (1, 1), 32, {ARGUMENTS})
        print('launched', flush=True)
    except RuntimeError as error:
        print(error, flush=True)
    os._exit(0)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_child_of_a_user_of_cuda_is_told_to_spawn(fake):
    told = run(fake, FORK.format(before="driver.opened((0, 7))"))
    assert "spawn" in told
    assert "opened" not in told


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_child_forked_before_any_use_uses_cuda_whoever_held_the_locks(fake):
    held = """
def hold():
    driver._lock.acquire()
    driver_calls._lock.acquire()
thread = threading.Thread(target=hold)
thread.start()
thread.join()
"""
    assert "launched" in run(fake, FORK.format(before=held))


def test_a_stub_of_the_driver_is_told_apart(fake):
    fake.fail("cuDriverGetVersion", 34)
    with pytest.raises(RuntimeError, match="a stub of the driver"):
        driver.opened((0, 1))


def test_older_gpus_are_refused(fake, monkeypatch):
    monkeypatch.setattr(driver, "_OLDEST_CAPABILITY", (9, 1))
    with pytest.raises(RuntimeError, match=r"compute capability 8\.0 or later .* got 9\.0"):
        driver.opened((0, 1))
    assert not any("cuDevicePrimaryCtxRetain" in str(made) for made in fake.calls)
