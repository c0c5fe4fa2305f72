"""A recipe in JSON that uses all of the format, small; and what may be wrong with one."""

import json
from typing import Any

W, B, H = {"buffer": "w"}, {"buffer": "b"}, {"buffer": "h"}
ROWS = {"buffer": "w", "offset": 6, "shape": [2, 6], "strides": [6, 1]}
COLUMN = {"buffer": "w", "offset": 0, "shape": [4, 1], "strides": [6, 1]}
FOUR = {"dtype": "int64", "shape": [4], "values": [1, 2, 3, 4]}
VALID: dict[str, Any] = {
    "format": "refinit recipe 1",
    "source": "tests",
    "versions": {"torch": "2.13"},
    "buffers": {
        "w": {"dtype": "float32", "shape": [4, 6]},
        "v": {"dtype": "float32", "shape": [4, 6]},
        "b": {"dtype": "float32", "shape": [4]},
        "h": {"dtype": "float16", "shape": [3, 2, 2]},
        "c": {"dtype": "complex64", "shape": [2]},
        "i": {"dtype": "int64", "shape": [4]},
        "m": {"dtype": "bool", "shape": [4, 6]},
        "big": {"dtype": "float32", "shape": [8, 6]},
    },
    "steps": [
        {
            "fill": "kaiming_uniform_",
            "out": W,
            "arguments": {"a": 2.0, "mode": "fan_out"},
            "where": "net.py:1",
        },
        {"fill": "normal_", "out": W, "arguments": {"std": 0.5}, "call": "normal_(w, std=0.5)"},
        {"fill": "xavier_normal_", "out": ROWS, "arguments": {"in_axis": [1], "out_axis": 0}},
        {"fill": "trunc_normal_", "out": B},
        {"fill": "uniform_", "out": {"buffer": "c"}},
        {"fill": "normal_", "out": H},
        {"operation": "copy", "out": {"buffer": "v"}, "operands": [W]},
        {"operation": "mul", "out": W, "operands": [W, COLUMN]},
        {"operation": "add", "out": ROWS, "operands": [ROWS, 1.5], "options": {"alpha": 2}},
        {"operation": "clamp", "out": W, "operands": [W, "-inf"], "options": {"max": 1.0}},
        {"operation": "gt", "out": {"buffer": "m"}, "operands": [W, 0]},
        {"operation": "where", "out": W, "operands": [{"buffer": "m"}, W, {"buffer": "v"}]},
        {"operation": "norm", "out": B, "operands": [W, 2, [1]]},
        {"operation": "erfinv", "out": B, "operands": [B], "within": 2.0},
        {"operation": "cat", "out": {"buffer": "big"}, "operands": [[W, {"buffer": "v"}], 0]},
        {"operation": "constant_pad_nd", "out": H, "operands": [H, [0, 0]], "options": {"value": "nan"}},
        {
            "operation": "copy",
            "out": {"buffer": "i"},
            "operands": [{"dtype": "int64", "shape": [4], "values": [1, 2, 3, 4]}],
        },
        {"operation": "roll", "out": {"buffer": "v"}, "operands": [{"buffer": "v"}, [1, 2], [0, 1]]},
    ],
    "state": {
        "weight": W,
        "rows": ROWS,
        "copy": {"buffer": "v"},
        "bias": B,
        "half": H,
        "complex": {"buffer": "c"},
        "big": {"buffer": "big"},
        "count": {"buffer": "i"},
        "mask": {"dtype": "bool", "shape": [2, 2], "value": True},
        "z": {"dtype": "complex64", "shape": [1], "values": [{"real": 1.5, "imag": "inf"}]},
        "steps": {"dtype": "uint8", "shape": [4], "bytes": 4, "zlib": "eNpjZGJmAQAAGAAL"},
    },
}


def changed(*path: Any, to: Any) -> dict[str, Any]:
    """The recipe with another value at this path; ``...`` deletes."""
    document = json.loads(json.dumps(VALID))  # W and its like are one object there
    entry: Any = document
    for key in path[:-1]:
        entry = entry[key]
    if to is ...:
        del entry[path[-1]]
    else:
        entry[path[-1]] = to
    return document


#: What schema and checks refuse alike: path, value, and a part of the message.
MALFORMED = [
    (
        ("format",),
        "refinit recipe 2",
        "format: expected 'refinit recipe 1', got 'refinit recipe 2'; update refinit",
    ),
    (("state",), ..., "expected the key 'state'"),
    (("extra",), 1, "expected no keys but format, buffers, steps, state, source, versions, got 'extra'"),
    (("steps",), {}, "steps: expected a list, got dict {}"),
    (("buffers",), [], "expected a JSON object, got list []"),
    (("versions", "torch"), 2, "versions['torch']: expected a string of at most 1024 characters, got 2"),
    (("versions", "torch"), "a\x1bb", "expected a string without control characters"),
    (("buffers", "w", "dtype"), "float33", "buffers['w'].dtype: expected one of float16, "),
    (("buffers", "w", "shape"), [4, -6], "buffers['w'].shape[1]: expected an integer from 0 on, got -6"),
    (("buffers", "w", "shape"), [4.5, 6], "buffers['w'].shape[0]: expected an integer from 0 on, got 4.5"),
    (("buffers", "w", "shape"), [1] * 33, "expected at most 32 axes"),
    (("buffers", "x" * 1025), {"dtype": "bool", "shape": []}, "buffers: expected a string of at most 1024"),
    (("steps", 0), 3, "steps[0]: expected a JSON object, got int 3"),
    (("steps", 0), {}, "steps[0]: expected the key 'operation'"),
    (("steps", 0, "out"), ..., "steps[0]: expected the key 'out'"),
    (
        ("steps", 0, "seed"),
        1,
        "steps[0]: expected no keys but fill, out, arguments, call, within, where, got 'seed'",
    ),
    (("steps", 0, "fill"), "exec", "steps[0].fill: expected one of constant_, "),
    (("steps", 0, "fill"), "__class__", "steps[0].fill: expected one of constant_, "),
    (("steps", 0, "out", "offset"), 0, "steps[0].out: expected offset, shape and strides together"),
    (
        ("steps", 0, "out"),
        {"dtype": "bool", "shape": [], "value": True},
        "steps[0].out: expected the key 'buffer'",
    ),
    (("steps", 0, "arguments", "a"), {"buffer": "w"}, "steps[0].arguments.a: expected a string"),
    (
        ("steps", 2, "out", "strides"),
        [6, -1],
        "steps[2].out.strides[1]: expected an integer from 0 on, got -1",
    ),
    (("steps", 6, "operation"), "system", "steps[6].operation: expected one of abs, "),
    (("steps", 6, "within"), -1, "steps[6].within: expected a number of ulp, got -1"),
    (("state", "mask", "values"), [1], "state['mask']: expected one of value, values and zlib"),
    (("state", "mask", "bytes"), 4, "state['mask']: expected one of value, values and zlib"),
    (
        ("state", "mask"),
        {"dtype": "bool", "shape": []},
        "state['mask']: expected one of value, values and zlib",
    ),
    (("state", "mask", "value"), "nan?", "state['mask'].value[0]: expected a number of bool, got 'nan?'"),
    (("state", "mask"), 5, "state['mask']: expected a JSON object, got int 5"),
]

#: What is well-formed and cannot be carried out.
IMPOSSIBLE = [
    (
        ("steps", 0, "out", "buffer"),
        "x",
        "steps[0].out.buffer: expected the name of a buffer, got 'x'; add",
    ),
    (
        ("steps", 0, "arguments", "mode"),
        "fan",
        "arguments that kaiming_uniform_ takes, got ValueError",
    ),
    (
        ("steps", 0, "arguments", "b"),
        1,
        "arguments that kaiming_uniform_ takes, got TypeError",
    ),
    (
        ("steps", 0, "arguments", "generator"),
        1,
        "arguments that kaiming_uniform_ takes, got TypeError",
    ),
    (
        ("steps", 1, "arguments", "std"),
        -1.0,
        "steps[1]: expected arguments that normal_ takes, got RuntimeError",
    ),
    (
        ("steps", 1, "arguments", "std"),
        "inf?",
        "steps[1]: expected arguments that normal_ takes, got TypeError",
    ),
    (
        ("steps", 1, "out", "buffer"),
        "i",
        "steps[1].out: expected a type that normal_ fills, got int64; copy",
    ),
    (
        ("steps", 2, "out", "offset"),
        13,
        "steps[2].out: expected a view within the 24 elements of 'w', got element 24",
    ),
    (
        ("steps", 2, "out", "strides"),
        [1, 1],
        "steps[2].out: expected elements that do not share memory",
    ),
    (("steps", 2, "out", "strides"), [6], "steps[2].out: expected a stride for each axis"),
    (("steps", 6, "operands"), [], "steps[6].src: expected a view or a literal, got none"),
    (("steps", 6, "operands"), [2.0], "steps[6].src: expected a view or a literal, got 2.0"),
    (("steps", 6, "operands"), [W, W], "steps[6].operands: expected at most 1 for copy, got 2"),
    (
        ("steps", 6, "operands"),
        [B],
        "steps[6]: expected shapes that broadcast, got (4,), (4, 6)",
    ),
    (
        ("steps", 7, "operands"),
        [W, {"buffer": "h"}],
        "steps[7]: expected shapes that broadcast, got (4, 6), (3, 2, 2)",
    ),
    (("steps", 7, "out"), {"buffer": "i"}, "steps[7]: expected shapes that broadcast, got (4, 6), (4,)"),
    (("steps", 8, "options", "beta"), 1, "steps[8].options: expected of add these: alpha, got 'beta'"),
    (("steps", 8, "options", "alpha"), W, "steps[8].alpha: expected a number, got"),
    (
        ("steps", 12, "operands"),
        [W, 2, [2]],
        "steps[12]: expected an axis from -2 to 1, got 2",
    ),
    (
        ("steps", 12, "operands"),
        [W, 2, [1, 1]],
        "steps[12]: expected each axis once, got [1, 1]",
    ),
    (("steps", 14, "operands"), [[W, B], 0], "steps[14]: expected shapes that differ in axis 0 alone"),
    (("steps", 14, "operands"), [[], 0], "steps[14].tensors: expected a list of views and literals, got []"),
    (("steps", 15, "operands"), [H, [-3, 0]], "steps[15]: expected no axis cropped beyond its length"),
    (("steps", 16, "operands", 0, "values"), [1, 2], "expected 4 values for shape (4,), got 2"),
    (("steps", 16, "operands", 0, "values"), [1, 2, 3, 1 << 63], "values[3]: expected a number of int64"),
    (
        ("steps", 16, "operands", 0, "values"),
        [1, 2, 3, 4.5],
        "values[3]: expected a number of int64, got 4.5",
    ),
    (
        ("steps", 17, "operands"),
        [{"buffer": "v"}, [1], [0, 1]],
        "steps[17]: expected a shift for each axis",
    ),
    (("state", "weight", "buffer"), "x", "state['weight'].buffer: expected the name of a buffer, got 'x'"),
    (("state", "steps", "zlib"), "e!", "state['steps'].zlib: expected base64 of zlib's bytes, got "),
    (("state", "steps", "zlib"), "eNpjZGJmAQAAGA==", "state['steps'].zlib: expected 4 bytes unfolded"),
    (("state", "steps", "bytes"), 5, "state['steps'].bytes: expected 4, the size of its shape, got 5"),
    (("state", "steps", "shape"), [5], "state['steps'].bytes: expected 5, the size of its shape, got 4"),
    (("state", "mask", "value"), 1, "state['mask'].value[0]: expected a number of bool, got 1"),
    (("buffers", "w", "shape"), [1 << 30, 1 << 30], "buffers['w'].shape: expected at most 32 axes and"),
    (("buffers", "w", "shape"), [1 << 20, 1 << 20], "steps[0].out: expected at most max_bytes="),
    (
        ("steps", 10, "operation"),
        "bitwise_and",
        "steps[10]: expected operands that bitwise_and takes, got TypeError",
    ),
    (("buffers", "b", "dtype"), "int64", "steps[3].out: expected a type that trunc_normal_ fills, got int64"),
    (("buffers", "v", "dtype"), "complex64", "steps[11]: expected operands that where takes, got TypeError"),
]
