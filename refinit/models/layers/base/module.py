"""Modules: parameters, buffers and other modules by name, in the order of registration, as torch.nn.Module has them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Self

from ....generators.generator_like import GeneratorLike
from ....laws.arguments import type_name
from ...recipe.steps import Recipe
from ...replay.replay import replay
from ...replay.weights import Weights
from .parameter import Parameter
from .recipe import recipe_of


class Module:
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
    _parameters: dict[str, Parameter | None]
    _buffers: dict[str, Parameter | None]
    _modules: dict[str, Module | None]
    #: What was registered and replaced: its fills have drawn all the same.
    _replaced: list[Any]
    training: bool

    def __init__(self, **children: Any) -> None:
        for name in ("_parameters", "_buffers", "_modules"):
            object.__setattr__(self, name, {})
        object.__setattr__(self, "_replaced", [])
        object.__setattr__(self, "training", True)
        for name, child in children.items():
            if not isinstance(child, (Module, Parameter)):
                raise TypeError(f"expected a Module or a Parameter as {name}, got {type_name(child)}")
            setattr(self, name, child)

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

    def _past(self) -> Iterator[Parameter]:
        """Parameters that are no longer registered anywhere below."""
        for module in self.modules():
            for item in module._replaced:  # noqa: SLF001 - of its own class
                if isinstance(item, Parameter):
                    yield item
                else:
                    yield from (parameter for _, parameter in item.named_state())
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
        """Its own modules by name."""
        return ((name, child) for name, child in self._modules.items() if child is not None)

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

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """Adds a parameter, or the name of one that is not there."""
        self._register(self._parameters, name, param)

    def register_buffer(self, name: str, tensor: Any, persistent: bool = True) -> None:
        """Adds a parameter or array that is no weight; one that is not persistent is in no state."""
        if tensor is not None and not isinstance(tensor, Parameter):
            tensor = Parameter(tensor)
        if persistent:
            self._register(self._buffers, name, tensor)
        else:
            self._replaced.append(tensor)
            object.__setattr__(self, name, tensor)

    def add_module(self, name: str, module: Module | None) -> None:
        """Adds a module."""
        self._register(self._modules, name, module)

    register_module = add_module

    def _register(self, held: dict[str, Any], name: str, item: Any) -> None:
        if not name or "." in name:
            raise KeyError(f"expected a name without dots, got {name!r}")
        if (
            held is self._parameters
            and item is not None
            and item.element.kind in "iub"
            and item.requires_grad
        ):
            raise RuntimeError(
                "Only Tensors of floating point and complex dtype can require gradients: expected a floating dtype of "
                f"{name}, got {item.dtype}; for a buffer write register_buffer({name!r}, ...)"
            )
        previous = held.get(name)
        if previous is not None and previous is not item:
            self._replaced.append(previous)
        for other in (self._parameters, self._buffers, self._modules):
            if other is not held and other.get(name) is not None:
                self._replaced.append(other[name])
            if other is not held:
                other.pop(name, None)
        self.__dict__.pop(name, None)
        held[name] = item

    def __setattr__(self, name: str, value: Any) -> None:
        held = self.__dict__.get("_modules" if isinstance(value, Module) else "_parameters")
        if isinstance(value, (Module, Parameter)) and held is None:
            raise AttributeError(
                "cannot assign before Module.__init__() call: write super().__init__() first"
            )
        if isinstance(value, Parameter) and name in self._buffers:
            held = self._buffers
        if value is None:
            tables = (self.__dict__.get(table, {}) for table in ("_parameters", "_buffers", "_modules"))
            held = next((table for table in tables if name in table), None)
        if held is None or not isinstance(value, (Module, Parameter, type(None))):
            object.__setattr__(self, name, value)
        else:
            self._register(held, name, value)

    def __getattr__(self, name: str) -> Any:
        for table in ("_parameters", "_buffers", "_modules"):
            held = self.__dict__.get(table, {})
            if name in held:
                return held[name]
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __delattr__(self, name: str) -> None:
        for held in (self._parameters, self._buffers, self._modules):
            if name in held:
                self._replaced.append(held.pop(name))
                return
        object.__delattr__(self, name)

    def __repr__(self) -> str:
        lines = [f"({name}): {child!r}".replace("\n", "\n  ") for name, child in self._modules.items()]
        own = [f"{name}={held.shape}" for name, held in self._parameters.items() if held is not None]
        inside = "".join(f"\n  {line}" for line in lines)
        return f"{type(self).__name__}({', '.join(own)}{inside + chr(10) if inside else ''})"
