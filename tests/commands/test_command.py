"""Commands of `python -m refinit`: a table of them, and how the ends of one reach the shell."""

import argparse

import pytest

from refinit import __main__
from refinit.commands.command import FAILED, OK, USAGE, Command, Misused


def ends_with(error: Exception | None) -> Command:
    """A command that prints its argument, or raises."""

    def add_arguments(parser: argparse.ArgumentParser) -> None:
        parser.add_argument("text")

    def run(options: argparse.Namespace) -> int:
        if error:
            raise error
        print(options.text)
        return OK

    return Command("say", "say it", "  say TEXT    print it\n", add_arguments, run)


@pytest.mark.parametrize(
    ("error", "code"),
    [(None, OK), (RuntimeError("it broke"), FAILED), (Misused("no such word"), USAGE)],
    ids=str,
)
def test_a_command_is_added_by_one_line(error: Exception | None, code: int, monkeypatch, capsys):
    monkeypatch.setattr(__main__, "COMMANDS", (*__main__.COMMANDS, ends_with(error)))
    assert __main__.main(["say", "hello"]) == code
    printed = capsys.readouterr()
    assert printed.out == ("" if error else "hello\n")
    assert printed.err == (f"python -m refinit: error: {error}\n" if error else "")


def test_help_lists_every_command(monkeypatch, capsys):
    monkeypatch.setattr(__main__, "COMMANDS", (*__main__.COMMANDS, ends_with(None)))
    assert __main__.main(["--help"]) == OK
    printed = capsys.readouterr().out
    names = ",".join(command.name for command in __main__.COMMANDS)
    assert f"{{{names}}}" in printed
    assert names.startswith("cache,warmup,")
    assert "  say TEXT    print it\n\nExit code: 0 done, 1 failed, 2 misused." in printed
