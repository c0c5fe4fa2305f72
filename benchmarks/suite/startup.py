"""Start-up: what a fresh process pays before its first filled tensor."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

FIRST_FILL = """
import time, numpy
start = time.perf_counter()
import refinit
refinit.uniform_(refinit.empty(1000))
print(time.perf_counter() - start)
"""

IMPORT = """
import time, numpy
start = time.perf_counter()
import refinit
print(time.perf_counter() - start)
"""


def seconds_printed_by(code: str, cache_dir: str | None = None) -> float:
    """Run `code` in a fresh interpreter, with that cache of compiled code, if any; return what it prints."""
    environment = os.environ | ({"REFINIT_CACHE_DIR": cache_dir} if cache_dir else {})
    command = [sys.executable, "-c", code]
    # In a folder of its own: refinit comes from the environment asv measures, not from the working directory.
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.run(
            command, env=environment, cwd=folder, capture_output=True, text=True, check=True
        )
    return float(process.stdout)


def timeraw_import() -> tuple[str, str]:
    """Time of `import refinit` once NumPy is there."""
    return "import refinit", "import numpy"


class FirstFill:
    """From `import numpy` to a filled tensor: `import refinit`, and the kernel loaded or compiled."""

    params = ["warm", "cold"]
    param_names = ["cache"]
    timeout = 300
    unit = "s"

    def setup(self, cache: str) -> None:
        self.folder = tempfile.TemporaryDirectory()
        if cache == "warm":
            seconds_printed_by(FIRST_FILL, self.folder.name)

    def teardown(self, cache: str) -> None:  # noqa: ARG002 - asv passes all
        self.folder.cleanup()

    def track_first_fill_seconds(self, cache: str) -> float:
        if cache == "warm":
            return min(seconds_printed_by(FIRST_FILL, self.folder.name) for _ in range(5))
        return seconds_printed_by(FIRST_FILL, str(Path(self.folder.name, "empty")))
