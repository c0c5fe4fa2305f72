"""All that refinit knows of torch objects.  torch is never imported: whoever passes a tensor has done that."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from numpy.typing import NDArray


class TensorFacts(NamedTuple):
    """Where a tensor lies; strides in elements, pointer 0 for a meta tensor, which a fake one counts as.

    ``place``: of a CUDA tensor, its device's number and torch's current stream there.
    """

    dtype: str
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    pointer: int
    is_meta: bool
    place: tuple[int, int] | None = None


#: torch.Tensor and Parameter once a tensor has come: what is exactly one of these has no memory but its own.
plain_tensors: set[type] = set()


def torch_module() -> Any:
    """The torch that this process has imported, or None."""
    return sys.modules.get("torch")


def _is_a(kind: str, value: Any) -> bool:
    torch = sys.modules.get("torch")  # not by torch_module: every fill asks
    return torch is not None and isinstance(value, getattr(torch, kind, ()))


is_tensor = partial(_is_a, "Tensor")
is_generator = partial(_is_a, "Generator")
is_device = partial(_is_a, "device")


def is_dtensor(value: Any) -> bool:
    """Whether it is a DTensor: processes hold a block of it each.  Before torch 2.5 its module was a private one."""
    modules = map(sys.modules.get, ("torch.distributed.tensor", "torch.distributed._tensor"))
    return any(isinstance(value, getattr(module, "DTensor", ())) for module in modules)


def is_scalar_tensor(value: Any) -> bool:
    """Whether it is a 0-d tensor, which torch takes for a number."""
    return is_tensor(value) and value.ndim == 0


def dtype_name(value: Any) -> str | None:
    """The name of a torch.dtype; None for anything else."""
    return str(value).removeprefix("torch.") if _is_a("dtype", value) else None


def facts_of(tensor: Any) -> TensorFacts:
    """The layout of a tensor that can be written in place.

    Raises
    ------
    RuntimeError
        For an inference tensor outside inference mode, and for lazily conjugated or negated views.
    NotImplementedError
        For sparse or quantized layouts, devices other than the CPU and CUDA's, wrappers without memory, and what vmap
        maps over.
    ValueError
        For an uninitialized parameter.
    """
    torch = torch_module()
    _learn()
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
    if tensor.is_meta or _is_fake(tensor):
        return TensorFacts(dtype, shape, tuple(tensor.stride()), 0, True)
    on_cuda = _is_on_cuda(tensor)
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
    pointer = behind_transforms(tensor).data_ptr()
    if pointer == 0 and tensor.numel():
        raise NotImplementedError(
            f"expected a tensor with memory of its own, got a {type(tensor).__name__} without; initialise what it "
            "wraps, or give it its storage first"
        )
    place = (tensor.device.index, _current_stream(tensor.device)) if on_cuda else None
    return TensorFacts(dtype, shape, tuple(tensor.stride()), pointer, False, place)


def _is_fake(tensor: Any) -> bool:
    """Whether it only plays a tensor, for a compiler or a planner: like a meta tensor, on a device's name."""
    fakes = sys.modules.get("torch._subclasses.fake_tensor")
    return fakes is not None and isinstance(tensor, fakes.FakeTensor)


def behind_transforms(tensor: Any) -> Any:
    """The tensor that has the memory: torch.func.grad and its kin wrap one; vmap, which is refused, a whole stack."""
    wrappers = torch_module()._C._functorch  # noqa: SLF001 - no public one
    while wrappers.is_gradtrackingtensor(tensor):
        tensor = wrappers.get_unwrapped(tensor)
    if wrappers.is_functorch_wrapped_tensor(tensor):
        raise NotImplementedError(
            "expected a tensor of its own, got one that torch.func.vmap maps over, whose elements lie in a whole "
            "stack; initialise before vmap is called: the stack, init.normal_(stack), or each tensor of it, "
            "for w in stack: init.normal_(w)"
        )
    return tensor


_COMPUTED = (
    "the tensor to fill was computed from others: it holds the values until it is computed anew, and no parameter gets "
    "them; initialise what it is computed from (a parametrized weight's module.parametrizations.weight.original), or "
    "before weight_norm and the like are applied"
)
_PLACEHOLDER = (
    "the parameter to fill is an empty placeholder of ZeRO-3, whose elements lie elsewhere: none of them is "
    "initialised; fill it within deepspeed.zero.GatheredParameters([parameter], modifier_rank=0)"
)


def why_lost(tensor: Any) -> str | None:
    """Why what is written into a tensor arrives at no parameter; None where it does, as by a parameter's view."""
    if tensor.grad_fn is not None and not (tensor._is_view() and tensor._base.grad_fn is None):  # noqa: SLF001
        return _COMPUTED
    if not tensor.numel() and (hasattr(tensor, "ds_id") or hasattr(tensor, "ds_shape")):
        return _PLACEHOLDER
    return None


def _is_on_cuda(tensor: Any) -> bool:
    kind: str = tensor.device.type
    of_rocm = kind == "cuda" and torch_module().version.hip
    if kind not in {"cpu", "cuda"} or of_rocm:
        raise NotImplementedError(
            f"expected a CPU or CUDA tensor, got one on {tensor.device}{' of ROCm' if of_rocm else ''}; "
            f"initialise on the CPU, then .to({str(tensor.device)!r})"
        )
    return kind == "cuda"


def _current_stream(device: Any) -> int:
    stream: int = torch_module().cuda.current_stream(device).cuda_stream
    return stream


def dense_address(tensor: Any, is_complex: bool = True) -> int:
    """Where a plain tensor lies if it is a dense one on the CPU that may be written; 0 for all others."""
    try:
        if (
            not tensor.is_cpu
            or not tensor.is_contiguous()
            or tensor.is_inference()
            or tensor.is_neg()  # a real one too: the imaginary part of a conjugate
            or (is_complex and tensor.is_conj())
            or tensor.grad_fn is not None  # the long way warns, unless it is a parameter's view
            or _mode_count()
        ):
            return 0
        return tensor.data_ptr()  # type: ignore[no-any-return]
    except RuntimeError:  # sparse, or under a transform such as vmap
        return 0


def _learn() -> None:
    """Looks up what small fills ask of torch, once and not in each of them."""
    global _mode_count, _increment_versions
    torch = torch_module()
    _mode_count = torch._C._len_torch_dispatch_stack  # noqa: SLF001 - no public one
    # what torch.autograd.graph.increment_version calls after it has asked for the type, in twice the time
    _increment_versions = torch._C._increment_version  # noqa: SLF001
    plain_tensors.update((torch.Tensor, torch.nn.Parameter))


def _mode_count() -> int:
    """How many modes, such as that of fake tensors, see each operation; torch's own function from the first call on."""
    _learn()
    return _mode_count()


def _increment_versions(tensors: tuple[Any, ...]) -> None:
    """Advances version counters; torch's own function from the first call on."""
    _learn()
    _increment_versions(tensors)


def advance_version(tensor: Any) -> None:
    """Advances the version counter, by which autograd notices that saved values have changed."""
    try:
        _increment_versions((tensor,))
    except TypeError:  # of older releases, which take one tensor
        torch_module().autograd.graph.increment_version(tensor)


def note_write(tensor: Any) -> None:
    """``advance_version``, unless it is an inference tensor, which has none."""
    if not tensor.is_inference():
        advance_version(tensor)
        inner = behind_transforms(tensor)
        if inner is not tensor:
            advance_version(inner)


def default_generator(tensor: Any) -> Any:
    """torch's own default generator for a tensor's device."""
    torch = torch_module()
    if tensor.device.type == "cuda":
        return torch.cuda.default_generators[tensor.device.index]
    return torch.default_generator


def qr(matrix: NDArray[Any]) -> tuple[Any, Any]:
    """The tensors Q and R that torch.nn.init.orthogonal_ finds for a matrix; of a wide one, for its transpose."""
    torch = torch_module()
    tensor = torch.from_numpy(matrix)
    q, r = torch.linalg.qr(tensor.t() if matrix.shape[0] < matrix.shape[1] else tensor)
    return behind_transforms(q), behind_transforms(r)
