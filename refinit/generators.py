"""Generator: torch's CPU random stream as an object; and the one that calls without a generator draw from."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import _torch
from .engine import Engine
from .scalars import type_name
from .torch_state import STATE_BYTES, packed, unpacked

_FRESH_SEED = 67280421310721  # that of a torch.Generator() nobody has seeded


class Generator:
    """torch's CPU stream: MT19937, consumed by fills exactly as torch 2.13 consumes it.

    Parameters
    ----------
    device
        Only ``"cpu"`` in this version.

    Notes
    -----
    A fresh generator has torch's fixed seed 67280421310721. Fills on one generator exclude each other by a lock held
    while one draws. States travel both ways between ``torch.Generator`` and this class.

    References
    ----------
    Matsumoto & Nishimura (1998), ACM TOMACS 8(1); ``torch.Generator``.

    Examples
    --------
    >>> import refinit as init
    >>> g = init.Generator().manual_seed(0)
    >>> float(init.uniform_(init.empty(1), generator=g)[0])
    0.49625658988952637
    """

    def __init__(self, device: str = "cpu") -> None:
        _check_device(device)
        self._engine = Engine(_FRESH_SEED)

    @property
    def device(self) -> str:
        """Where the stream's arrays live: ``"cpu"``.

        Examples
        --------
        >>> import refinit as init
        >>> init.Generator().device
        'cpu'
        """
        return "cpu"

    def manual_seed(self, seed: int) -> Generator:
        """Starts the stream of ``seed`` and returns self.

        Parameters
        ----------
        seed
            An integer in [-2**63, 2**64); only its low 32 bits matter to the stream.

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
        number = _checked_seed(seed)
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
        """The state as torch's 5056 bytes, a copy: ``torch.from_numpy`` of it is a state for ``torch.Generator``.

        Examples
        --------
        >>> import refinit as init
        >>> init.Generator().get_state().shape
        (5056,)
        """
        return np.frombuffer(
            bytearray(self._engine.exclusively(lambda: packed(self._engine.saved()))), np.uint8
        )

    def set_state(self, new_state: Any) -> Generator:
        """Takes a state from ``get_state``, ours or torch's, and returns self.

        Parameters
        ----------
        new_state
            An array or tensor of uint8 with 5056 elements; it is copied.

        Raises
        ------
        TypeError
            If it is no array or tensor of uint8.
        RuntimeError
            If its size is not 5056 bytes, or it is no state that drawing can reach.

        Examples
        --------
        >>> import refinit as init
        >>> g = init.Generator().manual_seed(3)
        >>> init.Generator().set_state(g.get_state()).initial_seed()
        3
        """
        state = unpacked(_state_bytes(new_state))
        self._engine.exclusively(lambda: self._engine.restore(state))
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
        return Generator().set_state(self.get_state())

    def __getstate__(self) -> bytes:
        return self.get_state().tobytes()

    def __setstate__(self, state: bytes) -> None:
        Generator.__init__(self)
        self._engine.restore(unpacked(state))

    def __repr__(self) -> str:
        return f"<refinit.Generator device='cpu' initial_seed={self.initial_seed()}>"


def entropy() -> int:
    """64 bits from the operating system."""
    return int.from_bytes(os.urandom(8), "little")


def _check_device(device: Any) -> None:
    name = "cpu" if device is None else device.decode() if isinstance(device, bytes) else device
    if not isinstance(name, str):
        if type_name(name) != "torch.device":
            raise TypeError(
                f"Generator(): argument 'device' (position 1) must be a device's name, not {type_name(name)}"
            )
        name = str(name)
    kind, colon, index = name.partition(":")
    if colon and not index.isdecimal():
        raise RuntimeError(f"Invalid device string: {name!r}")
    if kind not in ("cpu", "cuda"):
        raise RuntimeError(f"expected device 'cpu', got {name!r}")
    if kind == "cuda":
        raise NotImplementedError(
            "expected device 'cpu', got 'cuda': this version of refinit has the CPU stream only"
        )


def _checked_seed(seed: Any) -> int:
    if type(seed) is not int:
        if isinstance(seed, np.integer):
            seed = int(seed)
        else:
            raise RuntimeError(f"manual_seed expected a long, but got {type_name(seed).rpartition('.')[2]}")
    if not -(2**63) <= seed < 2**64:
        raise ValueError(f"Overflow when unpacking long long: expected a seed in [-2**63, 2**64), got {seed}")
    return int(seed % 2**64)


def _state_bytes(state: Any) -> bytes:
    if _torch.is_tensor(state):
        state = state.numpy()
    if not isinstance(state, np.ndarray):
        raise TypeError(f"expected an array or tensor of uint8, got {type_name(state)}")
    if state.dtype != np.uint8:
        raise TypeError(f"RNG state must be a torch.ByteTensor or a uint8 array, got dtype {state.dtype}")
    if state.size != STATE_BYTES:
        raise RuntimeError(
            f"Expected a CPUGeneratorImplState of size {STATE_BYTES} "
            f"but found the input RNG state size to be {state.size}"
        )
    return state.tobytes()


default_generator = Generator()
default_generator.seed()


def manual_seed(seed: int) -> Generator:
    """Seeds the default generator and returns it. Torch's generators, and so torch's tensors, are not touched.

    Parameters
    ----------
    seed
        Anything that ``int()`` makes an integer in [-2**63, 2**64) of.

    Raises
    ------
    TypeError, ValueError
        If ``int()`` does not take it, or the integer is out of that range.

    Examples
    --------
    >>> import refinit as init
    >>> init.manual_seed(0) is init.default_generator
    True
    """
    if not isinstance(seed, np.integer):
        seed = int(seed)
    return default_generator.manual_seed(seed)


def seed() -> int:
    """Seeds the default generator from the operating system and returns the seed, 64 bits.

    Examples
    --------
    >>> import refinit as init
    >>> init.seed() == init.initial_seed()
    True
    """
    return default_generator.seed()


def initial_seed() -> int:
    """The seed that the default generator started from, as an unsigned 64-bit number.

    Examples
    --------
    >>> import refinit as init
    >>> _ = init.manual_seed(5)
    >>> init.initial_seed()
    5
    """
    return default_generator.initial_seed()


def get_rng_state() -> NDArray[np.uint8]:
    """The default generator's state: torch's 5056 bytes, a copy.

    torch's function gives and takes a tensor: ``torch.set_rng_state(torch.from_numpy(init.get_rng_state()))``.

    Examples
    --------
    >>> import refinit as init
    >>> init.get_rng_state().shape
    (5056,)
    """
    return default_generator.get_state()


def set_rng_state(new_state: Any) -> None:
    """Sets the default generator's state.

    Parameters
    ----------
    new_state
        From ``get_rng_state``, or the tensor of ``torch.get_rng_state``.

    Raises
    ------
    TypeError
        If it is no array or tensor of uint8.
    RuntimeError
        If its size is not 5056 bytes, or it is no state that drawing can reach.

    Examples
    --------
    >>> import refinit as init
    >>> state = init.get_rng_state()
    >>> first = init.uniform_(init.empty(3))
    >>> init.set_rng_state(state)
    >>> bool((init.uniform_(init.empty(3)) == first).all())
    True
    """
    default_generator.set_state(new_state)
