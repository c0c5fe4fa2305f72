"""The command line: what it prints, writes and returns."""

import json
from importlib.resources import files

import jsonschema
import pytest

import verify
from verify.__main__ import main

SMALL = ["--subject", "torch", "--only", "eye_,uniform_", "--dtype", "float32", "--seed", "4"]


def schema():
    return json.loads(files(verify).joinpath("schema.json").read_text())


def test_a_right_subject_gives_0_and_a_table(capsys):
    assert main(SMALL) == 0
    out = capsys.readouterr().out
    assert out.startswith("reference: ")
    assert "seed 4 (replay: --seed 4)" in out
    assert "false_fail_rate 1e-06 for the whole run" in out
    assert "uniform_: done" in out
    for row in ("calculate_gain", "uniform_", "eye_"):
        assert any(line.startswith(row) and line.rstrip().endswith("ok") for line in out.splitlines()), row
    assert out.splitlines()[-1].startswith("PASS: no discrepancy in ")


def test_a_fault_gives_1_a_diagnosis_and_a_reproducer(capsys):
    options = [
        "--subject",
        "fault:fans_swapped@torch",
        "--only",
        "kaiming_normal_",
        "--dtype",
        "float32",
        "--seed",
        "4",
    ]
    assert main(options) == 1
    out = capsys.readouterr().out
    assert "kaiming_normal_:" in out
    assert "FAILED" in out
    assert "fans swapped?" in out
    assert "reproduce:" in out
    assert out.splitlines()[-1].startswith("FAIL: ")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--only", "uniform"], "functions must be among uniform_, normal_, trunc_normal_"),
        (["--only", ""], "functions must be among"),
        (["--dtype", "float31"], "dtypes must be among float16, bfloat16, float32"),
        (
            ["--subject", "jax"],
            "the subject must be module:Class, or among refinit:torch, refinit:counter, torch, refinit:counter@cuda, ",
        ),
        (
            ["--subject", "fault:stale_tail@nope"],
            "or refinit:counter@cuda-ptx or refinit:counter@cuda-sim; got 'fault:stale_tail@nope'",
        ),
        (
            ["--subject", "fault:nope@torch"],
            "the subject must be module:Class, or among refinit:torch, refinit:counter, torch, refinit:counter@cuda, ",
        ),
        (
            ["--subject", "fault:stale_tail@"],
            "or refinit:counter@cuda-ptx or refinit:counter@cuda-sim; got 'fault:stale_tail@'",
        ),
        (
            ["--subject", "torch@refinit"],
            "the subject must be module:Class, or among refinit:torch, refinit:counter, torch, refinit:counter@cuda, ",
        ),
        (["--budget", "huge"], "choose from"),
        (["--seed", "x"], "the seed must be an integer from 0 to 2**63 - 1; got 'x'"),
        (["--seed", "-1"], "the seed must be an integer from 0"),
        (["--false-fail-rate", "0"], "the rate must be a number between 0 and 1; got '0'"),
        (["--json", "/no/such/folder/x.json"], "expected a file in an existing folder"),
        (["--fast"], "unrecognized arguments"),
    ],
)
def test_wrong_usage_gives_2_and_says_what_is_allowed(options, told, capsys):
    assert main(options) == 2
    assert told in capsys.readouterr().err


def test_an_empty_choice_gives_3(capsys):
    assert main(["--subject", "torch", "--only", "orthogonal_", "--dtype", "int8"]) == 3
    assert "nothing could run: no function of --only takes a dtype of --dtype" in capsys.readouterr().err


def test_help_gives_0(capsys):
    assert main(["--help"]) == 0
    assert (
        "exit code: 0 no discrepancy, 1 discrepancy, 2 wrong usage, 3 nothing of a subject could run"
        in " ".join(capsys.readouterr().out.split())
    )


@pytest.mark.parametrize("subject", ["torch", "fault:stale_tail@torch"])
def test_json_follows_the_schema(subject, tmp_path, capsys):
    path = tmp_path / "report.json"
    code = main(
        ["--subject", subject, "--only", "normal_", "--dtype", "float32", "--seed", "4", "--json", str(path)]
    )
    report = json.loads(path.read_text())
    jsonschema.validate(report, schema())
    assert report["verdict"] == ("fail" if code else "pass")
    assert report["seed"] == 4
    assert [one["verdict"] for one in report["subjects"]] == [report["verdict"]]
    assert report["subjects"][0]["cases"] == sum(row["cases"] for row in report["subjects"][0]["functions"])
    failed = [finding for finding in report["subjects"][0]["findings"] if finding["verdict"] == "fail"]
    assert bool(failed) == bool(code)
    assert all(finding["reproducer"] for finding in failed)
    capsys.readouterr()


def test_a_seed_replays_every_finding(tmp_path, capsys):
    reports = []
    for name in ("a.json", "b.json"):
        assert main([*SMALL, "--json", str(tmp_path / name)]) == 0
        reports.append(json.loads((tmp_path / name).read_text())["subjects"])
    for one in (*reports[0], *reports[1]):
        del one["seconds"]
    assert reports[0] == reports[1]
    capsys.readouterr()


def test_without_a_seed_each_run_draws_anew(tmp_path, capsys):
    options, seeds = [option for option in SMALL if option not in ("--seed", "4")], set()
    for name in ("a.json", "b.json"):
        assert main([*options, "--only", "eye_", "--json", str(tmp_path / name)]) == 0
        seeds.add(json.loads((tmp_path / name).read_text())["seed"])
    assert len(seeds) == 2
    capsys.readouterr()
