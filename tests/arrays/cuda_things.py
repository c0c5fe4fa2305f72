"""Things that call themselves CUDA arrays, over the host's memory; and a device that notes how it was opened."""

import ctypes
from contextlib import contextmanager

import numpy as np

from refinit.arrays import dlpack
from refinit.devices import device as devices

CODES = {"f": 2, "i": 0, "u": 1, "c": 5, "b": 6}
IS_VALID = ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_char_p)(
    ("PyCapsule_IsValid", ctypes.pythonapi)
)
NEW = ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p)(
    ("PyCapsule_New", ctypes.pythonapi)
)


class Interface:
    """Only ``__cuda_array_interface__``; keywords change its entries, None takes one away."""

    def __init__(self, owner, **entries):
        self.owner = owner
        described = owner.__array_interface__
        self.__cuda_array_interface__ = {
            "shape": owner.shape,
            "typestr": described["typestr"],
            "data": (owner.ctypes.data, False),
            "strides": described["strides"],
            "version": 3,
        } | entries


class Capsules:
    """Only DLPack; each capsule is made by hand, and ``deleted`` counts the calls of its deleter.

    ``flags`` None: a capsule from before version 1, and a ``__dlpack__`` that knows no version.
    """

    def __init__(self, owner, device=(dlpack.CUDA, 1), *, says=None, flags=0, major=1, **changes):
        self.owner, self.device, self.says = owner, device, says or device
        self.flags, self.major, self.changes = flags, major, changes
        self.deleted, self.asked = 0, []
        self._alive = []

    def __dlpack_device__(self):
        return self.says

    def __dlpack__(self, **keywords):
        self.asked.append(keywords)
        if self.flags is None and "max_version" in keywords:
            raise TypeError("unexpected keyword max_version")
        kind = dlpack._Managed if self.flags is None else dlpack._Versioned
        managed = kind(tensor=self._tensor(), deleter=ctypes.cast(self._deleter(), ctypes.c_void_p))
        if self.flags is not None:
            managed.major, managed.minor, managed.flags = self.major, 1, self.flags
        return self._capsule(managed)

    def _tensor(self):
        owner = self.owner
        axes = ctypes.c_int64 * owner.ndim
        strides = axes(*(stride // owner.itemsize for stride in owner.strides))
        fields = {
            "data": owner.ctypes.data,
            "device": self.device,
            "ndim": owner.ndim,
            "dtype": (CODES.get(owner.dtype.kind, 4), owner.itemsize * 8, 1),
            "shape": axes(*owner.shape),
            "strides": strides,
            "byte_offset": 0,
        }
        return dlpack._Tensor(**fields | self.changes)

    def _deleter(self):
        def delete(_):
            self.deleted += 1

        return self._kept(ctypes.CFUNCTYPE(None, ctypes.c_void_p)(delete))

    def _capsule(self, managed):
        """Its destructor calls the deleter, as producers' do, unless somebody has renamed the capsule."""
        name = self._kept(ctypes.c_char_p(b"dltensor" if self.flags is None else b"dltensor_versioned"))

        def destroy(capsule):
            if IS_VALID(capsule, name):
                ctypes.CFUNCTYPE(None, ctypes.c_void_p)(managed.deleter)(ctypes.addressof(managed))

        # takes an address: a py_object would count one more reference, and so destroy the capsule again
        destructor = self._kept(ctypes.PYFUNCTYPE(None, ctypes.c_void_p)(destroy))
        self._kept(managed)
        return NEW(ctypes.addressof(managed), name, ctypes.cast(destructor, ctypes.c_void_p))

    def _kept(self, thing):
        self._alive.append(thing)
        return thing


class Recorded:
    """A device that has been opened, and does nothing."""

    multiprocessors = 1
    threads_per_multiprocessor = 2048

    def __init__(self, place):
        self.place = place


@contextmanager
def recording():
    """The places at which devices are opened meanwhile, and the addresses that are looked for: they are on device 5."""
    opened, located = [], []

    def way(place):
        opened.append(place)
        return Recorded(place)

    def locate(pointer):
        located.append(pointer)
        return 5

    with devices.reached_by(way, locate):
        yield opened, located


def bfloat16(*shape):
    import ml_dtypes

    return np.zeros(shape, ml_dtypes.bfloat16)
