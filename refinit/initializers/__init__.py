"""The initializers of torch.nn.init: each one a law of the tensor's shape, and one fill.

What their parameters and errors have in common stands in ``help(refinit)``.
"""

# in this order the modules fill the table in torch's order
# ruff: isort: off
from .elementwise import normal_, trunc_normal_, uniform_
from .constants import constant_, ones_, zeros_
from .identities import dirac_, eye_
from .variance_scaling import kaiming_normal_, kaiming_uniform_, xavier_normal_, xavier_uniform_
from .matrices import orthogonal_, sparse_
# ruff: isort: on

__all__ = [
    "constant_",
    "dirac_",
    "eye_",
    "kaiming_normal_",
    "kaiming_uniform_",
    "normal_",
    "ones_",
    "orthogonal_",
    "sparse_",
    "trunc_normal_",
    "uniform_",
    "xavier_normal_",
    "xavier_uniform_",
    "zeros_",
]
