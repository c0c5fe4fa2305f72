"""Each planted fault of a kernel is seen by the rungs it names, and by no other; the right kernel by none."""

import pytest

from refinit.kernels.code.cuda_compiler import cubin
from tests.cuda.far_places import Sampled, fill, found_and_expected, shown
from tests.cuda.kernel_faults import BITS, FAR, FAULTS, SANITIZER, WIDE, faulty_ptx
from tests.cuda.standins import same
from verify.cuda.executors import CAPABILITY, PtxDevice, ptx_of
from verify.cuda.kernels import Compiled, examined
from verify.cuda.ptx import Unwritten, Violations
from verify.cuda.ptx.lint import lint


def planted(device, fault, text):
    """The device, with this text of the fault's kernel."""
    right = device.text_of
    device.text_of = lambda kernel: text if kernel == fault.kernel else right(kernel)
    return device


def seen_by_lint(fault, text):
    """The rungs that complain, by the first word of a diagnostic."""
    found = examined(Compiled(fault.kernel, text, cubin(text, CAPABILITY)))
    return {f"{diagnostic.split(':')[0]} lint" for diagnostic in found.diagnostics}


def seen_by_execution(fault, text, allow):
    device = planted(PtxDevice(sanitize=True, allow=allow), fault, text)
    try:
        same(lambda tensor: fill(fault.call, tensor), fault.place, "float32", device)
    except (Violations, Unwritten):
        return {SANITIZER}
    except AssertionError:
        # the CPU's orthogonal matrices have other bits anyway
        return {BITS} if fault.call.function != "orthogonal_" else set()
    return set()


def seen_far(fault, text, allow):
    """What a fill of more than 2**33 elements shows."""
    device = planted(Sampled("float32", allow=allow), fault, text)
    try:
        with shown(device) as array:
            fill(fault.call, array)
    except (Violations, Unwritten):
        return {FAR}
    pairs = found_and_expected(device, fault.call, "float32")
    return {FAR for found, expected in pairs if found.tobytes() != expected.tobytes()}


def seen(fault, text):
    facts = lint(text)[fault.kernel]
    allow = {one.opcode for one in (*facts.approximations, *facts.contractible)}
    rungs = seen_by_lint(fault, text) | seen_by_execution(fault, text, allow)
    return rungs | (seen_far(fault, text, allow) if fault.place is WIDE else set())


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_is_seen_by_these_rungs_and_its_absence_by_none(fault):
    assert seen(fault, faulty_ptx(fault, CAPABILITY)) == fault.seen
    assert seen(fault, ptx_of(fault.kernel)) == set()


def test_every_rung_sees_faults():
    assert {rung for fault in FAULTS for rung in fault.seen} == {
        "PTX lint",
        "SASS lint",
        SANITIZER,
        BITS,
        FAR,
    }
