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
INSTRUCTION_BYTES = 16
_USAGE = re.compile(r"Function (?P<name>[\w$.]+):\s+(?P<resources>(?:[\w\[\]]+:\d+ ?)+)")


class UnknownCode(Exception):
    """The disassembly contains what is not supported here; nothing is guessed."""


@dataclass(frozen=True)
class Instruction:
    """One instruction: its guard predicate ("@!P0", or ""), its opcode with suffixes, its operands."""

    predicate: str
    opcode: str
    operands: str
    #: Whether it may branch, exit or return, and whether it calls a function.
    control_flow: bool = False
    calls: bool = False

    @property
    def mnemonic(self) -> str:
        """The opcode without its suffixes."""
        return self.opcode.partition(".")[0]

    @property
    def suffixes(self) -> tuple[str, ...]:
        """The parts behind the opcode's first dot."""
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
        listing = _output_of("nvdisasm", "-json", file.name)
        usage = _output_of("cuobjdump", "-res-usage", file.name)
    resources = _resources(usage)
    return {entry["function-name"]: _function(entry, resources) for entry in json.loads(listing)[1]}


def _resources(usage: str) -> dict[str, dict[str, int]]:
    return {
        match["name"]: {key: int(number) for key, number in re.findall(r"(\w+):(\d+)", match["resources"])}
        for match in _USAGE.finditer(usage)
    }


def _function(entry: dict[str, Any], resources: dict[str, dict[str, int]]) -> Function:
    name, instructions = entry["function-name"], tuple(map(_instruction, entry["sass-instructions"]))
    length = len(instructions) * INSTRUCTION_BYTES
    if entry["start"] != 0 or entry["length"] != length or name not in resources:
        raise UnknownCode(
            f"expected {name} as one section of instructions of {INSTRUCTION_BYTES} bytes, with its resources"
        )
    used = resources[name]
    return Function(name, instructions, used["REG"], used["STACK"], used["LOCAL"], used["SHARED"])


def _instruction(entry: dict[str, Any]) -> Instruction:
    attributes = entry.get("other-attributes", {})
    return Instruction(
        entry.get("predicate", ""),
        entry["opcode"],
        entry.get("operands", ""),
        control_flow="control-flow" in attributes,
        calls="subroutine-call" in attributes,
    )


def _output_of(tool: str, *arguments: str) -> str:
    process = subprocess.run([_path_of(tool), *arguments], capture_output=True, text=True, check=False)
    if process.returncode:
        raise UnknownCode(f"{tool} {' '.join(arguments)} failed: {process.stderr.strip()}")
    return process.stdout


@cache
def _path_of(tool: str) -> str:
    """The tool of NVIDIA's packages, whose version is the compiler's, else one on the path."""
    spec = find_spec("nvidia")
    folders = spec.submodule_search_locations if spec and spec.submodule_search_locations else []
    for folder in folders:
        for path in sorted(Path(folder).glob(f"*/bin/{tool}")):
            return str(path)
    path_of_tool = shutil.which(tool)
    if path_of_tool is None:
        raise FileNotFoundError(f"expected the tool {tool}: pip install nvidia-cuda-{tool}")
    return path_of_tool
