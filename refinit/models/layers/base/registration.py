"""Names: what is assigned to a module is a parameter, a buffer or a module of its state, as in torch."""

from __future__ import annotations

from typing import Any

from ....laws.arguments import type_name
from .construction import Constructed, Drawn
from .parameter import Parameter


class Registered(Constructed):
    """What a module holds by name, in the order of registration; and what it held before."""

    _parameters: dict[str, Parameter | None]
    _buffers: dict[str, Parameter | None]
    _modules: dict[str, Any]
    #: What was registered and replaced: its fills have drawn all the same.
    _replaced: list[Any]
    #: What was filled while it was constructed, registered or not.
    _drawn: Drawn
    training: bool

    def __init__(self, **children: Any) -> None:
        for name in ("_parameters", "_buffers", "_modules"):
            object.__setattr__(self, name, {})
        object.__setattr__(self, "_replaced", [])
        object.__setattr__(self, "training", True)
        for name, child in children.items():
            if not isinstance(child, (Registered, Parameter)):
                raise TypeError(f"expected a Module or a Parameter as {name}, got {type_name(child)}")
            setattr(self, name, child)

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

    def add_module(self, name: str, module: Any) -> None:
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
        held = self.__dict__.get("_modules" if isinstance(value, Registered) else "_parameters")
        if isinstance(value, (Registered, Parameter)) and held is None:
            raise AttributeError(
                "cannot assign before Module.__init__() call: write super().__init__() first"
            )
        if isinstance(value, Parameter) and name in self._buffers:
            held = self._buffers
        if value is None:
            tables = (self.__dict__.get(table, {}) for table in ("_parameters", "_buffers", "_modules"))
            held = next((table for table in tables if name in table), None)
        if held is None or not isinstance(value, (Registered, Parameter, type(None))):
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
