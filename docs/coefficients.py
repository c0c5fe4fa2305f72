"""The polynomial coefficients of the counter stream's arithmetic: minimax, by Remez's second algorithm.

python -m docs.coefficients     print them all; tests/streams/counter/math/test_math.py compares the sources with them
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from statistics import NormalDist
from typing import Any, NamedTuple

import mpmath as mp
import numpy as np

Function = Callable[[Any], Any]
_DIGITS = 60
_TINY = mp.mpf(10) ** -20


class Fit(NamedTuple):
    """``function`` on [lo, hi] by a polynomial of ``degree``; the error is judged times ``weight``."""

    function: Function
    weight: Function
    lo: Any
    hi: Any
    degree: int


class Minimax(NamedTuple):
    """Coefficients, constant term first, and the largest weighted error."""

    coefficients: list[Any]
    error: Any


def minimax(fit: Fit, points: int = 600) -> Minimax:
    """Remez's exchange on a grid of Chebyshev extrema dense enough to stand for the interval."""
    with mp.workdps(_DIGITS):
        middle, half = (fit.lo + fit.hi) / 2, (fit.hi - fit.lo) / 2
        x = [middle - half * mp.cos(mp.pi * i / (points - 1)) for i in range(points)]
        value, weight = [fit.function(point) for point in x], [fit.weight(point) for point in x]
        terms = fit.degree + 2
        chosen = [round((points - 1) * i / (terms - 1)) for i in range(terms)]
        while True:
            coefficients, level = _levelled(chosen, x, value, weight)
            errors = [
                w * (f - mp.polyval(coefficients[::-1], point))
                for point, f, w in zip(x, value, weight, strict=True)
            ]
            worst = max(map(abs, errors))
            peaks = _peaks(errors, terms)
            if worst <= abs(level) * 1.001 or len(peaks) < terms or peaks == chosen:
                return Minimax(coefficients, worst)
            chosen = peaks


def _levelled(chosen: list[int], x: list[Any], value: list[Any], weight: list[Any]) -> tuple[list[Any], Any]:
    """Return the polynomial whose weighted errors at the chosen points are +e, -e, +e, ..., and e."""
    terms = len(chosen)
    matrix, right = mp.matrix(terms, terms), mp.matrix(terms, 1)
    for row, i in enumerate(chosen):
        for power in range(terms - 1):
            matrix[row, power] = x[i] ** power
        matrix[row, terms - 1] = (-1) ** row / weight[i]
        right[row] = value[i]
    solved = list(mp.lu_solve(matrix, right))
    return solved[:-1], solved[-1]


def _peaks(errors: list[Any], terms: int) -> list[int]:
    """Return one extremum for each run of errors of one sign, the smaller end dropped while there are too many."""
    runs: list[list[int]] = [[0]]
    for i in range(1, len(errors)):
        if (errors[i] >= 0) == (errors[i - 1] >= 0):
            runs[-1].append(i)
        else:
            runs.append([i])
    peaks = [max(run, key=lambda i: abs(errors[i])) for run in runs]
    while len(peaks) > terms:
        peaks.pop(0 if abs(errors[peaks[0]]) < abs(errors[peaks[-1]]) else -1)
    return peaks


def _log(f: Any) -> Any:
    """Return q of -2 log(1 + f) = -2 f + f^2 q(f)."""
    return 1 - 2 * f / 3 if abs(f) < _TINY else (2 * f - 2 * mp.log1p(f)) / f**2


def _log_weight(f: Any) -> Any:
    return _TINY if abs(f) < _TINY else f**2 / abs(2 * mp.log1p(f))


def _sine(z: Any) -> Any:
    """Return p of sin(x pi / 4) = x + x p(x^2)."""
    x = mp.sqrt(z)
    return mp.pi / 4 - 1 if x < _TINY else mp.sin(x * mp.pi / 4) / x - 1


def _cosine(z: Any) -> Any:
    """Return p of cos(x pi / 4) = 1 + x^2 p(x^2); by the half angle, which does not cancel."""
    x = mp.sqrt(z)
    return -((mp.pi / 4) ** 2) / 2 if x < _TINY else -2 * (mp.sin(x * mp.pi / 8) / x) ** 2


class Branch(NamedTuple):
    """Where a branch of the inverse normal CDF lies; up to how many sigma each counts the same, and the slack."""

    first: float
    last: float
    degree: int
    sigmas: float
    slack: int

    def root(self, v: Any) -> Any:
        """Return y on [first, last] for v on [-1, 1]."""
        return (mp.mpf(self.first) + self.last) / 2 + (mp.mpf(self.last) - self.first) / 2 * v


#: Near the median the variable is m = -2 log(4 t (1 - t)), beyond its square root.
NEAR = {32: Branch(0.0, 9.5, 8, 1.0, 4), 64: Branch(0.0, 13.0, 21, 2.5, 14)}
FAR = {32: Branch(3.0625, 6.84375, 8, 1.0, 4), 64: Branch(3.59375, 9.09375, 21, 2.5, 14)}


@cache
def _inverse_normal(m: Any) -> tuple[Any, Any]:
    """Return (-ndtri(t), 1 - 2 t) for m = -2 log(4 t (1 - t)) > 0, t < 1/2, by Newton on the logarithm."""
    x = mp.sqrt(-mp.expm1(-m / 2))
    t = mp.exp(-m / 2) / (2 * (1 + x))
    z = mp.mpf(-NormalDist().inv_cdf(float(t)))
    for _ in range(3):
        q = mp.erfc(z / mp.sqrt(2)) / 2
        z += mp.log(q / t) * q * mp.sqrt(2 * mp.pi) * mp.exp(z * z / 2)
    return z, x


def _ratio(m: Any) -> Any:
    """Return p of -ndtri(t) = (1 - 2 t) p(m), as in Giles (2011), whose w is m / 2."""
    if m < _TINY:
        return mp.sqrt(mp.pi / 2)
    z, x = _inverse_normal(m)
    return z / x


def _density(m: Any, branch: Branch) -> Any:
    """Return what an error of z does to the CDF of a law that begins ``sigmas`` above the mean, where it counts most.

    But never let the relative error grow beyond 2^slack times that.
    """
    z = _inverse_normal(m)[0] if m > _TINY else mp.mpf(0)
    beyond = mp.exp((branch.sigmas**2 - z * z) / 2)
    return max(min(beyond, mp.mpf(1)), mp.mpf(2) ** -branch.slack / max(z, mp.mpf(1)))


def _normal_fits(bits: int) -> dict[str, Fit]:
    near, far, end = NEAR[bits], FAR[bits], mp.mpf(1)
    return {
        f"near{bits}": Fit(
            lambda v: _ratio(near.root(v)),
            lambda v: _density(near.root(v), near),
            -end,
            end,
            near.degree,
        ),
        f"far{bits}": Fit(
            lambda v: _ratio(far.root(v) ** 2),
            lambda v: _density(far.root(v) ** 2, far),
            -end,
            end,
            far.degree,
        ),
    }


def _fits() -> dict[str, Fit]:
    with mp.workdps(_DIGITS):
        low, high = mp.sqrt(mp.mpf(1) / 2) - 1, mp.sqrt(mp.mpf(2)) - 1
        zero, unit = mp.mpf(0), mp.mpf(1)
    fits: dict[str, Fit] = {}
    for bits, log_degree, degree in ((32, 8, 3), (64, 19, 7)):
        fits[f"log{bits}"] = Fit(_log, _log_weight, low, high, log_degree)
        fits[f"sine{bits}"] = Fit(_sine, lambda z: 1 / (1 + _sine(z)), zero, unit, degree)
        fits[f"cosine{bits}"] = Fit(_cosine, lambda z: (z + _TINY) / (1 + z * _cosine(z)), zero, unit, degree)
        fits |= _normal_fits(bits)
    return fits


FITS = _fits()


def rounded(name: str) -> list[float]:
    """Return the coefficients of ``FITS[name]``, rounded to the type that its name ends in."""
    coefficients = minimax(FITS[name]).coefficients
    return [float(np.float32(float(c))) if name.endswith("32") else float(c) for c in coefficients]


def main() -> None:
    """Print every polynomial, constant term first, and the binary logarithm of its weighted error."""
    for name, fit in FITS.items():
        polynomial = minimax(fit)
        print(f"{name}: degree {fit.degree}, error 2^{float(mp.log(polynomial.error, 2)):.1f}")
        digits = 9 if name.endswith("32") else 17
        for c in rounded(name):
            print(f"    {c:.{digits}g}")


if __name__ == "__main__":
    main()
