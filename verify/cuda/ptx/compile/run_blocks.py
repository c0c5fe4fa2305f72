"""The function that runs one region of a kernel for all threads of some blocks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from llvmlite import ir

from ..memory.violations import REGION_BITS, THREAD_BITS
from ..syntax.kinds import Value, constant, integer

#: Arguments of the driver: what is passed on, where threads' states lie, and what to run.
POINTERS = ("parameters", "context", "shared", "frames", "statuses")
NUMBERS = ("resume", "region", "first", "stop", "backwards", "dynamic")
SIZES = tuple(f"{name}.{axis}" for name in ("ntid", "nctaid") for axis in "xyz")


@contextmanager
def counted(builder: Value, stop: Value, backwards: Value | None = None) -> Iterator[Value]:
    """A loop over 0, 1, ... stop - 1, or from the end."""
    before = builder.block
    head, body, done = (builder.append_basic_block(name) for name in ("head", "body", "done"))
    zero = ir.Constant(stop.type, 0)
    builder.branch(head)
    builder.position_at_end(head)
    index = builder.phi(stop.type)
    index.add_incoming(zero, before)
    builder.cbranch(builder.icmp_unsigned("<", index, stop), body, done)
    builder.position_at_end(body)
    one = ir.Constant(stop.type, 1)
    mirrored = builder.sub(builder.sub(stop, one), index)
    yield index if backwards is None else builder.select(backwards, mirrored, index)
    index.add_incoming(builder.add(index, one), builder.block)
    builder.branch(head)
    builder.position_at_end(done)


def add_driver(unit: Value, thread: Value, frame_bytes: int, *, stepwise: bool) -> None:
    """Add `run_blocks`, which returns the least status: negative if any thread failed."""
    word, number = integer(64), integer(32)
    types = [word] * (len(POINTERS) + len(NUMBERS) + len(SIZES))
    function = ir.Function(unit, ir.FunctionType(number, types), "run_blocks")
    builder = ir.IRBuilder(function.append_basic_block("entry"))
    given = dict(zip((*POINTERS, *NUMBERS, *SIZES), function.args, strict=True))
    for name in (*SIZES, "resume", "dynamic"):
        given[name] = builder.trunc(given[name], number)
    least = builder.alloca(number)
    builder.store(constant(32, 0), least)
    backwards = builder.icmp_unsigned("!=", given["backwards"], constant(64, 0))
    with counted(builder, builder.sub(given["stop"], given["first"]), backwards) as index:
        block = builder.add(given["first"], index)
        wide = [builder.zext(given[f"nctaid.{axis}"], word) for axis in "xy"]
        row = builder.udiv(block, wide[0])
        place = builder.urem(block, wide[0]), builder.urem(row, wide[1]), builder.udiv(row, wide[1])
        given.update(zip(("x", "y", "z"), (builder.trunc(one, number) for one in place), strict=True))
        with (
            counted(builder, given["ntid.z"], backwards) as z,
            counted(builder, given["ntid.y"], backwards) as y,
            counted(builder, given["ntid.x"], backwards) as x,
        ):
            status = _thread(builder, thread, given, (x, y, z), block, frame_bytes, stepwise)
            worse = builder.icmp_signed("<", status, builder.load(least))
            builder.store(builder.select(worse, status, builder.load(least)), least)
    builder.ret(builder.load(least))


def _thread(
    builder: Value,
    thread: Value,
    given: dict[str, Value],
    place: tuple[Value, Value, Value],
    block: Value,
    frame_bytes: int,
    stepwise: bool,
) -> Value:
    """Call one thread and, where regions follow, keep what it returned."""
    x, y, z = place
    word = integer(64)
    rows = builder.add(builder.mul(z, given["ntid.y"]), y)
    linear = builder.add(builder.mul(rows, given["ntid.x"]), x)
    wide = builder.zext(linear, word)
    frame = builder.add(given["frames"], builder.mul(wide, constant(64, frame_bytes)))
    addresses = given["parameters"], given["context"], given["shared"], frame
    pointers = [
        builder.inttoptr(address, argument.type)
        for address, argument in zip(addresses, thread.args, strict=False)
    ]
    who = builder.shl(given["region"], constant(64, THREAD_BITS))
    who = builder.or_(builder.shl(block, constant(64, REGION_BITS + THREAD_BITS)), builder.or_(who, wide))
    triples = [*place, *(given[axis] for axis in "xyz"), *(given[name] for name in SIZES)]
    status = builder.call(thread, [*pointers, given["resume"], who, linear, given["dynamic"], *triples])
    if stepwise:
        statuses = builder.inttoptr(given["statuses"], integer(32).as_pointer())
        builder.store(status, builder.gep(statuses, [linear]))
    return status
