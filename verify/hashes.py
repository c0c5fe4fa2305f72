"""Committed hashes of the reference's fills: what stands in for torch 2.13 where it cannot run.

`python -m verify.hashes` on a reference machine (torch 2.13, x86-64 Linux, AVX2) rewrites hashes.json from the
quick cases. A deterministic law needs no hash, and orthogonal_ has none: its bits are nobody's promise.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from .budget import derived_seed
from .cases import Case
from .checks.bits import digest, state_digest
from .checks.finding import Finding, draw, settled
from .environment import environment
from .formats import FORMATS, FormatMissing
from .selection import select
from .subjects import Subject, is_random, subject

PATH = Path(__file__).with_name("hashes.json")
_SEED = 2013


def seed_of(case: Case) -> int:
    """The seed whose fill is kept; it has nothing to do with the run's seed."""
    return derived_seed(_SEED, case, "hash", 0)


def wanted(case: Case) -> bool:
    """Whether a hash is kept for that case."""
    return is_random(case) and case.function != "orthogonal_"


def needs_libm(case: Case) -> bool:
    """Whether the C library's log, sin and cos enter: doubles, small and scattered normals (DESIGN section 3)."""
    if case.function in ("uniform_", "xavier_uniform_", "kaiming_uniform_"):
        return False
    return FORMATS[case.dtype].real == "float64" or case.size < 16 or case.layout != "contiguous"


@cache
def committed() -> dict[str, Any]:
    """The data file: the machine that made it, and per case the hash of the values and of the final state."""
    data: dict[str, Any] = json.loads(PATH.read_text(encoding="utf-8"))
    return data


def hash_findings(tried: Subject, case: Case) -> list[Finding]:
    """One finding where a hash is kept for the case: bits and final state at once."""
    entry = committed()["hashes"].get(case.id)
    if entry is None:
        return []
    try:
        sample = draw(tried, case, (seed_of(case),))
    except FormatMissing as error:
        return [Finding("hash", tried.name, case, "not run", str(error))]
    found = [digest(sample.draws[0]), state_digest(sample.draws[0])]
    if found == entry:
        return [settled(sample, "hash", True, "equal to the committed hash")]
    what = "values" if found[0] != entry[0] else "final state"
    made = committed()["libc"]
    if needs_libm(case) and environment().libc != made:
        text = f"{what} differ: known divergence of the C library, {environment().libc} is not {made}"
        return [Finding("hash", tried.name, case, "divergence", text, seed=sample.seeds[0])]
    return [settled(sample, "hash", False, f"{what} differ from the committed hash {entry}: {found}")]


def make() -> dict[str, Any]:
    """The data file's content, from the installed torch, which must be the reference."""
    here = environment()
    if not here.reference:
        raise SystemExit(f"hashes must come from a reference machine; {here.headline}")
    torch = subject("torch")
    hashes = {}
    for case in filter(wanted, select("quick")):
        filled = torch.fill(case, seed_of(case))
        hashes[case.id] = [digest(filled), state_digest(filled)]
    return {
        "torch": here.torch,
        "libc": here.libc,
        "system": here.system,
        "machine": here.machine,
        "hashes": hashes,
    }


if __name__ == "__main__":
    PATH.write_text(json.dumps(make(), indent=0, sort_keys=True) + "\n", encoding="utf-8")
