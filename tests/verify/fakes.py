"""Subjects without torch or refinit: NumPy's own generator, right by construction or wrong by a known amount."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from verify import reference
from verify.cases import Case
from verify.checks.finding import Sample, draw
from verify.exact.streams import Stream
from verify.formats import numpy_dtype, rounded
from verify.subjects import Filled, Subject

# PCG64 gives 53 bits to a uniform; its ziggurat normals reach farther than Box-Muller's.
NUMPY = Stream("numpy", end="low", bits=200, bits_double=200)


@dataclass
class NumpySubject(Subject):
    """The law itself, its values multiplied by `factor` and moved by `shift` (in units of std)."""

    factor: float = 1.0
    shift: float = 0.0
    name: str = "numpy"
    stream: Stream = NUMPY

    def fill(self, case: Case, seed: int) -> Filled:
        rng, law = np.random.default_rng(seed), reference.law(case)
        if isinstance(law, reference.Uniform):
            values = rng.uniform(law.low, law.high, case.shape) * self.factor
            values += self.shift * (law.high - law.low) / np.sqrt(12)
        elif isinstance(law, reference.Normal):
            values = (rng.standard_normal(case.shape) * self.factor + self.shift) * law.std + law.mean
        else:
            values = self.truncated(law, case, rng)
        stored = values.astype(np.float32) if case.dtype in ("float16", "bfloat16") else values
        stored = stored.astype(numpy_dtype(case.dtype))
        if isinstance(law, reference.Uniform):
            stored[stored == rounded(law.high, case.dtype)] = rounded(law.low, case.dtype)
        return Filled(stored, None)

    def truncated(self, law: reference.TruncatedNormal, case: Case, rng: np.random.Generator) -> np.ndarray:
        values = rng.normal(law.mean, law.std, case.shape)
        while (bad := (values < law.low) | (values > law.high)).any():
            values[bad] = rng.normal(law.mean, law.std, int(bad.sum()))
        return values


def sample(subject: Subject, case: Case, seed: int) -> Sample:
    return draw(subject, case, (seed,))
