"""One pattern over much memory.

A store past the cache need not read its line first and so takes two thirds of the time, but the memory is cold then.
"""

from ..pointers import copy_line, finish_streaming, stream_line


def constant(out, lines, pattern, streamed):
    """Writes ``lines`` lines of 64 bytes, each like the 64 at ``pattern``, from an address that is a multiple of 64."""
    if streamed == 0:
        for i in range(lines):
            copy_line(pattern, out, i)
        return
    for i in range(lines):
        stream_line(pattern, out, i)
    finish_streaming()


KERNELS = {"constant": constant}
