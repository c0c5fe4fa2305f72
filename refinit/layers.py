"""``import refinit.layers as nn`` finds the module that ``refinit.layers`` is: ``models/layers``."""

import sys

from .models import layers
from .models.layers import *  # noqa: F403 - what type checkers see

sys.modules[__name__] = layers
