"""Generators: torch's CPU random stream as an object, and whose stream a call draws from."""

from __future__ import annotations

import os
import threading
import weakref
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import _torch
from ._kernels.loader import kernel
from .scalars import type_name
from .torch_state import KEY_WORDS, STATE_BYTES, State, packed, unpacked

_FRESH_SEED = 67280421310721  # that of a torch.Generator() nobody has seeded
#: Engine memory as kernels see it: 624 uint32 key words and the position behind them (the "cursor"), then two
#: float64, the waiting normal and whether there is one (the "cache").
_CURSOR_WORDS = 628
CURSOR_BYTES = 4 * _CURSOR_WORDS

_all: weakref.WeakSet[Generator] = weakref.WeakSet()


class Generator:
    """torch's CPU stream: MT19937, consumed by fills exactly as torch 2.13 consumes it.

    Parameters
    ----------
    device
        Only ``"cpu"`` in this version.

    Notes
    -----
    A fresh generator has torch's fixed seed 67280421310721. Fills on one generator exclude each other by a lock held
    from the first check to the last draw. States travel both ways between ``torch.Generator`` and this class.

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
        if str(device).partition(":")[0] != "cpu":
            raise NotImplementedError(
                f"expected device 'cpu', got {str(device)!r}: this version has the CPU stream only"
            )
        memory = np.zeros(_CURSOR_WORDS // 2 + 2, np.uint64)
        self._memory = memory
        self._key = memory.view(np.uint32)
        self._waiting = memory[_CURSOR_WORDS // 2 :].view(np.float64)
        self._address: int = memory.ctypes.data
        self.cache: int = self._address + CURSOR_BYTES
        self.lock = threading.Lock()
        self._float_cache = bytes(8)
        self._set_seed(_FRESH_SEED)
        _all.add(self)

    @property
    def device(self) -> str:
        """Where the stream's arrays live: ``"cpu"``."""
        return "cpu"

    def manual_seed(self, seed: int) -> Generator:
        """Starts the stream of ``seed`` (in [-2**63, 2**64); only its low 32 bits matter) and returns self."""
        number = _checked_seed(seed)
        with self.lock:
            self._set_seed(number)
        return self

    def seed(self) -> int:
        """Takes a new 64-bit seed from the operating system, starts its stream, and returns it."""
        number = entropy()
        with self.lock:
            self._set_seed(number)
        return number

    def initial_seed(self) -> int:
        """The seed the stream started from, as an unsigned 64-bit number."""
        return self._seed

    def get_state(self) -> NDArray[np.uint8]:
        """The state as torch's 5056 bytes, a copy."""
        with self.lock:
            return np.frombuffer(bytearray(packed(self._saved())), np.uint8)

    def set_state(self, new_state: Any) -> Generator:
        """Takes a state from ``get_state``, ours or torch's, and returns self.

        Raises
        ------
        TypeError
            If it is no array or tensor of uint8.
        RuntimeError
            If its size is not 5056 bytes, or it is no state that drawing can reach.
        """
        state = unpacked(_state_bytes(new_state))
        with self.lock:
            self._restore(state)
        return self

    def clone_state(self) -> Generator:
        """An independent generator in the same state."""
        return Generator().set_state(self.get_state())

    def drawing(self) -> int:
        """The cursor's address, for a fill that draws words now; the lock is held."""
        if self._unexpanded:
            self._expand()
        self._fresh = False
        return self._address

    def has_waiting(self) -> bool:
        """Whether a normal of the last pair waits in the cache."""
        return bool(self._waiting[1])

    def _set_seed(self, seed: int) -> None:
        self._seed = seed
        self._unexpanded = (
            True  # the key waits for its first use: that takes a kernel, an import and a seed do not
        )
        self._waiting[:] = 0.0
        self._float_cache = bytes(8)
        self._fresh = True

    def _expand(self) -> None:
        kernel("seed_key")(self._address, self._seed & 0xFFFFFFFF)
        self._unexpanded = False

    def _saved(self) -> State:
        if self._unexpanded:
            self._expand()
        value, valid = self._waiting
        return State(
            self._seed,
            None if self._fresh else int(self._key[KEY_WORDS]),
            self._key[:KEY_WORDS],
            float(value) if valid else None,
            self._float_cache,
        )

    def _restore(self, state: State) -> None:
        self._seed, self._unexpanded = state.seed, False
        self._fresh = state.position is None
        self._key[:KEY_WORDS] = state.key
        self._key[KEY_WORDS] = KEY_WORDS if state.position is None else state.position
        self._waiting[:] = (0.0, 0.0) if state.waiting is None else (state.waiting, 1.0)
        self._float_cache = state.float_cache

    def __getstate__(self) -> bytes:
        return self.get_state().tobytes()

    def __setstate__(self, state: bytes) -> None:
        Generator.__init__(self)
        self._restore(unpacked(state))

    def __repr__(self) -> str:
        return f"<refinit.Generator device='cpu' initial_seed={self._seed}>"


def entropy() -> int:
    """64 bits from the operating system."""
    return int.from_bytes(os.urandom(8), "little")


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
    """Seeds the default generator and returns it; torch's generators are not touched."""
    if not isinstance(seed, np.integer):
        seed = int(seed)
    return default_generator.manual_seed(seed)


def seed() -> int:
    """Seeds the default generator from the operating system and returns the seed."""
    return default_generator.seed()


def initial_seed() -> int:
    """The seed of the default generator."""
    return default_generator.initial_seed()


def get_rng_state() -> NDArray[np.uint8]:
    """The default generator's state: torch's 5056 bytes."""
    return default_generator.get_state()


def set_rng_state(new_state: Any) -> None:
    """Sets the default generator's state, from ``get_rng_state`` or ``torch.get_rng_state``."""
    default_generator.set_state(new_state)


def _renew_locks() -> None:
    """Another thread of the parent may have held a lock when it forked."""
    for generator in _all:
        generator.lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_locks)
