"""What the words of a block become, for every law by position.

A 32-bit law makes four float32 of a block's words, a 64-bit law two float64 of its two numbers; ``one32`` and
``one64`` give a single element of them.
"""

from typing import NamedTuple

from ....kernels.math.intrinsics import core
from ....kernels.math.philox import word_at
from . import fitted, quantile
from .box_muller import normal_pair32, normal_pair64
from .positions import uniform32, uniform64
from .regimes import FITTED, HEADS


class Sampler(NamedTuple):
    """The functions of one law.

    ``four(a, b, c, d, parameters)``, ``two(first, second, parameters)``: all elements of a block;
    ``one32(a, b, c, d, word, parameters)``, ``one64(first, second, number, parameters)``: one of them.
    """

    four: object
    two: object
    one32: object
    one64: object


def _by_words(value32, value64):
    """Elements that are functions of one word each."""

    @core
    def four(a, b, c, d, parameters):
        """Four words -> four float32."""
        return value32(a, parameters), value32(b, parameters), value32(c, parameters), value32(d, parameters)

    @core
    def two(first, second, parameters):
        """Two numbers -> two float64."""
        return value64(first, parameters), value64(second, parameters)

    @core
    def one32(a, b, c, d, word, parameters):
        """Four words -> the float32 of one."""
        return value32(word_at(a, b, c, d, word), parameters)

    @core
    def one64(first, second, number, parameters):
        """Two numbers -> the float64 of one."""
        return value64(first if number == 0 else second, parameters)

    return Sampler(four, two, one32, one64)


@core
def _four_normals(a, b, c, d, parameters):
    """Two pairs."""
    mean, std = parameters
    w, x = normal_pair32(a, b, mean, std)
    y, z = normal_pair32(c, d, mean, std)
    return w, x, y, z


@core
def _two_normals(first, second, parameters):
    """One pair."""
    mean, std = parameters
    return normal_pair64(first, second, mean, std)


@core
def _one_normal32(a, b, c, d, word, parameters):
    """One member of its pair."""
    mean, std = parameters
    x, y = normal_pair32(a if word < 2 else c, b if word < 2 else d, mean, std)
    return x if word & 1 == 0 else y


@core
def _one_normal64(first, second, number, parameters):
    """One member of the pair."""
    mean, std = parameters
    x, y = normal_pair64(first, second, mean, std)
    return x if number == 0 else y


def _regime(name):
    module = fitted if name in FITTED else quantile
    return _by_words(getattr(module, f"{name}32"), getattr(module, f"{name}64"))


#: What can be drawn by position: two laws, and the regimes of the truncated normal.
SAMPLERS = {
    "uniform": _by_words(uniform32, uniform64),
    "normal": Sampler(_four_normals, _two_normals, _one_normal32, _one_normal64),
    **{name: _regime(name) for name in HEADS},
}
