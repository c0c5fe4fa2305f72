"""What every subject is: it fills a case from a seed, states its law, and names its twin."""

from __future__ import annotations

import warnings
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from ..cases import layouts
from ..cases.case import Case
from ..cases.draws import draws_required
from ..cases.formats import FORMATS
from ..cases.functions import FUNCTIONS, Function
from ..cases.selection import BUDGETS
from ..laws import reference
from ..laws.streams import Stream


@dataclass(frozen=True)
class Filled:
    """What one fill left behind: the weight, the generator's final state, whether it wrote beside the weight.

    `state` is None where nobody compares the generator's final state with another's.
    """

    values: npt.NDArray[Any]
    state: bytes | None = None
    spilled: bool = False


class KnownDivergence(Protocol):
    """A call on a weight that torch accepts silently or dies of; as text it is of `init` and the weight `w`.

    `expanded`: the weight must be a torch tensor, of which an expanded view is filled.
    """

    @property
    def function(self) -> str: ...  # noqa: D102 - fields, described above
    @property
    def shape(self) -> tuple[int, ...]: ...  # noqa: D102
    @property
    def dtype(self) -> str: ...  # noqa: D102
    @property
    def torch(self) -> str: ...  # noqa: D102
    @property
    def refinit(self) -> str: ...  # noqa: D102
    @property
    def expanded(self) -> bool: ...  # noqa: D102
    def __call__(self, init: Any, w: Any, **keywords: Any) -> Any: ...  # noqa: D102


ACCEPTED = "accepts silently"
# Of an algorithm that redraws; such a call is not made again.
ENDLESS = "never returns"
RELATED = 4


@dataclass(frozen=True)
class Calls:
    """How anyone makes the same fills with a public library alone: what a reproducer writes is made of these texts.

    `imports` stands behind `import`, `module` before each function; `seeding` seeds the default generator from
    `seed`, where there is one, and `generator` makes one from `seed`, which is passed to all but `generator_ignored`.
    """

    imports: str
    module: str
    seeding: str
    generator: str
    generator_ignored: tuple[str, ...] = ()
    tensors: bool = False  # it fills torch's tensors, not NumPy's arrays


class Subject(ABC):
    """Something that claims to initialise weights.

    `stream` describes its random numbers as far as laws depend on them; `bits_of` names the stream whose very bits
    it promises, if it promises any: those of the stream's origin where that runs, else the committed hashes.
    Subjects of one `library` differ in the stream alone: a run tries once what draws nothing.
    """

    name: str
    stream: Stream
    bits_of: str | None = None
    library: str | None = None
    functions: Mapping[str, Function] = FUNCTIONS  # what it is tried with
    budgets: Sequence[str] = BUDGETS  # those that it is fast enough for
    calls: Calls | None = None  # None where it takes the subject itself to make its fills

    def __init_subclass__(cls) -> None:
        """Refuse a class without a name or a stream where it is written."""
        super().__init_subclass__()
        kinds = {"name": (str, "a text"), "stream": (Stream, "a Stream(name, end=...) of laws/streams.py")}
        for attribute, (kind, description) in kinds.items():
            if not isinstance(getattr(cls, attribute, None), kind):
                raise TypeError(
                    f"class {cls.__name__}: expected a class attribute {attribute}, {description}"
                )

    @abstractmethod
    def fill(self, case: Case, seed: int) -> Filled:
        """The weight of that case from that seed, and the generator's state after it."""

    def law(self, case: Case) -> reference.Law | None:
        """The law its elements must follow, or None where nobody knows one."""
        return reference.law(case)

    def draws(self, case: Case) -> int:
        """From how many seeds a case is drawn: where they are fewer than its law needs, that is not judged."""
        return draws_required(case)

    def twin(self, case: Case) -> Subject | None:  # noqa: ARG002 - one answer for every case
        """A subject of its own choice that it must equal bit for bit; None leaves that to the origin of `bits_of`."""
        return None

    def makes(self, case: Case) -> bool:
        """Whether it has that function with these parameters."""
        function = self.functions.get(case.function)
        return function is not None and function.answers(case.named)

    def related(self, case: Case, seed: int) -> dict[str, list[Filled]]:
        """Four fills each that must be independent, by how they are related.

        Every subject has those of neighbouring seeds. Others may add those of one generator one after the other
        ("consecutive fills") and of substreams that differ in their name alone ("sibling substreams").
        """
        first = seed & ~1  # neighbours differ in the lowest bit
        return {"neighbouring seeds": [self.fill(case, first + index) for index in range(RELATED)]}

    def untouched(self, seed: int) -> bytes | None:  # noqa: ARG002 - as `fill`
        """The generator's state from that seed before any fill, or None where states are not compared."""
        return None

    def gain(self, nonlinearity: str, parameter: float | None) -> float:
        """calculate_gain, as this subject computes it."""
        raise NotImplementedError

    def fans(self, shape: tuple[int, ...]) -> tuple[int, int]:
        """(fan_in, fan_out), as this subject computes them."""
        raise NotImplementedError

    def divergences(self) -> Sequence[KnownDivergence]:
        """What this subject refuses and torch does not."""
        return ()

    def attempt(self, divergence: KnownDivergence) -> str:
        """What becomes of that call: the exception's type, or `accepts silently`."""
        raise NotImplementedError


def sentinel(dtype: str) -> Any:
    """What a weight holds before its fill: a value that no law of ours produces."""
    return {"integer": 77, "bool": True}.get(FORMATS[dtype].kind, float("nan"))


def spilled(base: npt.NDArray[Any], case: Case) -> bool:
    """Whether the elements between those of a sliced weight were written."""
    gaps = layouts.gaps(base, case.layout)
    if gaps is None or FORMATS[case.dtype].kind == "bool":
        return False
    untouched = np.isnan(gaps) if gaps.dtype.kind not in "iu" else gaps == sentinel(case.dtype)
    return not bool(untouched.all())


def outcome(call: KnownDivergence, init: Any, weight: Any, **keywords: Any) -> str:
    """The name of what that call of a library raises, or `accepts silently`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            call(init, weight, **keywords)
        except Exception as error:  # noqa: BLE001 - whatever it raises is the outcome
            return type(error).__name__
    return ACCEPTED
