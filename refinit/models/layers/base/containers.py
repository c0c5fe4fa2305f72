"""Modules in a row, in a list or in a dictionary."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .module import Module
from .parameter import Parameter


class _Numbered(Module):
    """Modules by number."""

    __module__ = "refinit.layers"

    def append(self, module: Module) -> _Numbered:
        """Adds one at the end."""
        self.add_module(str(len(self)), module)
        return self

    def extend(self, modules: Iterable[Module]) -> _Numbered:
        """Adds several at the end."""
        for module in modules:
            self.append(module)
        return self

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._modules.values())

    def __getitem__(self, index: int | slice) -> Any:
        modules = [*self._modules.values()]
        return type(self)(*self._arguments(modules[index])) if isinstance(index, slice) else modules[index]

    def __setitem__(self, index: int, module: Module) -> None:
        self.add_module([*self._modules][index], module)

    def _arguments(self, modules: list[Any]) -> tuple[Any, ...]:
        return tuple(modules)


class Sequential(_Numbered):
    """Modules in a row, named "0", "1", ...; or, of one dictionary, by its keys.

    Parameters
    ----------
    args
        Modules, or one dictionary of them.

    References
    ----------
    ``torch.nn.Sequential``

    Examples
    --------
    >>> from refinit import layers
    >>> list(layers.Sequential(layers.Linear(3, 5), layers.ReLU(), layers.Linear(5, 2)).init(seed=0))
    ['0.weight', '0.bias', '2.weight', '2.bias']
    """

    def __init__(self, *args: Any) -> None:
        super().__init__()
        if len(args) == 1 and isinstance(args[0], Mapping):
            for name, module in args[0].items():
                self.add_module(name, module)
        else:
            self.extend(args)


class ModuleList(_Numbered):
    """Modules by number.

    Parameters
    ----------
    modules
        Any number of them.

    References
    ----------
    ``torch.nn.ModuleList``

    Examples
    --------
    >>> from refinit import layers
    >>> list(layers.ModuleList(layers.PReLU() for _ in range(2)).init(seed=0))
    ['0.weight', '1.weight']
    """

    def __init__(self, modules: Iterable[Module] | None = None) -> None:
        super().__init__()
        self.extend(modules or ())

    def _arguments(self, modules: list[Any]) -> tuple[Any, ...]:
        return (modules,)


class ModuleDict(Module):
    """Modules by key.

    Parameters
    ----------
    modules
        A dictionary, or pairs of a name and a module.

    References
    ----------
    ``torch.nn.ModuleDict``

    Examples
    --------
    >>> from refinit import layers
    >>> list(layers.ModuleDict({"a": layers.PReLU(), "b": layers.PReLU()}).init(seed=0))
    ['a.weight', 'b.weight']
    """

    def __init__(self, modules: Mapping[str, Module] | Iterable[tuple[str, Module]] | None = None) -> None:
        super().__init__()
        self.update(modules or {})

    def update(self, modules: Mapping[str, Module] | Iterable[tuple[str, Module]]) -> None:
        """Adds several."""
        for name, module in dict(modules).items():
            self.add_module(name, module)

    def __getitem__(self, key: str) -> Any:
        return self._modules[key]

    def __setitem__(self, key: str, module: Module) -> None:
        self.add_module(key, module)

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def keys(self) -> Iterable[str]:
        """Names."""
        return self._modules.keys()

    def items(self) -> Iterable[tuple[str, Any]]:
        """Names and modules."""
        return self._modules.items()

    def values(self) -> Iterable[Any]:
        """Modules."""
        return self._modules.values()


class ParameterList(Module):
    """Parameters by number.

    Parameters
    ----------
    values
        Any number of them.

    References
    ----------
    ``torch.nn.ParameterList``

    Examples
    --------
    >>> from refinit import layers
    >>> list(layers.ParameterList([layers.init.ones_(layers.empty(3))]).init(seed=0))
    ['0']
    """

    def __init__(self, values: Iterable[Any] | None = None) -> None:
        super().__init__()
        self.extend(values or ())

    def append(self, value: Any) -> ParameterList:
        """Adds one at the end."""
        self.register_parameter(str(len(self)), value if isinstance(value, Parameter) else Parameter(value))
        return self

    def extend(self, values: Iterable[Any]) -> ParameterList:
        """Adds several at the end."""
        for value in values:
            self.append(value)
        return self

    def __len__(self) -> int:
        return len(self._parameters)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._parameters.values())

    def __getitem__(self, index: int) -> Any:
        return [*self._parameters.values()][index]


class ParameterDict(Module):
    """Parameters by key.

    Parameters
    ----------
    parameters
        A dictionary of them.

    References
    ----------
    ``torch.nn.ParameterDict``

    Examples
    --------
    >>> from refinit import layers
    >>> list(layers.ParameterDict({"scale": layers.init.ones_(layers.empty(3))}).init(seed=0))
    ['scale']
    """

    def __init__(self, parameters: Mapping[str, Any] | None = None) -> None:
        super().__init__()
        for name, value in (parameters or {}).items():
            self[name] = value

    def __getitem__(self, key: str) -> Any:
        return self._parameters[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.register_parameter(key, value if isinstance(value, Parameter) else Parameter(value))

    def __len__(self) -> int:
        return len(self._parameters)

    def __iter__(self) -> Iterator[str]:
        return iter(self._parameters)
