"""What replay would not take is refused when it is recorded, with its line, also without the check."""

import re

import pytest

torch = pytest.importorskip("torch", reason="recordings are of torch")

import refinit  # noqa: E402 - needs torch
from refinit.models.record.record import record  # noqa: E402
from tests.models.record.modules import Module  # noqa: E402


def with_result_of_another_size():
    result = torch.empty(0)
    torch.add(torch.randn(3), torch.randn(3), out=result)
    return result


def drawn_into_shared_elements():
    result = torch.zeros(6)
    result.as_strided((2, 3), (1, 1)).normal_()
    return result


def copied_across_itself():
    weight = torch.randn(4, 4)
    weight[:, 2].copy_(weight[1])
    return weight


UNTOLD = {
    "result of another size": (with_result_of_another_size, "shapes that broadcast"),
    "shared elements": (drawn_into_shared_elements, "elements that do not share memory"),
    "number out of range": (lambda: (torch.rand(9) * 9).int() + 3_000_000_000, "OverflowError"),
    "copy across itself": (copied_across_itself, "between elements that share memory"),
    "complex abs": (lambda: torch.randn(9, dtype=torch.complex64).abs(), "abs of complex numbers"),
}


@pytest.mark.parametrize(("value", "message"), UNTOLD.values(), ids=UNTOLD)
def test_it_is_refused_with_its_line(value, message):
    with pytest.raises(NotImplementedError, match=message) as refusal:
        record(lambda: Module(lambda self: self.register_buffer("r", value())), check=False)
    assert re.search(r"at tests/models/record/test_untold\.py:\d+$", str(refusal.value))


def test_copies_between_parts_and_onto_itself_are_recorded():
    def fill(self):
        self.w = torch.nn.Linear(4, 4)
        weight = self.w.weight.data
        weight[:, ::2].copy_(weight[:, 1::2])
        weight.copy_(weight)

    torch.manual_seed(3)
    want = Module(fill).state_dict()
    got = refinit.replay(record(lambda: Module(fill)), seed=3)
    assert all((got[name] == tensor.numpy()).all() for name, tensor in want.items())
