"""The normal law's tail in decimal arithmetic: Q(x), the probability above x sigma, and ratios of it."""

from decimal import Decimal

_ROOT_TWO_PI = Decimal("2.5066282746310005024157652848110452530069867406099383")


def upper(x: Decimal) -> Decimal:
    """Return Q(x), the probability above x sigma."""
    if x < 0:
        return 1 - upper(-x)
    return (-x * x / 2).exp() / _ROOT_TWO_PI * mills(x) if x.is_finite() else Decimal(0)


def mills(x: Decimal) -> Decimal:
    """Return Q(x) / phi(x) for x >= 0: by Laplace's continued fraction, near 0 by the power series of what it lacks."""
    if x >= 3:
        value = x
        for k in range(int(2000 / (x * x)) + 12, 0, -1):
            value = x + k / value
        return 1 / value
    term = total = x
    odd = 1
    while term > Decimal("1e-40"):
        odd += 2
        term = term * x * x / odd
        total += term
    return _ROOT_TWO_PI / 2 * (x * x / 2).exp() - total


def tail_ratio(alpha: Decimal, beta: Decimal, sigmas: Decimal) -> Decimal:
    """Return Q(beta) / Q(alpha), without either."""
    fall = sigmas * (alpha + sigmas / 2)
    return (-fall).exp() * mills(beta) / mills(alpha) if fall < 2000 else Decimal(0)
