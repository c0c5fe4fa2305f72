"""Copies that are moves are left out, and no others."""

from refinit.models.recipe.parts import Buffer, Fill, Operation, View
from refinit.models.replay.moves import without_moves

BUFFERS = {name: Buffer(name, "float32", (4, 6)) for name in "abc"} | {"d": Buffer("d", "float32", (4,))}
A, B, C, D = (buffer.whole for buffer in BUFFERS.values())


def copy(out, source):
    return Operation("copy", out, (source,))


def moved(*steps, temporary="ab"):
    return without_moves(steps, BUFFERS, lambda name: name in temporary)


def test_a_source_that_nothing_else_reads_is_filled_in_the_copys_place():
    scaled = Operation("mul", A, (A, 2.0), {"alpha": 1})
    first, second = moved(Fill("normal_", A), scaled, copy(B, A))
    assert first == Fill("normal_", B)
    assert (second.out, second.operands) == (B, (B, 2.0))


def test_chains_of_copies_go():
    assert moved(Fill("normal_", A), copy(B, A), copy(C, B)) == [Fill("normal_", C)]


def test_what_is_no_move_stays():
    transposed = View("b", 0, (4, 6), (1, 4))
    for steps in (
        (Fill("normal_", C), copy(B, C)),  # the source is not temporary
        (Fill("normal_", A), copy(B, A), copy(C, A)),  # two readers
        (Fill("normal_", A), copy(B, A), Fill("ones_", A)),  # written afterwards
        (Fill("ones_", B), Fill("normal_", A), copy(B, A)),  # the copy's memory has been touched
        (Fill("normal_", A), copy(transposed, A)),  # in another order
        (Fill("normal_", A), copy(D, View("a", 0, (4,), (1,)))),  # not all of it
    ):
        assert moved(*steps, temporary="a") == [*steps]
