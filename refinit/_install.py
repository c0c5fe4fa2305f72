"""What to install where a package is missing: a command that the reader can run."""

from __future__ import annotations

from pathlib import Path

from ._fork import undivided

#: refinit's extras, and the package that each is there for.
PACKAGES = {"cuda12": "numba-cuda[cu12]", "cuda13": "numba-cuda[cu13]", "dask": "dask[array]"}


def install(*extras: str) -> str:
    """The command for one of these extras; a copy that is no distribution names the packages, which alone it could."""
    named = [f"refinit[{extra}]" if _is_distribution() else PACKAGES[extra] for extra in extras]
    return "pip install " + " or ".join(f"'{name}'" for name in named)


def _is_distribution() -> bool:
    """Whether pip knows this very copy, as installed or as editable: then it knows the extras of its name, too."""
    with undivided():
        from importlib import metadata  # only where something is missing: it takes as long as refinit

    try:
        distribution = metadata.distribution("refinit")
    except metadata.PackageNotFoundError:
        return False
    here = Path(__file__).resolve().parent
    installed = Path(str(distribution.locate_file("refinit"))).resolve() == here
    return installed or '"editable": true' in (distribution.read_text("direct_url.json") or "")
