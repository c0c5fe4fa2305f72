"""refinit.dask refuses at once, before anything is taken from the generator; and what it imports, and when."""

import doctest
import subprocess
import sys
import warnings

import dask
import numpy as np
import pytest

import refinit as init
import refinit.dask
from refinit.dask import full
from tests.paths import ROOT

MATRIX = (30, 20)


def refused(name, call, error, words):
    return pytest.param(call, error, words, id=name)


def initializers():
    ours = "initializers, uniform_, .*kaiming_normal_"
    yield refused("ufunc", lambda g: full(np.sin, 3, generator=g), TypeError, f"{ours}.*got <ufunc")
    yield refused("a name", lambda g: full("normal_", 3, generator=g), TypeError, f"{ours}.*got 'normal_'")
    yield refused("deprecated", lambda g: full(init.normal, 3, generator=g), TypeError, f"{ours}.*got <funct")


def generators():
    wanted = "expected a CounterGenerator for normal_, got"
    yield refused(
        "none", lambda _: full(init.normal_, 3), TypeError, f"{wanted} NoneType.*CounterGenerator\\(s"
    )
    for name, other in (
        ("refinit.Generator", init.Generator()),
        ("numpy.random._generator.Generator", np.random.default_rng(0)),
        ("int", 0),
    ):
        call = lambda _, other=other: full(init.normal_, 3, generator=other)  # noqa: E731 - as the others
        yield refused(name, call, TypeError, f"{wanted} {name}:")
    yield refused("unneeded", lambda _: full(init.ones_, 3, generator=0), TypeError, "for ones_, got int")


def parameters():
    def call(function, shape=MATRIX, **keywords):
        return lambda g: full(function, shape, generator=g, **keywords)

    yield refused("unknown", call(init.normal_, gain=2), TypeError, "normal_.*unexpected keyword.*gain")
    yield refused("missing", call(init.sparse_), TypeError, "sparse_.*missing.*sparsity")
    yield refused("a string", call(init.normal_, std="1"), TypeError, "must be float, not str")
    yield refused("negative", call(init.normal_, std=-1), RuntimeError, "std >= 0")
    yield refused("range", call(init.uniform_, dtype="float16", b=1e6), RuntimeError, "out of bounds")
    yield refused("half", call(init.constant_, dtype="float16", val=1e6), RuntimeError, "overflow")
    yield refused("nonlinearity", call(init.kaiming_normal_, nonlinearity="rel"), ValueError, "rel")
    yield refused("axes", call(init.xavier_normal_, 3), ValueError, "dimensions")
    yield refused("no matrix", call(init.eye_, (3, 3, 3)), ValueError, "2 dimensions")
    yield refused("no fans", call(init.xavier_normal_, (0, 0)), ValueError, "fan_in")


def types_and_shapes():
    def call(shape=MATRIX, function=init.normal_, **keywords):
        return lambda g: full(function, shape, generator=g, **keywords)

    yield refused("int32", call(dtype="int32"), NotImplementedError, "int32")
    yield refused("complex", call(function=init.orthogonal_, dtype="c8"), NotImplementedError, "complex64")
    yield refused("unknown dtype", call(dtype="float12"), TypeError, "expected a dtype.*got 'float12'")
    yield refused("strings", call(dtype="U5"), TypeError, "expected an array of float16.*got dtype <U5")
    yield refused("big-endian", call(dtype=">f4"), TypeError, "byte order")
    yield refused(
        "fractions", call((3.5, 2)), TypeError, r"shape as an integer or .* integers, got \(3.5, 2\)"
    )
    yield refused("no shape", call(None), TypeError, "shape as an integer or .* integers, got None$")
    yield refused("a fraction", call(3.5), TypeError, "shape as an integer or .* integers, got 3.5$")
    yield refused("bytes", call(b"x"), TypeError, "shape as an integer or .* integers, got b'x'$")
    yield refused("length below 0", call((3, -2)), ValueError, r"negative numbers, got \(3, -2\)")
    yield refused("other chunks", call(chunks=((3, 3), (20,))), ValueError, "(?i)chunks")
    yield refused("too many chunks", call(chunks=(3, 3, 3)), ValueError, "(?i)chunks")
    yield refused("chunks of nan", call(chunks=(np.nan, 20)), ValueError, "(?i)chunk")


CASES = [*initializers(), *generators(), *parameters(), *types_and_shapes()]


@pytest.mark.parametrize(("call", "error", "words"), CASES)
def test_a_refusal_comes_at_once_and_takes_nothing(call, error, words):
    untouched = init.CounterGenerator(11)
    with pytest.raises(error, match=words):
        call(untouched)
    assert untouched.fill_number == 0


def test_the_last_fill_number_serves_and_then_there_is_none():
    last = init.CounterGenerator(11)
    last._engine.restore(11, 2**32 - 1)
    array = full(init.normal_, 3, generator=last)
    with pytest.raises(OverflowError, match="substream"):
        full(init.normal_, 3, generator=last)
    assert np.isfinite(array.compute()).all()


def test_the_initializers_warnings_come_once_when_the_array_is_made_and_name_its_line():
    stream = init.CounterGenerator(11)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        far = full(init.trunc_normal_, MATRIX, chunks=10, generator=stream, mean=3, std=0.1, a=0, b=1)
        empty = full(init.kaiming_normal_, (0, 3), generator=stream)
        dask.compute(far, empty)
    assert [(one.category, one.filename) for one in caught] == [(UserWarning, __file__)]
    assert "zero-element" in str(caught[0].message)  # of the far mean only torch's stream warns


def python(*arguments):
    command = [sys.executable, "-W", "error", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_dask_is_imported_when_an_array_is_made_and_a_missing_one_is_named():
    result = python(
        "-c",
        "import sys, refinit.dask as bridge, refinit as init; assert 'dask' not in sys.modules\n"
        "sys.modules['dask'] = None\n"
        "g = init.CounterGenerator(0)\n"
        "try: bridge.full(init.normal_, 3, generator=g)\n"
        "except ImportError as error: print(error, g.fill_number)",
    )
    assert result.stderr == ""
    assert result.stdout == "refinit.dask needs the package dask: pip install 'refinit[dask]' 0\n"


def test_the_module_does_not_hide_the_package_it_is_named_after():
    assert python("-m", "refinit.dask").returncode == 0
    assert dask.__file__ != refinit.dask.__file__
    examples = doctest.DocTestFinder(recurse=False).find(full, "full", globs={})
    assert doctest.DocTestRunner().run(examples[0]) == (0, len(examples[0].examples))
