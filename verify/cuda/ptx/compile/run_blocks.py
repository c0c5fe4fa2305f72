"""`run_blocks`: the function that runs one region of a kernel for all threads of some blocks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from llvmlite import ir

from ..memory.violations import REGION_BITS, THREAD_BITS
from ..syntax.kinds import Value, constant, integer

#: Arguments of `run_blocks`: addresses of what threads share and of their states, and what to run.
POINTERS = ("parameters", "context", "shared", "frames", "statuses")
SCALARS = ("resume", "region", "first", "stop", "backwards", "dynamic")
DIMENSIONS = tuple(f"{name}.{axis}" for name in ("ntid", "nctaid") for axis in "xyz")


@contextmanager
def loop(builder: Value, stop: Value, backwards: Value | None = None) -> Iterator[Value]:
    """A loop over 0, 1, ... stop - 1, or from the end."""
    entry = builder.block
    head, body, end = (builder.append_basic_block(name) for name in ("head", "body", "end"))
    zero = ir.Constant(stop.type, 0)
    builder.branch(head)
    builder.position_at_end(head)
    index = builder.phi(stop.type)
    index.add_incoming(zero, entry)
    builder.cbranch(builder.icmp_unsigned("<", index, stop), body, end)
    builder.position_at_end(body)
    increment = ir.Constant(stop.type, 1)
    mirrored = builder.sub(builder.sub(stop, increment), index)
    yield index if backwards is None else builder.select(backwards, mirrored, index)
    index.add_incoming(builder.add(index, increment), builder.block)
    builder.branch(head)
    builder.position_at_end(end)


def add_run_blocks(module: Value, thread: Value, frame_bytes: int, *, stepwise: bool) -> None:
    """Add the function, which returns the least status of a thread: negative if any failed."""
    i64, i32 = integer(64), integer(32)
    types = [i64] * (len(POINTERS) + len(SCALARS) + len(DIMENSIONS))
    function = ir.Function(module, ir.FunctionType(i32, types), "run_blocks")
    builder = ir.IRBuilder(function.append_basic_block("entry"))
    values = dict(zip((*POINTERS, *SCALARS, *DIMENSIONS), function.args, strict=True))
    for name in (*DIMENSIONS, "resume", "dynamic"):
        values[name] = builder.trunc(values[name], i32)
    least = builder.alloca(i32)
    builder.store(constant(32, 0), least)
    backwards = builder.icmp_unsigned("!=", values["backwards"], constant(64, 0))
    with loop(builder, builder.sub(values["stop"], values["first"]), backwards) as index:
        block = builder.add(values["first"], index)
        blocks_x, blocks_y = (builder.zext(values[f"nctaid.{axis}"], i64) for axis in "xy")
        row = builder.udiv(block, blocks_x)
        block_index = builder.urem(block, blocks_x), builder.urem(row, blocks_y), builder.udiv(row, blocks_y)
        values.update(zip(("x", "y", "z"), (builder.trunc(axis, i32) for axis in block_index), strict=True))
        with (
            loop(builder, values["ntid.z"], backwards) as z,
            loop(builder, values["ntid.y"], backwards) as y,
            loop(builder, values["ntid.x"], backwards) as x,
        ):
            status = _thread(builder, thread, values, (x, y, z), block, frame_bytes, stepwise)
            worse = builder.icmp_signed("<", status, builder.load(least))
            builder.store(builder.select(worse, status, builder.load(least)), least)
    builder.ret(builder.load(least))


def _thread(
    builder: Value,
    thread: Value,
    values: dict[str, Value],
    thread_index: tuple[Value, Value, Value],
    block: Value,
    frame_bytes: int,
    stepwise: bool,
) -> Value:
    """Call one thread and, where regions follow, store the status that it returns."""
    x, y, z = thread_index
    i64 = integer(64)
    rows = builder.add(builder.mul(z, values["ntid.y"]), y)
    linear = builder.add(builder.mul(rows, values["ntid.x"]), x)
    linear64 = builder.zext(linear, i64)
    frame = builder.add(values["frames"], builder.mul(linear64, constant(64, frame_bytes)))
    addresses = values["parameters"], values["context"], values["shared"], frame
    pointers = [
        builder.inttoptr(address, argument.type)
        for address, argument in zip(addresses, thread.args, strict=False)
    ]
    tag = builder.shl(values["region"], constant(64, THREAD_BITS))
    tag = builder.or_(builder.shl(block, constant(64, REGION_BITS + THREAD_BITS)), builder.or_(tag, linear64))
    triples = [*thread_index, *(values[axis] for axis in "xyz"), *(values[name] for name in DIMENSIONS)]
    status = builder.call(thread, [*pointers, values["resume"], tag, linear, values["dynamic"], *triples])
    if stepwise:
        statuses = builder.inttoptr(values["statuses"], integer(32).as_pointer())
        builder.store(status, builder.gep(statuses, [linear]))
    return status
