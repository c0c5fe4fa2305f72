"""``import refinit.layers as nn`` finds the module that ``refinit.layers`` is: ``models/layers``."""

import sys
from typing import TYPE_CHECKING

from .models import layers
from .models.layers import *  # noqa: F403 - what type checkers see

if TYPE_CHECKING:
    from .models.layers import __getattr__  # noqa: F401 - the names of its tables

sys.modules[__name__] = layers
sys.modules[f"{__name__}.init"] = layers.init
