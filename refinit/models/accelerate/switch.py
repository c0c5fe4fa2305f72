"""``accelerate_torch``: on for the whole process while any block, or ``install``, asks for it."""

from __future__ import annotations

import threading
from contextlib import ContextDecorator
from types import TracebackType
from typing import Any

from ..._fork import after_fork, undivided

#: The first that has torch.library.get_kernel.
_OLDEST = "2.9"


class _Switch:
    """``blocks``: that are open, in all threads; ``installed``: whether ``install`` was called last."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.blocks = 0
        self.installed = False
        self.library: Any = None

    def change(self, blocks: int, installed: bool | None = None) -> None:
        """Counts blocks in or out, and has torch's kernels replaced while anybody wants it."""
        with self.lock:
            wanted = installed if installed is not None else self.installed
            if (self.blocks + blocks > 0 or wanted) and self.library is None:
                self.library = _replaced()
            self.blocks += blocks
            self.installed = wanted
            if not (self.blocks or wanted) and self.library is not None:
                library, self.library = self.library, None
                _put_back(library)


_switch = _Switch()


def _renew() -> None:
    """A forked child goes on as its parent was; the lock may have been another thread's."""
    _switch.lock = threading.RLock()


after_fork(_renew)


def _replaced() -> Any:
    _require_torch()
    with undivided():
        from . import dispatched, functions, kaiming  # and torch with them
    library = dispatched.register()
    functions.replace()
    kaiming.replace()
    return library


def _put_back(library: Any) -> None:
    from . import dispatched, functions, kaiming

    kaiming.restore()
    functions.restore()
    dispatched.unregister(library)


def _require_torch() -> None:
    """Raises ImportError where torch is missing, or too old."""
    cure = f'pip install "torch>={_OLDEST}"'
    try:
        with undivided():
            import torch
    except ModuleNotFoundError as error:
        raise ImportError(
            f"accelerate_torch expected torch, whose random fills it takes over, got none: {cure}; refinit's own "
            "initializers fill arrays without it"
        ) from error
    if not hasattr(torch.library, "get_kernel"):
        raise ImportError(
            f"accelerate_torch expected torch {_OLDEST} or newer, which has torch.library.get_kernel, got torch "
            f"{torch.__version__}: {cure}; or use refinit's initializers on the tensors"
        )


class accelerate_torch(ContextDecorator):  # noqa: N801 - used as contextlib's are
    """torch's random fills of CPU tensors in less time: ``with refinit.accelerate_torch(): model = Net()``.

    Within the block, ``uniform_`` and ``normal_`` of torch's dispatcher are filled by refinit, from torch's own
    generator and with torch's bits: those of ``torch.nn.init``, methods, ``.data``, ``torch.rand`` and ``torch.randn``,
    whoever calls them. The model, the generator's state afterwards, warnings, errors and version counters are those of
    the same code without the block.

    Raises
    ------
    ImportError
        When a block is entered, if torch is missing or older than 2.9. Nothing has changed then.

    Notes
    -----
    *Taken*: dense and strided CPU tensors of float32, bfloat16, float16, complex64 and, of ``uniform_``, float64 and
    complex128, from some thousands of elements on; ``trunc_normal_`` whose bounds hold at least 0.3 of the law.

    *Left to torch*: small tensors; float64 ``normal_``; all other draws (``bernoulli_``, ``randint``, dropout), fills
    (``fill_``, ``zeros_``) and devices; what a mode, a tracer or a transform handles before it reaches the CPU kernel;
    and every call that refinit refuses, so that torch raises its own error. ``sparse_`` and ``orthogonal_`` are torch's
    but for the normals in them. Each element type is compared with torch's own numbers the first time it is met: where
    this torch, on this processor, draws other bits, it goes on drawing them itself.

    *The whole process*: the block holds for all threads, as torch's dispatcher does; blocks nest, and the last one that
    ends, in whatever thread and by whatever exception, puts torch's kernels back. A forked child goes on as its parent
    was. A fill that is interrupted leaves the generator as it was before, as one of refinit's own does.

    *Threads that share a generator*: a fill by refinit that another thread's draws have met is not kept; torch does it
    then. Open is the microsecond in which a state is compared and put back.

    References
    ----------
    ``torch.library.get_kernel``, by which a kernel calls the one that it replaces

    Examples
    --------
    >>> import refinit, torch
    >>> with refinit.accelerate_torch():
    ...     layer = torch.nn.Linear(512, 512)

    As a decorator, ``@refinit.accelerate_torch()`` above the function that makes the model.
    """

    def __enter__(self) -> None:
        _switch.change(1)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        _switch.change(-1)

    @staticmethod
    def install() -> None:
        """Switches it on until ``uninstall``; a second call changes nothing.

        Raises
        ------
        ImportError
            As a block does.

        Examples
        --------
        >>> import refinit
        >>> refinit.accelerate_torch.install()
        >>> refinit.accelerate_torch.uninstall()
        """
        _switch.change(0, installed=True)

    @staticmethod
    def uninstall() -> None:
        """Undoes ``install``, however often it was called; blocks that are open go on to their end.

        Examples
        --------
        >>> import refinit
        >>> refinit.accelerate_torch.uninstall()
        """
        _switch.change(0, installed=False)
