"""Committed hashes of a stream's fills: what stands in for its origin where that cannot run or has other bits.

`python -m verify.checks.hashes [STREAM...]` writes golden/STREAM.json anew from the quick cases of the stream's origin:
torch's only on a reference machine (torch 2.13, x86-64 Linux, AVX2), the counter stream's on any. A deterministic law
needs no hash, and orthogonal_ has none: its bits are nobody's promise.
"""

from __future__ import annotations

import json
import sys
from functools import cache
from pathlib import Path
from typing import Any

from ..cases.case import Case
from ..cases.draws import derived_seed
from ..cases.formats import FORMATS, FormatMissing
from ..cases.selection import select
from ..laws.streams import TORCH, draws_in_blocks, libm_functions
from ..subjects import Subject, catalogue
from ..subjects.catalogue import ORIGINS, doubts
from ..subjects.environment import environment
from .bits import digest, state_digest
from .finding import Finding, diverging, draw, exact_finding

FOLDER = Path(__file__).parents[1] / "golden"
_SEED = 2013


def seed_of(case: Case) -> int:
    """The seed whose fill is kept; it has nothing to do with the run's seed."""
    return derived_seed(_SEED, case, "hash", 0)


def has_hash(case: Case) -> bool:
    """Whether a hash is kept for that case; a weight in shards has a twin everywhere, the same weight whole."""
    return case.random and case.function != "orthogonal_" and case.source != "shards"


def libm_divergence(case: Case, values: bool = True, state: bool = True) -> str:
    """Why this machine may differ from the hash of that case in torch's stream, in values or state, or nothing.

    Rounding to a narrower type hides last bits of a double, but for one in 10**12. A state has some where a normal
    waits in it, which none does after blocks.
    """
    here = environment()
    known = (
        set(libm_functions(case)) & set(here.libm)
        and (not values or FORMATS[case.dtype].real == "float64")
        and (not state or not draws_in_blocks(case))
    )
    return here.c_library if known else ""


def path(stream: str) -> Path:
    """Where the hashes of that stream are kept."""
    return FOLDER / f"{stream}.json"


@cache
def committed(stream: str) -> dict[str, Any]:
    """The data file: per case the hash of the values and of the final state; of torch's, where they were made."""
    if not path(stream).exists():
        return {"hashes": {}}
    data: dict[str, Any] = json.loads(path(stream).read_text(encoding="utf-8"))
    return data


def hash_findings(subject: Subject, case: Case, stream: str) -> list[Finding]:
    """One finding where a hash of that stream is kept for the case: bits and final state at once."""
    entry = committed(stream)["hashes"].get(case.id)
    if entry is None:
        return []
    try:
        sample = draw(subject, case, (seed_of(case),))
    except FormatMissing as error:
        return [Finding("hash", subject.name, case, "not run", str(error))]
    digests = [digest(sample.draws[0]), state_digest(sample.draws[0])]
    if digests == entry:
        return [exact_finding(sample, "hash", True, "equal to the committed hash")]
    what = "values" if digests[0] != entry[0] else "final state"
    finding = exact_finding(
        sample, "hash", False, f"{what} differ from the committed hash {entry}: {digests}"
    )
    differ = digests[0] != entry[0], digests[1] != entry[1]
    cause = libm_divergence(case, *differ) if stream == TORCH.name else ""
    return [diverging(finding, cause) if cause else finding]


def make(stream: str) -> dict[str, Any]:
    """The data file's content, from the stream's origin, which must have the stream's bits here."""
    here = environment()
    if why := doubts(stream) or (here.libm_doubts if stream == TORCH.name else ()):
        raise SystemExit(
            f"hashes of {stream} must come from a reference machine, this is none: {'; '.join(why)}"
        )
    origin = catalogue.subject(ORIGINS[stream])
    hashes = {}
    for case in filter(has_hash, select("quick", functions=origin.functions)):
        filled = origin.fill(case, seed_of(case))
        hashes[case.id] = [digest(filled), state_digest(filled)]
    # Only torch's depend on where they were made.
    facts = {name: getattr(here, name) for name in ("torch", "libc", "system", "machine")}
    return {**(facts if stream == TORCH.name else {}), "hashes": hashes}


def main(streams: list[str]) -> None:
    """Write the hashes of those streams anew."""
    if unknown := set(streams) - set(ORIGINS):
        raise SystemExit(f"streams with hashes are {', '.join(ORIGINS)}; got {', '.join(sorted(unknown))}")
    for stream in streams:
        text = json.dumps(make(stream), indent=0, sort_keys=True) + "\n"
        path(stream).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:] or list(ORIGINS))
