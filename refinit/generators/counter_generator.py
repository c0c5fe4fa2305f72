"""CounterGenerator: a random stream in which position is everything."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._fork import undivided
from ..laws.arguments import type_name
from ..streams.counter.engine import FILLS, CounterEngine
from .seeds import counter_key, entropy, state_bytes

#: The state's bytes: a mark that tells it from a Generator's, the key, the next fill number; little endian.
_STATE = struct.Struct("<8sQQ")
_MARK = b"refinit\x01"


class CounterGenerator:
    """Philox4x32-10 by position: an element is a function of (key, fill number, index) and of nothing else.

    Threads, strides, chunks, the device and the shard being filled do not change it.  Each random fill takes the next
    fill number, also an empty one; refused calls and deterministic laws take none.

    Parameters
    ----------
    seed
        The 64-bit key, in [-2**63, 2**64); None takes one from the operating system, which ``repr`` shows.

    Raises
    ------
    TypeError
        If the seed is no integer.
    ValueError
        If it is out of range.

    References
    ----------
    Salmon, Moraes, Dror & Shaw (2011), SC '11, https://doi.org/10.1145/2063384.2063405

    Examples
    --------
    >>> import refinit as init
    >>> layers = init.CounterGenerator(0)
    >>> w = init.xavier_uniform_(init.empty(3, 5), generator=layers.substream("encoder.0.weight"))
    >>> layers.substream("encoder.0.weight")
    CounterGenerator(0x70ae74f772cb3da1)
    >>> layers.fill_number  # a substream counts its own fills
    0
    """

    __module__ = "refinit"  # what pickles name: the public place, wherever the class stands

    __slots__ = ("_engine",)

    def __init__(self, seed: int | None = None) -> None:
        self._engine = CounterEngine(entropy() if seed is None else counter_key(seed))

    @property
    def fill_number(self) -> int:
        """The number that the next random fill takes, from 0 to 2**32; the last is one too many."""
        return self._engine.next_fill

    def initial_seed(self) -> int:
        """The key, as an unsigned 64-bit number."""
        return self._engine.key

    def substream(self, name: str | bytes | int) -> CounterGenerator:
        """The generator of this name, at fill 0: a function of this one's key and the name; this one does not move.

        The key is the 64-bit BLAKE2b digest of the parent's key (8 bytes, little endian), the type of the name (one of
        the letters s, b, i) and the name (UTF-8, the bytes, decimal digits).

        Parameters
        ----------
        name
            A parameter's name, a layer's number; 1, "1" and b"1" are three names. A bytearray is taken as its bytes.

        Raises
        ------
        TypeError
            If the name is none of these.
        ValueError
            If UTF-8 cannot encode it.

        Examples
        --------
        >>> import refinit as init
        >>> g = init.CounterGenerator(7)
        >>> g.substream("blocks").substream(3).initial_seed() == g.substream("blocks").substream(3).initial_seed()
        True
        """
        with undivided():
            from hashlib import blake2b  # not at import time: it brings OpenSSL

        digest = blake2b(self._engine.key.to_bytes(8, "little") + _name_bytes(name), digest_size=8)
        return CounterGenerator(int.from_bytes(digest.digest(), "little"))

    def get_state(self) -> NDArray[np.uint8]:
        """The state as 24 bytes, a copy: a mark, the key, the next fill number.

        Examples
        --------
        >>> import refinit as init
        >>> init.CounterGenerator(3).get_state().tobytes().hex(" ", 8)
        '726566696e697401 0300000000000000 0000000000000000'
        """
        engine = self._engine
        raw = engine.exclusively(lambda: _STATE.pack(_MARK, engine.key, engine.next_fill))
        return np.frombuffer(bytearray(raw), np.uint8)

    def set_state(self, new_state: Any) -> CounterGenerator:
        """Takes a state from ``get_state`` and returns self.

        Parameters
        ----------
        new_state
            An array or tensor of uint8 with 24 elements; it is copied.

        Raises
        ------
        TypeError
            If it is no array or tensor of uint8.
        RuntimeError
            If it is no CounterGenerator's state.

        Examples
        --------
        >>> import refinit as init
        >>> init.CounterGenerator().set_state(init.CounterGenerator(3).get_state())
        CounterGenerator(0x0000000000000003)
        """
        key, next_fill = _unpacked(new_state)
        self._engine.exclusively(lambda: self._engine.restore(key, next_fill))
        return self

    def clone_state(self) -> CounterGenerator:
        """An independent generator in the same state: for another block of the same tensor.

        Examples
        --------
        >>> import refinit as init
        >>> init.CounterGenerator(3).clone_state()
        CounterGenerator(0x0000000000000003)
        """
        return CounterGenerator(0).set_state(self.get_state())

    def __getstate__(self) -> bytes:
        return self.get_state().tobytes()

    def __setstate__(self, state: bytes) -> None:
        self._engine = CounterEngine(0)
        self.set_state(np.frombuffer(state, np.uint8))

    def __repr__(self) -> str:
        fill = f", fill_number={self.fill_number}" if self.fill_number else ""
        return f"CounterGenerator({self.initial_seed():#018x}{fill})"


def _name_bytes(name: Any) -> bytes:
    if isinstance(name, str):
        try:
            return b"s" + name.encode()
        except UnicodeEncodeError:
            raise ValueError(f"expected a name that UTF-8 can encode, got {name!r}") from None
    if isinstance(name, (bytes, bytearray)):
        return b"b" + bytes(name)
    if isinstance(name, (int, np.integer)) and not isinstance(name, bool):
        return b"i" + str(int(name)).encode()
    raise TypeError(f"expected a name of type str, bytes or int, got {type_name(name)}")


def _unpacked(state: Any) -> tuple[int, int]:
    raw = state_bytes(state)
    if len(raw) != _STATE.size or not raw.startswith(_MARK):
        raise RuntimeError(
            f"expected the {_STATE.size} bytes that CounterGenerator.get_state returns, got {len(raw)} others; "
            "a Generator's state is of another kind"
        )
    _, key, next_fill = _STATE.unpack(raw)
    if next_fill > FILLS:
        raise RuntimeError(f"expected a fill number of at most {FILLS}, got {next_fill}")
    return key, next_fill
