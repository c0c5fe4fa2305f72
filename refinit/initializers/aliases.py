"""torch's eleven aliases without the underscore, deprecated there and kept here for the code that has them."""

from .constants import constant_
from .elementwise import normal_, uniform_
from .identities import dirac_, eye_
from .matrices import orthogonal_, sparse_
from .registry import deprecated
from .variance_scaling import kaiming_normal_, kaiming_uniform_, xavier_normal_, xavier_uniform_

uniform = deprecated(uniform_)
normal = deprecated(normal_)
constant = deprecated(constant_)
eye = deprecated(eye_)
dirac = deprecated(dirac_)
xavier_uniform = deprecated(xavier_uniform_)
xavier_normal = deprecated(xavier_normal_)
kaiming_uniform = deprecated(kaiming_uniform_)
kaiming_normal = deprecated(kaiming_normal_)
orthogonal = deprecated(orthogonal_)
sparse = deprecated(sparse_)

__all__ = [
    "constant",
    "dirac",
    "eye",
    "kaiming_normal",
    "kaiming_uniform",
    "normal",
    "orthogonal",
    "sparse",
    "uniform",
    "xavier_normal",
    "xavier_uniform",
]
