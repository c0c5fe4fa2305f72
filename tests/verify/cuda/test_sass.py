"""Machine code as nvdisasm lists it: blocks, the way that most threads take, and what is counted."""

import json

import pytest

from verify.cuda.sass import Function, Instruction, UnknownCode, disassembled, disassembly, facts_of
from verify.cuda.sass.facts import issue_slots
from verify.cuda.sass.flow import blocks_of, full_path

CONTROL_FLOW = {"BRA", "EXIT", "RET", "CALL", "BSSY", "BSYNC", "BRX"}
STORE = "STG.E.128 desc[UR4][R2.64],R4"


def function(*lines, name="kernel"):
    parsed = []
    for line in lines:
        predicate, _, rest = line.partition(" ") if line.startswith("@") else ("", "", line)
        opcode, _, operands = rest.partition(" ")
        mnemonic = opcode.partition(".")[0]
        calls = mnemonic == "CALL" and not operands.startswith("0x")
        parsed.append(Instruction(predicate, opcode, operands, mnemonic in CONTROL_FLOW, calls))
    return Function(name, tuple(parsed), registers=20, stack=0, local=0, shared=0)


def path_of(*lines):
    path = full_path(function(*lines))
    return path and [str(inst) for inst in path]


def test_a_straight_line_ends_at_its_last_wide_store():
    assert path_of("MOV R1,R2", STORE, "MOV R1,R3", STORE, "EXIT") == ["MOV R1,R2", STORE, "MOV R1,R3", STORE]
    assert issue_slots(function("MOV R1,R2", STORE, "MOV R1,R3", STORE, "EXIT")) == 2


def test_what_leads_to_no_wide_store_is_left_out():
    """The end of a run: a branch to narrow stores, and a predicated exit."""
    lines = ("@P1 EXIT", "@P0 BRA 0x40", STORE, "EXIT", "STG.E desc[UR4][R2.64],R4", "EXIT")
    assert path_of(*lines) == ["@P1 EXIT", "@P0 BRA 0x40", STORE]


def test_what_calls_a_function_is_left_out():
    """A root's common way jumps over the call; the calling block, and the jump behind it, are the rare way."""
    lines = (
        "MUFU.RSQ R5,R4",
        "@!P0 BRA 0x40",
        "CALL.ABS.NOINC root",
        "BRA 0x50",
        "FMUL R3,R4,R5",
        STORE,
        "EXIT",
    )
    assert path_of(*lines) == ["MUFU.RSQ R5,R4", "@!P0 BRA 0x40", "FMUL R3,R4,R5", STORE]


def test_both_sides_of_a_branch_count_where_both_lead_to_the_store():
    """A warp whose threads differ executes both."""
    lines = ("@P0 BRA 0x30", "MOV R1,R2", "BRA 0x40", "MOV R1,R3", STORE, "EXIT")
    assert len(path_of(*lines)) == 5


def test_a_loop_has_no_length():
    assert path_of("MOV R1,R2", STORE, "@P0 BRA 0x0", "EXIT") is None
    assert issue_slots(function("MOV R1,R2", "EXIT")) is None


def test_a_loop_elsewhere_does_not_matter():
    lines = ("@P0 BRA 0x30", STORE, "EXIT", "MOV R1,R2", "@P1 BRA 0x30", "EXIT")
    assert path_of(*lines) == ["@P0 BRA 0x30", STORE]


def test_a_call_within_the_function_is_a_branch():
    """sm_80 leaves loops so; BRA.U has its condition among the operands."""
    blocks = blocks_of(function("@!P2 CALL.REL.NOINC 0x30", "BRA.U UP0,0x0", "EXIT", "EXIT"))
    assert {start: block.successors for start, block in blocks.items()} == {
        0: (1, 3),
        1: (2, 0),
        2: (),
        3: (),
    }


@pytest.mark.parametrize("line", ["BRX R2", "BRA R2"])
def test_unknown_jumps_are_refused(line):
    with pytest.raises(UnknownCode, match=line.split()[0]):
        blocks_of(function(line, "EXIT"))


LISTED = (
    "DADD R2,R4,R6",
    "I2F.F64.U32 R2,R4",
    "MUFU.RSQ64H R3,R5",
    "HFMA2.MMA R5,-RZ,RZ,1.5,-3",
    "HADD2 R1,R2,R3",
    "I2F.U32.RP R1,R2",
    "MUFU.RCP R1,R2",
    "MUFU.EX2 R1,R2",
    "LDL R1,[R2]",
    "FFMA R1,R2,R3,R4",
    "FMUL R1,R2,R3",
    "FMUL.FTZ R1,R2,R3",
    "FADD2 R2,R4,R6",
    "STG.E desc[UR4][R2.64],R4",
    "STG.E.U16 desc[UR4][R2.64],R4",
    STORE,
    "EXIT",
)


@pytest.fixture
def tools(monkeypatch):
    """NVIDIA's tools say this of any cubin."""

    def say(
        lines,
        usage="Function kernel:\n  REG:40 STACK:8 SHARED:16 LOCAL:0 CONSTANT[0]:664 TEXTURE:0\n",
        start=0,
    ):
        instructions = []
        for inst in function(*lines).instructions:
            attributes = {"control-flow": "True"} if inst.control_flow else {}
            instructions.append(
                {"opcode": inst.opcode, "operands": inst.operands, "predicate": inst.predicate}
                | ({"other-attributes": attributes} if attributes else {})
            )
        entry = {
            "function-name": "kernel",
            "start": start,
            "length": 16 * len(lines),
            "sass-instructions": instructions,
        }
        outputs = {"nvdisasm": json.dumps([{}, [entry]]), "cuobjdump": usage}
        monkeypatch.setattr(disassembly, "_output_of", lambda tool, *arguments: outputs[tool])

    return say


def test_facts(tools):
    tools(LISTED)
    facts = facts_of("kernel", b"")
    assert (facts.kernel.registers, facts.kernel.stack, facts.kernel.shared) == (40, 8, 16)
    assert [inst.mnemonic for inst in facts.float64] == ["DADD", "I2F", "MUFU"]
    assert [inst.opcode for inst in facts.half] == ["HADD2"]
    assert dict(facts.special) == {"RSQ64H": 1, "EX2": 1}
    assert [inst.mnemonic for inst in facts.local] == ["LDL"]
    assert (facts.separate[32], facts.fused[32], facts.separate[64]) == (3, 1, 1)
    assert dict(facts.stores) == {4: 1, 2: 1, 16: 1}
    assert facts.issue_slots == len(LISTED) - 1


def test_a_listing_that_is_not_understood_is_refused(tools):
    for options in ({"usage": ""}, {"start": 128}):
        tools(LISTED, **options)
        with pytest.raises(UnknownCode, match="kernel"):
            disassembled(b"")


def test_without_the_tools_it_is_said_what_to_install(monkeypatch):
    monkeypatch.setattr(disassembly, "find_spec", lambda name: None)
    monkeypatch.setenv("PATH", "")
    disassembly._path_of.cache_clear()
    with pytest.raises(FileNotFoundError, match="pip install nvidia-cuda-nvdisasm"):
        disassembled(b"")
