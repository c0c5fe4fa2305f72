"""torch.nn.init without torch: the same functions, arguments, errors and, from the same seed, the same bits.

>>> import refinit as init
>>> _ = init.manual_seed(0)
>>> w = init.kaiming_normal_(init.empty(64, 3, 7, 7), mode="fan_out", nonlinearity="relu")
"""

from .arrays import empty
from .generators import (
    Generator,
    default_generator,
    get_rng_state,
    initial_seed,
    manual_seed,
    seed,
    set_rng_state,
)
from .initializers import (
    constant_,
    dirac_,
    eye_,
    kaiming_normal_,
    kaiming_uniform_,
    normal_,
    ones_,
    orthogonal_,
    sparse_,
    trunc_normal_,
    uniform_,
    xavier_normal_,
    xavier_uniform_,
    zeros_,
)
from .initializers.aliases import (
    constant,
    dirac,
    eye,
    kaiming_normal,
    kaiming_uniform,
    normal,
    orthogonal,
    sparse,
    uniform,
    xavier_normal,
    xavier_uniform,
)
from .scaling import _calculate_correct_fan as _calculate_correct_fan
from .scaling import _calculate_fan_in_and_fan_out as _calculate_fan_in_and_fan_out
from .scaling import calculate_gain
from .threads import get_num_threads, set_num_threads

__version__ = "0.1.0"

__all__ = [
    "Generator",
    "calculate_gain",
    "constant",
    "constant_",
    "default_generator",
    "dirac",
    "dirac_",
    "empty",
    "eye",
    "eye_",
    "get_num_threads",
    "get_rng_state",
    "initial_seed",
    "kaiming_normal",
    "kaiming_normal_",
    "kaiming_uniform",
    "kaiming_uniform_",
    "manual_seed",
    "normal",
    "normal_",
    "ones_",
    "orthogonal",
    "orthogonal_",
    "seed",
    "set_num_threads",
    "set_rng_state",
    "sparse",
    "sparse_",
    "trunc_normal_",
    "uniform",
    "uniform_",
    "xavier_normal",
    "xavier_normal_",
    "xavier_uniform",
    "xavier_uniform_",
    "zeros_",
]
