"""The dispatch mode that sees each operation of a constructor, and carries out none that random numbers reach."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

import torch
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

from ..recipe.steps import Fill, Operation, Step
from . import kinds
from .draws import filled_in_place, made_anew
from .refusals import Refused, Unknown, Unrepresentable, refused
from .results import results_of
from .sites import site
from .storages import Memory, Storages, is_plain, is_whole, literal, overlap, poisoned, whole_of
from .words import constant, operation

#: By these Python sees values, and no dispatch mode sees it.
_READERS = (torch.Tensor.numpy, torch.Tensor.tolist, torch.Tensor.__array__, torch.Tensor.__dlpack__)

#: From here on, seeds that no constructor has.
_NOBODYS = 0x2E_F1_417 << 36


class Recorder(TorchDispatchMode):  # type: ignore[misc]
    """Writes steps down, of the thread that entered it. Memory that random numbers would reach is never touched."""

    def __init__(self) -> None:
        super().__init__()
        self.storages = Storages()
        self.steps: list[Step | Unknown | None] = []
        self.refusal: Refused | None = None
        self._draws = 0
        self._generator = torch.default_generator.get_state()

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """Otherwise the first operation imports all of torch's compiler, for eight seconds."""
        return False

    def __torch_dispatch__(
        self, function: Any, types: Any, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        if kinds.draws(function):
            return self._draw(function, args, kwargs)
        if not any(map(self.storages.is_random, kinds.tensors_in((args, kwargs)))):
            return self._carry_out(function, args, kwargs)
        if kinds.shares(function):
            return self._share(function, args, kwargs)
        if kinds.is_like(function):
            return self._carry_out(function, args, kwargs)
        if kinds.looks(function):
            self.refuse(f"it looks at random numbers, by {kinds.name_of(function)}")
        if kinds.targets(function, args, kwargs):
            return self._write(function, args, kwargs)
        return self._make(function, args, kwargs)

    def refuse(self, reason: str) -> NoReturn:
        """Ends the recording, also where the constructor catches what is raised."""
        self.refusal = self.refusal or refused(reason, site().where)
        raise self.refusal

    def expect_unmoved(self) -> None:
        """Refuses a constructor that has touched torch's generator by other ways than draws."""
        if not torch.equal(torch.default_generator.get_state(), self._generator):
            self.refuse("it moves or seeds torch's generator itself, as by torch.manual_seed or fork_rng")

    def _move(self) -> None:
        """Gives torch's generator a state that only this draw leaves: a constructor that restores one is seen."""
        self._draws += 1
        torch.default_generator.manual_seed(_NOBODYS + self._draws)
        self._generator = torch.default_generator.get_state()

    def fill(self, tensor: torch.Tensor, function: str, arguments: Mapping[str, Any]) -> None:
        """A step: an initializer draws numbers into a tensor."""
        self.expect_unmoved()
        self._move()
        try:
            self._reached(tensor)
            out = self.storages.view(tensor)
        except Unrepresentable as reason:
            self.refuse(f"{function} draws into {reason}")
        where, call = site()
        self.steps.append(Fill(function, out, arguments, call, where))

    def _draw(self, function: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        name = kinds.name_of(function)
        if any(tensor.is_meta for tensor in kinds.tensors_in(args)):
            return function(*args, **kwargs)
        if kwargs.get("generator") is not None:
            self.refuse(f"{name} draws from a generator of its own")
        law = filled_in_place(name, args, kwargs)
        if law is not None:
            self.fill(*law)
            return args[0]
        new = made_anew(name, function._overloadname, args, kwargs)  # noqa: SLF001 - OpOverload has no public one
        if new is None:
            self.refuse(f"{name} draws by a law that refinit lacks")
        tensor = new[0]()
        if not tensor.is_meta:
            self.fill(tensor, *new[1:])
        return tensor

    def _carry_out(self, function: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        """An operation that no random number reaches."""
        if kinds.shares(function):
            return function(*args, **kwargs)
        if not kinds.is_like(function):
            for tensor in kinds.sources(function, args, kwargs):
                memory = self.storages.of(tensor)
                if memory is not None and memory.is_fresh:
                    poisoned(memory)
        for tensor in kinds.targets(function, args, kwargs):
            self._written(tensor)
        result = function(*args, **kwargs)
        if kinds.is_empty(function) and is_plain(result):
            self.storages.opened(result).is_fresh = True
        number = constant(function, args)
        if number is not None and is_plain(args[0]) and is_whole(args[0]):
            self._hold(args[0], *number)
        return result

    def _written(self, tensor: torch.Tensor) -> None:
        """What was known of memory that is about to be written to, without random numbers, no longer holds."""
        memory = self.storages.of(tensor)
        if memory is None:
            return
        if memory.is_fresh and not is_whole(tensor):
            poisoned(memory)
        memory.is_fresh = False
        if memory.constant is not None:
            self.steps[memory.constant], memory.constant = None, None

    def _hold(self, tensor: torch.Tensor, function: str, arguments: Mapping[str, Any]) -> None:
        """A step: all of some memory is one number, which is the step to show for it, unless more is written."""
        try:
            out = self.storages.view(tensor)
        except Unrepresentable:
            return
        memory = self.storages.opened(tensor)
        memory.constant = len(self.steps)
        where, call = site()
        self.steps.append(Fill(function, out, arguments, call, where))

    def _share(self, function: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        """A view, or a tensor that is made to show other memory."""
        memories = [self.storages.of(tensor) for tensor in kinds.tensors_in((args, kwargs))]
        sizes = [memory.storage.nbytes() for memory in memories if memory]
        result = function(*args, **kwargs)
        if sizes != [memory.storage.nbytes() for memory in memories if memory]:
            self.refuse(f"{kinds.name_of(function)} gives memory with random numbers another size")
        return result

    def _reached(self, tensor: torch.Tensor) -> Memory:
        """Memory that random numbers reach now; a step for what it held, if they reach a part of it."""
        memory = self.storages.opened(tensor)
        if not memory.is_random:
            if not (memory.is_fresh or memory.constant is not None or is_whole(tensor)):
                held = literal(whole_of(memory))
                self.steps.append(Operation("copy", memory.whole, (held,), where=site().where))
            memory.is_random, memory.is_fresh = True, False
        return memory

    def _write(self, function: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        """An operation that writes to memory that it was given, from or over random numbers."""
        args = self.storages.as_copied(args) if kinds.name_of(function) == "copy_" else args
        written = kinds.targets(function, args, kwargs)
        if kinds.name_of(function) == "copy_" and overlap(*args[:2]):
            self.refuse("it copies between elements that share memory, whose order is torch's own")
        step = operation(self.storages, function, args, kwargs)
        for tensor in written:
            self._step(tensor, step)
        returns = len(function._schema.returns)  # noqa: SLF001 - OpOverload has no public one
        return (written[0] if returns == 1 else tuple(written)) if returns else None

    def _make(self, function: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        """An operation that makes new tensors of random numbers."""
        step = operation(self.storages, function, args, kwargs)
        try:
            results = results_of(function, args, kwargs)
        except (NotImplementedError, RuntimeError, TypeError) as error:
            reason = str(error).partition("\n")[0]
            self.refuse(f"what {kinds.name_of(function)} returns cannot be told without values ({reason})")
        for index, tensor in enumerate(kinds.tensors_in(results)):
            self._step(tensor, step, index)
        return results

    def _step(self, tensor: torch.Tensor, step: Any, index: int = 0) -> None:
        where = site().where
        try:
            memory = self._reached(tensor)
        except Unrepresentable as reason:
            self.refuse(f"random numbers reach {reason}")
        try:
            out = self.storages.view(tensor)
        except Unrepresentable as reason:
            self.steps.append(Unknown(str(reason), memory.whole, where))
            return
        self.steps.append(step(out, where, index))


class Guard(TorchFunctionMode):  # type: ignore[misc]
    """Refuses what shows random numbers to Python behind the dispatcher's back."""

    def __init__(self, recorder: Recorder) -> None:
        super().__init__()
        self._recorder = recorder

    def __torch_function__(
        self, function: Any, types: Any, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        if function in _READERS and self._recorder.storages.is_random(args[0]):
            self._recorder.refuse(f"it looks at random numbers, by {function.__name__}")
        return function(*args, **kwargs or {})
