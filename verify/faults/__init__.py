"""Faults that must turn the harness red; whoever imports this can name them as subjects: `fault:NAME[@SUBJECT]`."""

from .fault import Fault, Faulty, Unclaimed
from .planted import PLANTED, planted

__all__ = ["PLANTED", "Fault", "Faulty", "Unclaimed", "planted"]
