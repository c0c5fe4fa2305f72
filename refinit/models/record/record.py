"""``record``: a constructor of torch becomes a recipe."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import torch

from ..recipe.problem import RecipeError
from ..recipe.steps import Recipe
from ..replay.opening import opened
from . import checking
from .assembling import assembled
from .captured import captured
from .recorder import Guard, Recorder
from .refusals import refused
from .surroundings import constructed, surroundings

#: Of the recording, which draws nothing: a seed that no constructor sets by itself.
_SEED = 0x5EED_0F_A_2EC0_2D
#: NumPy's and Python's generators: other numbers while a recording runs than while it is checked.
_OTHERS = 1


def record(factory: Callable[[], Any], *, check: bool = True, source: str = "") -> Recipe:
    """The recipe of the module that a torch constructor makes: its draws, in order, and what becomes of them.

    The constructor runs once, and nothing is drawn: memory that random numbers would reach is not touched, so a model
    of any size takes seconds. Then it runs in earnest, from another seed, and is compared with what the recipe gives.
    ``replay(recipe, seed)`` has the bits that torch makes from this seed; what LAPACK or a math library rounds its own
    way (``orthogonal_``, ``erfinv``, norms) has a bound, which ``replay`` reports.

    Parameters
    ----------
    factory
        Constructs the module, with no arguments: a class, or ``lambda: Net(depth=50)``.
    check
        Whether to construct once more and compare; False for models that memory has no room for.
    source
        What the recipe says it was made from; the factory's module and name, if empty.

    Returns
    -------
    Recipe
        Its ``state`` has the names of the module's state_dict, tied ones as one view. Each step has its file and line,
        and the call of ``torch.nn.init`` that it came from. Steps that no name depends on are left out, but draws stay:
        they move the generator.

    Raises
    ------
    NotImplementedError
        If the constructor does what a recipe cannot say, with its line: it looks at random numbers (``item``,
        ``numpy``, a comparison in an ``if``), seeds torch's generator or uses another one, draws by a law that refinit
        lacks (``randperm``, dropout), computes by an operation that recipes lack, leaves memory uninitialised, or makes
        tensors on another device than the CPU, such as meta. If the second construction differs, with each name: by
        values that are NumPy's or Python's random numbers, for one.
    TypeError
        If ``factory`` is no function, or what it returns no ``torch.nn.Module``.

    Notes
    -----
    Only what the constructor does in this thread is seen. What it changes elsewhere is put back: the default dtype, and
    the states of torch's, NumPy's and Python's generators. Warnings and errors of the constructor are its own.

    Examples
    --------
    >>> import torch
    >>> import refinit as init
    >>> recipe = init.record(lambda: torch.nn.Linear(3, 2))
    >>> [(step.call.partition("(")[0], step.out.buffer) for step in recipe.steps]
    [('kaiming_uniform_', 'weight'), ('uniform_', 'bias')]
    >>> _ = torch.manual_seed(7)
    >>> weight = torch.nn.Linear(3, 2).weight.detach()
    >>> bool((init.replay(recipe, seed=7)["weight"] == weight.numpy()).all())
    True
    """
    if isinstance(factory, torch.nn.Module) or not callable(factory):
        raise TypeError(
            "expected a function that constructs a module, as in refinit.record(lambda: Net()), "
            f"got {type(factory).__name__}"
        )
    recipe = _recorded(factory, source or _name_of(factory))
    if check:
        checking.check(factory, recipe)
    return recipe


def _recorded(factory: Callable[[], Any], source: str) -> Recipe:
    with surroundings(_SEED, others=_OTHERS):
        recorder = Recorder()
        try:
            with captured(recorder), Guard(recorder), recorder:
                module = constructed(factory)
                state = module.state_dict(keep_vars=True)
                recorder.expect_unmoved()
        except Exception:
            if recorder.refusal is not None:
                raise recorder.refusal from None
            raise
    if recorder.refusal is not None:
        raise recorder.refusal
    unsaved = {**dict(module.named_parameters()), **dict(module.named_buffers())}
    return _valid(assembled(recorder, state, unsaved, source, _versions(source)))


def _valid(recipe: Recipe) -> Recipe:
    """The recipe, which replay takes; a step that it does not is refused with its line."""
    try:
        return opened(recipe, sys.maxsize)
    except RecipeError as error:
        index = re.match(r"steps\[(\d+)\]", error.place)
        where = recipe.steps[int(index[1])].where if index else ""
        raise refused(f"recipes have no such step ({error})", where) from None


def _name_of(factory: Callable[[], Any]) -> str:
    module, name = (
        getattr(factory, "__module__", ""),
        getattr(factory, "__qualname__", type(factory).__name__),
    )
    return f"{module}:{name}"


def _versions(source: str) -> Mapping[str, str]:
    """Of torch, and of the package that has the constructor."""
    versions = {"torch": torch.__version__}
    package = source.partition(":")[0].partition(".")[0]
    try:
        versions[package] = version(package)
    except (PackageNotFoundError, ValueError):
        number = getattr(sys.modules.get(package), "__version__", None)
        if isinstance(number, str):
            versions[package] = number
    return versions
