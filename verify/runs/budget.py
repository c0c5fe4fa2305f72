"""The run's false_fail_rate, and its split over the checks that may fail by chance.

Bonferroni: m checks at rate / m each condemn a right subject with probability at most `rate` in all, whatever
their dependence. Vocabulary of tensorflow/probability: false_fail_rate (a right subject is condemned),
false_pass_rate (a wrong one passes), discrepancy (how wrong it is).
"""

from __future__ import annotations

from dataclasses import dataclass

FALSE_FAIL_RATE = 1e-6


@dataclass(frozen=True)
class Budget:
    """The rate of the whole run and the number of checks that share it."""

    false_fail_rate: float
    checks: int

    @property
    def share(self) -> float:
        """The largest p-value at which one check fails."""
        return self.false_fail_rate / max(1, self.checks)
