"""Planted faults that any subject can have. Each must turn verify red; tests see to it."""

from __future__ import annotations

from math import sqrt

from ..cases.case import Case
from ..cases.functions import FUNCTIONS
from . import formula_operators as formulas
from . import stream_operators as streams
from .fault import Fault

_CONV, _MATRIX = (64, 32, 3, 3), (400, 100)
_XAVIER, _KAIMING = ("xavier_uniform_", "xavier_normal_"), ("kaiming_uniform_", "kaiming_normal_")
_UNIFORM = ("uniform_", "xavier_uniform_", "kaiming_uniform_")
_ELEMENTWISE = tuple(
    name for name, function in FUNCTIONS.items() if function.random and name != "orthogonal_"
)


def _case(
    function: str,
    shape: tuple[int, ...],
    dtype: str = "float32",
    layout: str = "contiguous",
    **parameters: object,
) -> Case:
    return Case(function, shape, dtype, tuple(parameters.items()), layout)


_TABLE = (
    Fault("fans_swapped", _KAIMING, formulas.fans_swapped, ("bits", "variance", "cells"),
          _case("kaiming_normal_", _MATRIX, nonlinearity="relu"), "fans swapped"),
    Fault("receptive_field_ignored", (*_XAVIER, *_KAIMING), formulas.receptive_field_ignored,
          ("bits", "variance", "cells"), _case("kaiming_normal_", _CONV), "receptive field"),
    Fault("sqrt3_missing", ("xavier_uniform_", "kaiming_uniform_"), formulas.sqrt3_missing,
          ("bits", "variance", "cells", "extremes"), _case("kaiming_uniform_", _MATRIX), "sqrt(3)"),
    Fault("gain_twice", (*_XAVIER, *_KAIMING), formulas.gain_twice, ("bits", "variance", "cells"),
          _case("kaiming_normal_", _CONV, nonlinearity="tanh"), "gain applied twice"),
    Fault("gain_ignored", _XAVIER, formulas.parameters_ignored, ("bits", "variance"),
          _case("xavier_normal_", _MATRIX, gain=5 / 3), "gain ignored"),
    Fault("slope_ignored", _KAIMING, formulas.slope_ignored, ("bits", "variance", "cells"),
          _case("kaiming_uniform_", _MATRIX, a=sqrt(5.0)), "a ignored"),
    Fault("axes_ignored", (*_XAVIER, *_KAIMING), formulas.axes_ignored, ("bits", "variance", "cells"),
          _case("kaiming_normal_", (3, 3, 32, 64), in_axis=-2, out_axis=-1), "axes ignored"),
    Fault("bound_reordered", ("kaiming_uniform_",), formulas.bound_reordered, ("bits",),
          _case("kaiming_uniform_", (75, 100), "float64", nonlinearity="relu"), "order of operations"),
    Fault("upper_bound_included", _UNIFORM, formulas.upper_bound_included, ("bits", "support"),
          _case("uniform_", _MATRIX, "bfloat16"), "upper bound"),
    Fault("std_is_variance", ("normal_",), formulas.std_is_variance, ("bits", "variance"),
          _case("normal_", _MATRIX, std=0.5), "std squared"),
    Fault("std_one_percent_off", ("normal_", "kaiming_normal_", "xavier_normal_"), formulas.std_one_percent_off,
          ("bits", "variance"), _case("normal_", (1000, 1000))),
    Fault("mean_ignored", ("normal_",), formulas.mean_ignored, ("bits", "mean"),
          _case("normal_", _MATRIX, mean=1.5, std=0.5), "mean ignored"),
    Fault("clamp_for_truncate", ("trunc_normal_",), formulas.clamp_for_truncate, ("bits", "cells"),
          _case("trunc_normal_", _MATRIX), "clamped"),
    Fault("dirac_centre", ("dirac_",), formulas.dirac_centre, ("bits", "structure"),
          _case("dirac_", (6, 4, 2, 4)), "even kernel"),
    Fault("dirac_groups_ignored", ("dirac_",), formulas.parameters_ignored, ("bits", "structure"),
          _case("dirac_", (24, 5, 3, 5), groups=3), "groups ignored"),
    Fault("constant_by_half", ("constant_",), formulas.constant_by_half, ("bits", "structure"),
          _case("constant_", (16,), val=0.3)),
    Fault("sparse_floor", ("sparse_",), formulas.sparse_floor, ("bits", "zeros"),
          _case("sparse_", (37, 50), sparsity=0.1), "floor"),
    Fault("sparse_mask_reused", ("sparse_",), formulas.sparse_mask_reused, ("bits", "mask"),
          _case("sparse_", (64, 128), sparsity=0.5), "same zeros in every column"),
    Fault("sparse_by_row", ("sparse_",), formulas.sparse_by_row, ("bits", "zeros"),
          _case("sparse_", (64, 128), sparsity=0.5), "per row"),
    Fault("signs_not_fixed", ("orthogonal_",), formulas.signs_not_fixed, ("backward error", "haar"),
          _case("orthogonal_", (8, 8)), "sign"),
    Fault("stale_tail", _ELEMENTWISE, streams.stale_tail, ("bits",), _case("normal_", (100, 9)), "last 16"),
    Fault("last_unwritten", _ELEMENTWISE, formulas.last_unwritten, ("bits", "support"), _case("uniform_", (7, 11)),
          "not written"),
    Fault("last_unwritten_orthogonal", ("orthogonal_",), formulas.last_unwritten, ("backward error",),
          _case("orthogonal_", (100, 100))),
    Fault("transposed_write", ("normal_", "uniform_"), formulas.transposed_write, ("bits",), _case("normal_", _MATRIX),
          "transposed"),
    Fault("state_not_advanced", _ELEMENTWISE, streams.state_not_advanced, ("state",), _case("normal_", _MATRIX),
          "not advanced"),
    Fault("stream_duplicated", ("normal_", "uniform_"), streams.stream_duplicated, ("bits", "dependence"),
          _case("normal_", _MATRIX), "repeats"),
    Fault("seed_bit_ignored", ("normal_", "uniform_"), streams.seed_bit_ignored, ("neighbouring seeds",),
          _case("uniform_", _MATRIX)),
    Fault("words_repeated", ("normal_", "uniform_"), streams.words_repeated, ("bits", "lanes and words", "lags"),
          _case("normal_", _MATRIX)),
    Fault("radius_shared", ("normal_",), streams.radius_shared, ("bits", "lags"), _case("normal_", _MATRIX)),
    Fault("fill_number_stuck", (), formulas.identity, ("consecutive fills",), _case("uniform_", _MATRIX),
          overrides={"related": streams.fill_number_stuck}),
    Fault("bfloat16_truncated", _UNIFORM, formulas.bfloat16_truncated, ("bits", "cells"),
          _case("uniform_", (512, 512), "bfloat16")),
    Fault("writes_beside", _ELEMENTWISE, formulas.writes_beside, ("outside",),
          _case("normal_", (40, 30), layout="sliced")),
    Fault("selu_gain_is_one", (), formulas.identity, ("gains",), _case("normal_", (3,)),
          overrides={"gain": formulas.selu_gain_is_one}),
    Fault("fans_function_swapped", (), formulas.identity, ("fans",), _case("normal_", (3,)),
          overrides={"fans": formulas.fans_function_swapped}),
    Fault("nonsense_accepted", (), formulas.identity, ("refusal",), _case("trunc_normal_", (3,)),
          overrides={"attempt": formulas.nonsense_accepted}),
)  # fmt: skip

FAULTS: dict[str, Fault] = {fault.name: fault for fault in _TABLE}
