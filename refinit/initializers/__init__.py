"""The fifteen initializers of torch.nn.init: each one a law of the tensor's shape, and one fill.

Common parameters
-----------------
tensor
    What is filled in place and returned: a NumPy array, a torch CPU tensor, or anything writable through DLPack, the
    array interface or the buffer protocol.  A weight has the shape ``(fan_out maps, fan_in maps, *kernel)``.
generator
    A ``refinit.Generator`` or ``torch.Generator``; None: ``refinit.default_generator``, and on a torch tensor torch's
    own default generator.

Common errors
-------------
TypeError
    If ``tensor`` is no writable array of a known dtype, or ``generator`` no generator.
ValueError
    If the array is read-only, or a parameter is nan.
RuntimeError
    If two elements of the array share memory.
NotImplementedError
    If the law is not defined on the array's dtype.
"""

# in alphabetical order the modules fill the table in torch's order
from .elementwise import constant_, normal_, ones_, trunc_normal_, uniform_, zeros_
from .patterns import dirac_, eye_
from .scaled import kaiming_normal_, kaiming_uniform_, xavier_normal_, xavier_uniform_
from .structured import orthogonal_, sparse_

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
