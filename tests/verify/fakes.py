"""Subjects without torch or refinit: NumPy's own generator, right by construction or wrong by a known amount.

And refinit with planted faults, judged as if there were no right one beside it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from verify.cases.case import Case
from verify.cases.formats import FORMATS, inner_bounds, numpy_dtype, rounded
from verify.checks.finding import Sample, draw
from verify.faults import PLANTED, Faulty
from verify.laws import reference
from verify.laws.elements import component_law, quantiles
from verify.laws.streams import COUNTER_STREAM, Stream
from verify.subjects import Filled, Subject, subject

# Its ziggurat has no largest normal that matters, its truncated values are exact ones rounded once.
NUMPY = Stream("numpy", end="low")


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


class CounterFake(Subject):
    """The counter stream's recipe of docs and COUNTER_STREAM on NumPy's words; orthogonal_ by Householder's vectors."""

    name = "counter-fake"
    stream = COUNTER_STREAM

    def fill(self, case: Case, seed: int) -> Filled:
        rng, law, form = np.random.default_rng(seed), reference.law(case), FORMATS[case.dtype]
        if isinstance(law, reference.Exactly):
            return Filled(reference.expected_array(case.shape, law).astype(numpy_dtype(case.dtype)), None)
        if isinstance(law, reference.Haar):
            return Filled(haar(law, rng).reshape(case.shape).astype(numpy_dtype(case.dtype)), None)
        element = reference.Normal(0.0, law.std) if isinstance(law, reference.Sparse) else law
        reals = self.reals(
            component_law(element, form), form, case.size * (1 + (form.kind == "complex")), rng
        )
        values = reals.view(numpy_dtype(case.dtype)).reshape(case.shape)
        if isinstance(law, reference.Sparse):
            values[
                rng.permuted(np.tile(np.arange(case.shape[0])[:, None], case.shape[1]), axis=0) < law.zeros
            ] = 0
        return Filled(values, None)

    def reals(self, law, form, number: int, rng: np.random.Generator) -> np.ndarray:
        bits, fine = (53, np.float64) if form.real == "float64" else (32, np.float32)
        words = rng.integers(0, 2**bits, number + number % 2, dtype=np.uint64).astype(np.float64)
        if isinstance(law, reference.Normal):
            return normals(law, words, bits)[:number].astype(fine).astype(numpy_dtype(form.real))
        if isinstance(law, reference.Uniform):
            precision = 53 if form.real == "float64" else 24
            u, low = np.floor(words * 2.0 ** (precision - bits)) * 2.0**-precision, float(fine(law.low))
            values = (u * float(fine(law.high) - fine(law.low)) + low).astype(fine)
            ends = inner_bounds(law.low if form.is_half else low, np.nextafter(law.high, -np.inf), form.real)
        else:
            values = quantiles(law, (words + 0.5) * 2.0**-bits).astype(fine)
            ends = inner_bounds(law.low, law.high, form.real)
        stored = values.astype(numpy_dtype(form.real))[:number]
        return np.clip(stored.astype(np.float64), *ends).astype(stored.dtype)


def normals(law: reference.Normal, words: np.ndarray, bits: int) -> np.ndarray:
    """Box-Muller: cosine to the first of a pair, sine to the second."""
    radius = np.sqrt(-2.0 * np.log((words[::2] + 1.0) * 2.0**-bits))
    angle = 2.0 * np.pi * words[1::2] * 2.0**-bits
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1).reshape(-1) * law.std + law.mean


def haar(law: reference.Haar, rng: np.random.Generator) -> np.ndarray:
    """Stewart 1980: a QR factorisation with signs from elsewhere than the factorised matrix."""
    wide = law.rows < law.columns
    q, r = np.linalg.qr(rng.standard_normal((law.columns, law.rows) if wide else (law.rows, law.columns)))
    q = q * np.where(np.diag(r) < 0, -1.0, 1.0) * rng.choice([-1.0, 1.0], q.shape[1])
    return law.gain * (q.T if wide else q)


def sample(subject: Subject, case: Case, seed: int) -> Sample:
    return draw(subject, case, (seed,))


class Unpaired(Faulty):
    """A planted fault in refinit, whose bits are compared with the stream's origin or hashes, not with refinit."""

    fault_name: str

    def __init__(self) -> None:
        super().__init__(PLANTED[self.fault_name], subject("refinit"))

    def twin(self, case: Case) -> Subject | None:  # noqa: ARG002 - that is the point
        return None


class FansSwapped(Unpaired):
    fault_name = "fans_swapped"


class Sqrt3Missing(Unpaired):
    fault_name = "sqrt3_missing"


class StaleTail(Unpaired):
    fault_name = "stale_tail"
