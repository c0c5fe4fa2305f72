"""Modules: parameters, buffers and other modules by name, in the order of registration, as torch.nn.Module has them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Self

from ....generators.generator_like import GeneratorLike
from ...recipe.steps import Recipe
from ...replay.replay import replay
from ...replay.weights import Weights
from .parameter import Memory, Parameter
from .recipe import recipe_of
from .registration import Registered


class Module(Registered):
    """Parameters, buffers and other modules by name: a model, as torch.nn.Module has it, without numbers.

    Fills happen in the order in which layers are made, as in torch, and the state has the order in which they are
    registered: ``ResNet`` makes its shortcut first, and registers it last.

    Parameters
    ----------
    children
        Modules and parameters by name, in the order of registration. Subclasses call ``super().__init__()`` and assign
        attributes instead, as torch's do.

    References
    ----------
    ``torch.nn.Module``

    Examples
    --------
    >>> from refinit import layers
    >>> class Block(layers.Module):
    ...     def __init__(self, width):
    ...         super().__init__()
    ...         self.norm = layers.LayerNorm(width)
    ...         self.fc = layers.Linear(width, width)
    >>> model = layers.Module(block=Block(8), head=layers.Linear(8, 2, bias=False))
    >>> list(model.init(seed=0))
    ['block.norm.weight', 'block.norm.bias', 'block.fc.weight', 'block.fc.bias', 'head.weight']
    """

    __module__ = "refinit.layers"

    def init(self, generator: GeneratorLike = None, *, seed: int | None = None) -> Weights:
        """The numbers: every name of the state and its array, drawn as torch draws when it makes this model.

        Parameters
        ----------
        generator
            See ``help(refinit)``. From torch's stream all fills draw in the order in which they were noted; by position
            each parameter draws from the substream of its name.
        seed
            Instead of a generator: torch's stream from ``manual_seed(seed)``.

        Returns
        -------
        Weights
            A dict of arrays, in the order of torch's state_dict. Tied names share memory.

        Raises
        ------
        ValueError
            If both a generator and a seed are given, or nothing has filled a parameter.

        Examples
        --------
        >>> from refinit import layers
        >>> state = layers.Linear(320, 50).init(seed=0)
        >>> state["weight"].shape, state["bias"].shape
        ((50, 320), (50,))
        """
        return replay(self.recipe(), seed, generator=generator)

    def recipe(self) -> Recipe:
        """What ``init`` does, as data: buffers, steps in the order of drawing, and the state.

        Examples
        --------
        >>> from refinit import layers
        >>> [step.function for step in layers.Linear(3, 5).recipe().steps]
        ['kaiming_uniform_', 'uniform_']
        """
        return recipe_of(dict(self.named_state()), self._past(), type(self).__name__)

    def named_state(self, prefix: str = "") -> Iterator[tuple[str, Parameter]]:
        """Names and parameters in the order of state_dict; of a tied one, every name."""
        for held in (self._parameters, self._buffers):
            yield from (
                (prefix + name, parameter) for name, parameter in held.items() if parameter is not None
            )
        for name, child in self._modules.items():
            if child is not None:
                yield from child.named_state(f"{prefix}{name}.")

    def _past(self) -> Iterator[Memory]:
        """The memories of what is no longer registered anywhere below, or never was: it has drawn all the same."""
        for module in self.modules():
            if "_drawn" in module.__dict__:
                yield from module._drawn.memories  # noqa: SLF001 - of its own class
            for item in module._replaced:  # noqa: SLF001
                if isinstance(item, Parameter):
                    yield item.memory
                else:
                    yield from (parameter.memory for _, parameter in item.named_state())
                    yield from item._past()  # noqa: SLF001

    def named_modules(self, prefix: str = "", _seen: set[int] | None = None) -> Iterator[tuple[str, Module]]:
        """Itself and all modules below by name, each once, parents first."""
        seen = set() if _seen is None else _seen
        if id(self) in seen:
            return
        seen.add(id(self))
        yield prefix, self
        for name, child in self._modules.items():
            if child is not None:
                yield from child.named_modules(f"{prefix}.{name}" if prefix else name, seen)

    def modules(self) -> Iterator[Module]:
        """Itself and all modules below, each once, parents first."""
        return (module for _, module in self.named_modules())

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """Its own modules by name, each once."""
        first_names = {id(child): name for name, child in reversed(self._modules.items())}
        children = self._modules.items()
        return (
            (name, child) for name, child in children if child is not None and first_names[id(child)] == name
        )

    def children(self) -> Iterator[Module]:
        """Its own modules."""
        return (child for _, child in self.named_children())

    def named_parameters(self, prefix: str = "", recurse: bool = True) -> Iterator[tuple[str, Parameter]]:
        """Parameters by name, each once."""
        seen: set[int] = set()
        for path, module in self.named_modules(prefix) if recurse else [(prefix, self)]:
            for name, parameter in module._parameters.items():  # noqa: SLF001
                if parameter is not None and id(parameter) not in seen:
                    seen.add(id(parameter))
                    yield (f"{path}.{name}" if path else name), parameter

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """Parameters, each once."""
        return (parameter for _, parameter in self.named_parameters(recurse=recurse))

    def __call__(self, *_args: Any, **_kwargs: Any) -> Any:
        """Refuses: there is no forward."""
        raise NotImplementedError(
            f"{type(self).__name__} has no forward: expected init, which gives the arrays that torch, JAX or NumPy take"
        )

    def apply(self, fn: Callable[[Module], object]) -> Self:
        """Calls ``fn`` with every module below, children first, then with itself."""
        for child in self.children():
            child.apply(fn)
        fn(self)
        return self

    def train(self, mode: bool = True) -> Self:
        """Itself: no number depends on it."""
        self.training = mode
        return self

    def eval(self) -> Self:
        """Itself: no number depends on it."""
        return self.train(False)

    def __repr__(self) -> str:
        lines = [f"({name}): {child!r}".replace("\n", "\n  ") for name, child in self._modules.items()]
        own = [f"{name}={held.shape}" for name, held in self._parameters.items() if held is not None]
        inside = "".join(f"\n  {line}" for line in lines)
        return f"{type(self).__name__}({', '.join(own)}{inside + chr(10) if inside else ''})"
