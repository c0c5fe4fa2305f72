"""All that refinit knows of torch objects.  torch is never imported: whoever passes a tensor has done that."""

from __future__ import annotations

import sys
from typing import Any, NamedTuple


class TensorFacts(NamedTuple):
    """Where a CPU tensor lies; strides in elements, pointer 0 for a meta tensor."""

    dtype: str
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    pointer: int
    is_meta: bool


def torch_module() -> Any:
    """The torch that this process has imported, or None."""
    return sys.modules.get("torch")


def is_tensor(thing: Any) -> bool:
    torch = torch_module()
    return torch is not None and isinstance(thing, getattr(torch, "Tensor", ()))


def is_generator(thing: Any) -> bool:
    torch = torch_module()
    return torch is not None and isinstance(thing, getattr(torch, "Generator", ()))


def facts_of(tensor: Any) -> TensorFacts:
    """The layout of a tensor that can be written in place.

    Raises
    ------
    RuntimeError
        For an inference tensor outside inference mode, and for lazily conjugated or negated views.
    NotImplementedError
        For sparse or quantized layouts, and for devices other than the CPU.
    ValueError
        For an uninitialized parameter.
    """
    torch = torch_module()
    if torch.nn.parameter.is_lazy(tensor):
        raise ValueError(
            f"expected a tensor with a shape, got an uninitialized {type(tensor).__name__}: "
            "run the module once, or call its initialize_parameters, first"
        )
    dtype = str(tensor.dtype).removeprefix("torch.")
    if tensor.layout is not torch.strided or tensor.is_quantized:
        raise NotImplementedError(
            f"expected a dense tensor, got layout {tensor.layout}, dtype {dtype}; "
            "initialise a dense tensor and convert it"
        )
    shape = tuple(tensor.shape)
    if tensor.is_meta:
        return TensorFacts(dtype, shape, tuple(tensor.stride()), 0, True)
    if tensor.device.type != "cpu":
        raise NotImplementedError(
            f"expected a CPU tensor, got one on {tensor.device}: this version of refinit fills "
            f"CPU memory only; initialise on the CPU, then .to({str(tensor.device)!r})"
        )
    if tensor.is_inference() and not torch.is_inference_mode_enabled():
        raise RuntimeError(
            "Inplace update to inference tensor outside InferenceMode is not allowed. "
            "You can make a clone to get a normal tensor before doing inplace update."
        )
    if tensor.is_conj() or tensor.is_neg():
        raise RuntimeError(
            "expected a tensor that owns its values, got a lazily conjugated or negated view; "
            "initialise the tensor it was made from, or tensor.resolve_conj().resolve_neg()"
        )
    return TensorFacts(dtype, shape, tuple(tensor.stride()), tensor.data_ptr(), False)


def note_write(tensor: Any) -> None:
    """Advances the version counter, by which autograd notices that saved values have changed."""
    if not tensor.is_inference():
        torch_module().autograd.graph.increment_version(tensor)


def default_generator() -> Any:
    """torch's own default CPU generator."""
    return torch_module().default_generator
