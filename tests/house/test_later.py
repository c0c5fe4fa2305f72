"""The names of whole models load when they are used."""

import subprocess
import sys

import pytest

import refinit
from tests.paths import ROOT


def test_import_refinit_loads_no_model():
    code = "import sys, refinit; print([name for name in sys.modules if name.startswith('refinit.models')])"
    assert subprocess.check_output([sys.executable, "-c", code], text=True, cwd=ROOT).strip() == "[]"


def test_every_name_loads_and_is_listed():
    for name in refinit._MODELS:
        assert getattr(refinit, name) is not None
        assert name in dir(refinit)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="has no attribute 'record_'"):
        refinit.record_  # noqa: B018 - the access is the test
