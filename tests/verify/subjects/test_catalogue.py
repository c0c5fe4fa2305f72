"""Whoever has a subject, a fault or a way to name subjects adds it to a table, and the command line knows it."""

from dataclasses import replace

import numpy as np
import pytest

from tests.verify.fakes import CounterFake
from verify.__main__ import main
from verify.cases.case import Case
from verify.faults import PLANTED, Fault, Faulty
from verify.subjects import SCHEMES, SUBJECTS, Scheme, catalogue, subject, twin_of
from verify.subjects.base import Filled
from verify.subjects.wrapped import Wrapped

FAST = ["--only", "normal_", "--dtype", "float32", "--seed", "4", "--budget", "tiny"]
CASE = Case("normal_", (40, 30))


class Toy(CounterFake):
    name = "toy:right"
    model = "a toy"

    def model_of(self, case):
        return f"{self.model} of {case.function}"


class Scaled(Toy):
    """Named by a text that says by what its weights are multiplied."""

    def __init__(self, text):
        self.name, self.factor = f"scaled:{text}", float(text)

    def fill(self, case, seed):
        return Filled(np.asarray(super().fill(case, seed).values * self.factor, case.dtype))


def doubled(base, case, seed):
    filled = base.fill(case, seed)
    return replace(filled, values=2 * filled.values)


@pytest.fixture(autouse=True)
def _toys(monkeypatch):
    monkeypatch.setitem(SUBJECTS, Toy.name, Toy)
    monkeypatch.setitem(
        PLANTED, "doubled", Fault("doubled", ("normal_",), doubled, ("variance",), CASE, subject=Toy.name)
    )
    scheme = Scheme(
        factory=Scaled,
        refusal=lambda text: "" if text.replace(".", "").isdigit() else "a scale is a number",
        names=lambda: ["2"],
        usage="scaled:FACTOR",
        module=__name__,
    )
    monkeypatch.setitem(SCHEMES, "scaled", scheme)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("toy:right", 0),
        ("fault:doubled", 1),
        ("fault:doubled@toy:right", 1),
        ("scaled:0.9", 0),
        ("scaled:9", 1),
    ],
)
def test_what_is_in_a_table_is_verified_by_its_name(name, code, capsys):
    assert main(["--subject", name, *FAST]) == code
    assert f"{name}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("scaled:much", "a scale is a number"),
        ("fault:doubled@toy", "a fault may be followed by @ and refinit:torch or "),
        ("toy", "fault:doubled, scaled:2"),
    ],
)
def test_what_is_in_none_is_refused_and_the_tables_are_listed(name, reason, capsys):
    assert main(["--subject", name, *FAST]) == 2
    printed = capsys.readouterr().err
    assert reason in printed
    assert "toy:right" in printed
    assert main(["--help"]) == 0
    assert "scaled:FACTOR" in capsys.readouterr().out


def test_a_name_with_a_colon_is_not_taken_for_a_class():
    assert not catalogue.is_class("toy:right")
    assert subject("toy:right") is catalogue.loaded("toy:right")
    assert catalogue.is_class("toy:other")


def test_a_wrapped_subject_has_all_of_its_base_that_it_does_not_define():
    class Louder(Wrapped):
        name = "louder"

        def draws(self, case):
            return self.base.draws(case) + 1

    base = Toy()
    wrapped = Louder(base)
    assert (wrapped.stream, wrapped.functions, wrapped.name) == (base.stream, base.functions, "louder")
    assert wrapped.model_of(CASE) == "a toy of normal_"
    assert wrapped.draws(CASE) == base.draws(CASE) + 1
    assert (wrapped.fill(CASE, 3).values == base.fill(CASE, 3).values).all()
    assert Wrapped(base).name == base.name


def test_a_subject_with_a_fault_shares_no_plan_with_its_library_and_is_no_public_library():
    base = subject("refinit")
    faulty = Faulty(PLANTED["stale_tail"], base)
    assert (base.library, faulty.library) == ("refinit", None)
    assert base.calls
    assert faulty.calls is None


def test_a_twin_is_the_subjects_own_choice_else_the_origin_of_the_bits_it_promises():
    class Choosing(Toy):
        bits_of = "counter"

        def twin(self, case):
            return Toy() if case.size else None

    origin = subject("refinit:counter")
    assert isinstance(twin_of(Choosing(), CASE), Toy)
    assert twin_of(Choosing(), Case("normal_", (0, 5))) is origin
    assert twin_of(origin, CASE) is twin_of(Toy(), CASE) is None
