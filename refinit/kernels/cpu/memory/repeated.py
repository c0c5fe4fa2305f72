"""One number over little memory (much of it goes by lines: ``constant.py``)."""

from numpy import uint8, uint16, uint32, uint64

from ..pointers import store

_WIDTHS = {8: uint8, 16: uint16, 32: uint32, 64: uint64}


def _repeated(element):
    def repeated(out, n, bits):
        number = element(bits)
        for j in range(n):
            store(out, j, number)

    return repeated


KERNELS = {f"repeated_{bits}": _repeated(element) for bits, element in _WIDTHS.items()}
