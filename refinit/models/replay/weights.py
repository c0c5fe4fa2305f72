"""What ``replay`` returns."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray


class Weights(dict[str, NDArray[Any]]):
    """The arrays of a model by name: a dict, in the order of its state, that says how exact it is.

    Parameters
    ----------
    arrays
        By name.
    inexact
        By name, of those arrays whose bits may differ from torch's: within how many ulp, ``math.inf`` where nothing can
        be said (after a difference of such values, and for LAPACK's orthogonal factors).
    peak_bytes
        The most memory that the buffers took at a time.

    Examples
    --------
    >>> import refinit as init
    >>> weights = init.replay({
    ...     "format": "refinit recipe 1",
    ...     "buffers": {"w": {"dtype": "float32", "shape": [3, 5]}},
    ...     "steps": [{"fill": "normal_", "out": {"buffer": "w"}},
    ...               {"operation": "exp", "out": {"buffer": "w"}, "operands": [{"buffer": "w"}]}],
    ...     "state": {"scale": {"buffer": "w"}},
    ... }, seed=7)
    >>> weights["scale"].shape, weights.inexact, weights.peak_bytes
    ((3, 5), {'scale': 2.0}, 60)
    """

    __module__ = "refinit"

    def __init__(self, arrays: dict[str, NDArray[Any]], inexact: dict[str, float], peak_bytes: int) -> None:
        super().__init__(arrays)
        self.inexact = inexact
        self.peak_bytes = peak_bytes
