"""A cubin to its functions and instructions, by NVIDIA's own tools."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

#: Bytes of an instruction, on every device since sm_70.
SIZE = 16
_USAGE = re.compile(r"Function (?P<name>[\w$.]+):\s+(?P<facts>(?:[\w\[\]]+:\d+ ?)+)")


class UnknownCode(Exception):
    """The disassembly says something that is not understood here; nothing is guessed."""


@dataclass(frozen=True)
class Instruction:
    """One instruction: the predicate it runs under ("@!P0", or ""), its opcode with suffixes, its operands."""

    predicate: str
    opcode: str
    operands: str
    #: Whether it may go elsewhere than to the next one, and whether that is a function.
    jumps: bool = False
    calls: bool = False

    @property
    def root(self) -> str:
        """The opcode without its suffixes."""
        return self.opcode.partition(".")[0]

    @property
    def suffixes(self) -> tuple[str, ...]:
        """What stands behind the opcode's dots."""
        return tuple(self.opcode.split(".")[1:])

    def __str__(self) -> str:
        """As nvdisasm writes it."""
        return " ".join(filter(None, (self.predicate, self.opcode, self.operands)))


@dataclass(frozen=True)
class Function:
    """A kernel, or what it calls; registers, and bytes of stack, of local and of a block's shared memory."""

    name: str
    instructions: tuple[Instruction, ...]
    registers: int
    stack: int
    local: int
    shared: int


def disassembled(cubin: bytes) -> dict[str, Function]:
    """The functions of a cubin by name.

    Raises
    ------
    FileNotFoundError
        Without NVIDIA's tools.
    UnknownCode
        If their output is of a kind not known here.
    """
    with tempfile.NamedTemporaryFile(suffix=".cubin") as file:
        file.write(cubin)
        file.flush()
        listing, usage = (
            _said_by("nvdisasm", "-json", file.name),
            _said_by("cuobjdump", "-res-usage", file.name),
        )
    resources = _resources(usage)
    found = json.loads(listing)[1]
    return {one["function-name"]: _function(one, resources) for one in found}


def _resources(usage: str) -> dict[str, dict[str, int]]:
    return {
        one["name"]: {key: int(number) for key, number in re.findall(r"(\w+):(\d+)", one["facts"])}
        for one in _USAGE.finditer(usage)
    }


def _function(found: dict[str, Any], resources: dict[str, dict[str, int]]) -> Function:
    name, instructions = found["function-name"], tuple(map(_instruction, found["sass-instructions"]))
    if found["start"] != 0 or len(instructions) * SIZE != found["length"] or name not in resources:
        raise UnknownCode(
            f"expected {name} as one section of instructions of {SIZE} bytes, with its resources"
        )
    used = resources[name]
    return Function(name, instructions, used["REG"], used["STACK"], used["LOCAL"], used["SHARED"])


def _instruction(found: dict[str, Any]) -> Instruction:
    traits = found.get("other-attributes", {})
    return Instruction(
        found.get("predicate", ""),
        found["opcode"],
        found.get("operands", ""),
        jumps="control-flow" in traits,
        calls="subroutine-call" in traits,
    )


def _said_by(tool: str, *arguments: str) -> str:
    done = subprocess.run([_path_of(tool), *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise UnknownCode(f"{tool} {' '.join(arguments)} failed: {done.stderr.strip()}")
    return done.stdout


@cache
def _path_of(tool: str) -> str:
    """The tool of NVIDIA's packages, whose version is the compiler's, else one on the path."""
    spec = find_spec("nvidia")
    folders = spec.submodule_search_locations if spec and spec.submodule_search_locations else []
    for folder in folders:
        for path in sorted(Path(folder).glob(f"*/bin/{tool}")):
            return str(path)
    found = shutil.which(tool)
    if found is None:
        raise FileNotFoundError(f"expected the tool {tool}: pip install nvidia-cuda-{tool}")
    return found
