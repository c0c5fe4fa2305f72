"""Subjects: what can be verified. A device, a stream or a foreign library is one more entry of SUBJECTS."""

from .base import Filled, Subject
from .catalogue import DEFAULTS, ORIGINS, SCHEMES, SUBJECTS, Scheme, loaded, names, subject, twin_of, unknown
from .counter import CounterSubject
from .devices import CudaSubject, PtxSubject, SimSubject
from .refinit import RefinitSubject
from .torch import TorchSubject

__all__ = [
    "DEFAULTS",
    "ORIGINS",
    "SCHEMES",
    "SUBJECTS",
    "Filled",
    "Scheme",
    "Subject",
    "loaded",
    "names",
    "subject",
    "twin_of",
    "unknown",
]

SUBJECTS.update(
    (kind.name, kind)
    for kind in (RefinitSubject, CounterSubject, TorchSubject, CudaSubject, PtxSubject, SimSubject)
)
