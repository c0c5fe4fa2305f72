"""Generator: torch's random streams, the CPU's and CUDA's, as objects."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _torch
from ..laws.arguments import type_name
from ..streams.torch_cpu.engine import TorchCpuEngine
from ..streams.torch_cuda.engine import TorchCudaEngine, stated_geometry
from .seeds import entropy, state_bytes, torch_seed

_FRESH_SEED = 67280421310721  # that of a torch.Generator() nobody has seeded


class Generator:
    """torch's stream, consumed by fills as torch 2.13 consumes it: on the CPU MT19937, on CUDA Philox4x32-10.

    Parameters
    ----------
    device
        ``"cpu"``, or ``"cuda"`` or ``"cuda:1"``: torch's name or device.
    multiprocessors, threads_per_multiprocessor
        With ``"cuda"``: the GPU whose stream is replayed in CPU memory, by ``multi_processor_count`` and
        ``max_threads_per_multi_processor`` of ``torch.cuda.get_device_properties`` (an H100 SXM: 132 and 2048, a T4: 40
        and 1024), on a CUDA array, too, instead of its own. Without them the generator fills no CPU memory.

    Raises
    ------
    TypeError
        If the device is no name, or only one number is given, or one with ``"cpu"``, or one that is no integer.
    RuntimeError
        If the device's name is none of the CPU's or CUDA's; whether that GPU exists is not asked.
    ValueError
        If there are fewer than 1 multiprocessor or 256 threads.

    Notes
    -----
    A fresh generator has torch's fixed seed 67280421310721. Fills on one generator exclude each other by a lock held
    while one draws. States travel both ways between ``torch.Generator`` and this class.

    On the CPU's stream float64 and complex128 normals, and those of fewer than 16 or of scattered elements, have the C
    library's log, log1p, sin and cos, as torch's do. Their last bits are those of another machine where these
    functions round alike: glibc's do so on x86-64 processors with FMA, and otherwise on those without.

    On CUDA's stream ``uniform_`` and its kin are exact; ``normal_`` and its kin are replayed within about 1e-6 std of
    what a GPU computes (at most 5e-6 in the tails; then rounded to the type), and in memory of more than 2 GiB refused:
    NotImplementedError. Other random laws come by position, with a RefinitWarning: from a CounterGenerator for that
    fill, keyed by 4 words of this stream, not with torch's bits.

    All this follows from torch's and NVIDIA's headers. Reports by torch's users confirm float32 normals to the four
    decimals that they printed on GPUs (docs/semantics.md has the list), and two uniforms; other types and further
    digits are unconfirmed.

    References
    ----------
    Matsumoto & Nishimura (1998), ACM TOMACS 8(1); Salmon, Moraes, Dror & Shaw (2011), SC '11; ``torch.Generator``.

    Examples
    --------
    >>> import refinit as init
    >>> g = init.Generator().manual_seed(0)
    >>> float(init.uniform_(init.empty(1), generator=g)[0])
    0.49625658988952637
    >>> t4 = init.Generator("cuda", multiprocessors=40, threads_per_multiprocessor=1024).manual_seed(0)
    >>> float(init.uniform_(init.empty(1), generator=t4)[0])
    0.39904648065567017
    """

    __module__ = "refinit"  # what pickles name: the public place, wherever the class stands

    def __init__(
        self,
        device: Any = "cpu",
        *,
        multiprocessors: int | None = None,
        threads_per_multiprocessor: int | None = None,
    ) -> None:
        self._device = _device_name(device)
        geometry = stated_geometry(multiprocessors, threads_per_multiprocessor)
        self._engine: TorchCpuEngine | TorchCudaEngine
        if self._device != "cpu":
            self._engine = TorchCudaEngine(_FRESH_SEED, geometry)
        elif geometry is None:
            self._engine = TorchCpuEngine(_FRESH_SEED)
        else:
            raise TypeError(
                "expected multiprocessors and threads_per_multiprocessor with device 'cuda', got them with 'cpu'"
            )

    @property
    def device(self) -> str:
        """Whose stream it is: ``"cpu"``, ``"cuda"`` or, for example, ``"cuda:1"``.

        Examples
        --------
        >>> import refinit as init
        >>> init.Generator().device
        'cpu'
        """
        return self._device

    def manual_seed(self, seed: int) -> Generator:
        """Starts the stream of ``seed`` and returns self.

        Parameters
        ----------
        seed
            An integer in [-2**63, 2**64); only its low 32 bits matter to the CPU's stream.

        Raises
        ------
        RuntimeError
            If seed is no integer (torch's type for it; a bool is none).
        ValueError
            If it is outside of [-2**63, 2**64).

        Examples
        --------
        >>> import refinit as init
        >>> init.Generator().manual_seed(-1).initial_seed() == 2**64 - 1
        True
        """
        number = torch_seed(seed)
        self._engine.exclusively(lambda: self._engine.start(number))
        return self

    def seed(self) -> int:
        """Takes a new 64-bit seed from the operating system, starts its stream, and returns it.

        Examples
        --------
        >>> import refinit as init
        >>> g = init.Generator()
        >>> g.seed() == g.initial_seed()
        True
        """
        number = entropy()
        self._engine.exclusively(lambda: self._engine.start(number))
        return number

    def initial_seed(self) -> int:
        """The seed the stream started from, as an unsigned 64-bit number."""
        return self._engine.seed

    def get_state(self) -> NDArray[np.uint8]:
        """The state as torch's bytes, 5056 or on CUDA 16, a copy.

        ``torch.from_numpy`` of it is a state for a ``torch.Generator`` of that device.

        Examples
        --------
        >>> import refinit as init
        >>> init.Generator().get_state().shape
        (5056,)
        """
        return np.frombuffer(bytearray(self._engine.exclusively(self._engine.packed)), np.uint8)

    def set_state(self, new_state: Any) -> Generator:
        """Takes a state from ``get_state``, ours or torch's, and returns self.

        Parameters
        ----------
        new_state
            An array or tensor of uint8 with 5056 elements, on CUDA 16; it is copied.

        Raises
        ------
        TypeError
            If it is no array or tensor of uint8.
        RuntimeError
            If its size is another (of CUDA's, the seed's 8 bytes alone will do), or no drawing can reach it.

        Examples
        --------
        >>> import refinit as init
        >>> g = init.Generator().manual_seed(3)
        >>> init.Generator().set_state(g.get_state()).initial_seed()
        3
        """
        raw = state_bytes(new_state)
        self._engine.exclusively(lambda: self._engine.unpack(raw))
        return self

    def clone_state(self) -> Generator:
        """An independent generator in the same state.

        Examples
        --------
        >>> import refinit as init
        >>> g = init.Generator().manual_seed(3)
        >>> other = g.clone_state()
        >>> bool(init.uniform_(init.empty(1), generator=g) == init.uniform_(init.empty(1), generator=other))
        True
        """
        other = Generator.__new__(Generator)
        other.__setstate__(self.__getstate__())
        return other

    def __getstate__(self) -> tuple[str, dict[str, int], bytes]:
        return self._device, self._geometry(), self.get_state().tobytes()

    def __setstate__(self, state: tuple[str, dict[str, int], bytes]) -> None:
        device, geometry, raw = state
        Generator.__init__(self, device, **geometry)
        self._engine.unpack(raw)

    def _geometry(self) -> dict[str, int]:
        geometry = self._engine.geometry if isinstance(self._engine, TorchCudaEngine) else None
        return {} if geometry is None else geometry._asdict()

    def __repr__(self) -> str:
        facts = {"device": self._device, **self._geometry(), "initial_seed": self.initial_seed()}
        return f"<refinit.Generator {' '.join(f'{name}={fact!r}' for name, fact in facts.items())}>"


def _device_name(device: Any) -> str:
    name = "cpu" if device is None else device.decode() if isinstance(device, bytes) else device
    if not isinstance(name, str):
        if not _torch.is_device(name):
            raise TypeError(
                f"Generator(): argument 'device' (position 1) must be a device's name, not {type_name(name)}"
            )
        name = str(name)
    kind, colon, index = name.partition(":")
    if colon and not index.isdecimal():
        raise RuntimeError(f"Invalid device string: {name!r}")
    if kind not in ("cpu", "cuda"):
        raise RuntimeError(f"expected device 'cpu' or 'cuda', got {name!r}")
    return name if kind == "cuda" else kind
