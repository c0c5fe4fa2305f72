"""Which function fills CUDA memory with which law."""

from collections.abc import Callable
from typing import Any

from ....arrays.target import Target
from ....devices.device import Device
from ....laws.law import Normal, Orthogonal, Sparse, TruncNormal, Uniform
from ...engine import Realise
from .elementwise import elementwise
from .orthogonal import orthogonal
from .sparse import sparse

ON_CUDA: dict[type, Callable[[Target, Any, Device], Realise]] = {
    Uniform: elementwise,
    Normal: elementwise,
    TruncNormal: elementwise,
    Sparse: sparse,
    Orthogonal: orthogonal,
}
