"""Nothing that a system lacks is called without asking, and no text is read in the encoding of the locale."""

import ast

import pytest

from tests.house.test_house import in_folder, offenders, parsed
from tests.platforms.absent import ABSENT

MODULES = {"fcntl", "grp", "posix", "pty", "pwd", "resource", "syslog", "termios"}
FILES = ("/proc/", "/sys/", "/dev/", "/etc/", "/tmp/", "/usr/")


def asked_for(scope):
    """What a function, a condition or a constant of the module asks for: hasattr(os, "fork")."""
    calls = (node for node in ast.walk(scope) if isinstance(node, ast.Call))
    return {
        (ast.unparse(call.args[0]), call.args[1].value)
        for call in calls
        if ast.unparse(call.func) == "hasattr" and isinstance(call.args[1], ast.Constant)
    }


def may_be_missing(node):
    """Whether a block goes on where an import finds nothing: ``with suppress(ImportError)``, ``except ImportError``."""
    heads = [item.context_expr for item in node.items] if isinstance(node, ast.With) else []
    heads += [handler.type for handler in node.handlers if handler.type] if isinstance(node, ast.Try) else []
    return any("ImportError" in ast.unparse(head) for head in heads)


def unguarded(path):
    """What a file takes from a system that others lack, where nothing asks whether it is there."""
    nodes = parsed(path)
    constants = {name for node in nodes[0].body if isinstance(node, ast.Assign) for name in asked_for(node)}
    scopes = [node for node in nodes if isinstance(node, ast.FunctionDef | ast.If | ast.IfExp)]
    missing = {inner for node in nodes if may_be_missing(node) for inner in ast.walk(node)}
    guarded = {node for scope in scopes for node in uses(scope) if names(node) in asked_for(scope)} | missing
    found = {node for node in uses(nodes[0]) if names(node) not in constants}
    yield from sorted(".".join(names(node)) for node in found - guarded)
    for node in set(nodes) - missing:
        if isinstance(node, ast.Import | ast.ImportFrom):
            imported = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module]
            yield from (name for name in imported if name in MODULES)
        if isinstance(node, ast.Constant) and str(node.value).startswith(FILES):
            yield node.value


def names(node):
    return ast.unparse(node.value), node.attr


def uses(scope):
    attributes = (node for node in ast.walk(scope) if isinstance(node, ast.Attribute))
    return [node for node in attributes if node.attr in ABSENT.get(ast.unparse(node.value), ())]


def test_what_a_system_may_lack_is_asked_for_first():
    assert not offenders(unguarded, in_folder("refinit", "verify")), (
        "ask hasattr(os, ...) in the same function"
    )


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import os\ndef f():\n    return os.getuid()\n", ["os.getuid"]),
        ("import os\nif os.fork():\n    pass\n", ["os.fork"]),
        ("import os\nif hasattr(os, 'fork'):\n    os.fork()\n", []),
        ("import os\nif hasattr(os, 'fork'):\n    pass\nos.fork()\n", ["os.fork"]),
        ("import os\ndef f():\n    return os.getuid() if hasattr(os, 'getuid') else 0\n", []),
        ("import os\ndef f():\n    return os.getuid() if hasattr(os, 'fork') else 0\n", ["os.getuid"]),
        ("import os, signal\ndef f():\n    signal.setitimer(0, 1)\n    os.getpid()\n", ["signal.setitimer"]),
        ("import os\nOWNERS = hasattr(os, 'getuid')\ndef f():\n    return OWNERS and os.getuid()\n", []),
        ("from resource import getrusage\n", ["resource"]),
        ("import fcntl as f\n", ["fcntl"]),
        ("try:\n    import pwd\nexcept ImportError:\n    pass\n", []),
        ("with suppress(ImportError):\n    import pwd\n", []),
        ("with suppress(KeyError):\n    import pwd\n", ["pwd"]),
        ("text = open('/proc/cpuinfo')\n", ["/proc/cpuinfo"]),
    ],
)
def test_a_call_that_asks_nothing_is_found(tmp_path, source, found):
    (tmp_path / "source.py").write_text(source, encoding="utf-8")
    assert list(unguarded(tmp_path / "source.py")) == found


#: Of importlib.metadata, always UTF-8; of zipfile, bytes; of a replay, no file; and a descriptor.
NO_ENCODING = {"distribution.read_text", "os.open", "receiver.open", "self.archive.open"}


def of_the_locale(path):
    """Texts that are read or written in the encoding of the locale, which on Windows is seldom UTF-8."""
    for call in parsed(path):
        function = ast.unparse(call.func) if isinstance(call, ast.Call) else ""
        name = "" if function in NO_ENCODING else function.rpartition(".")[2]
        says = name and {keyword.arg for keyword in call.keywords} & {"encoding", None}
        mode = (
            "".join(str(value.value) for value in call.args if isinstance(value, ast.Constant))
            if name
            else ""
        )
        if name in {"read_text", "write_text", "open", "fdopen"} and not says and "b" not in mode:
            yield ast.unparse(call)


def test_text_is_utf8_everywhere():
    assert not offenders(of_the_locale, in_folder("refinit", "verify")), 'encoding="utf-8"'


@pytest.mark.parametrize(
    ("call", "found"),
    [
        ("path.read_text()", True),
        ("open('x')", True),
        ("path.open('w')", True),
        ("os.fdopen(handle, 'wb')", False),
        ("os.open(name, flags)", False),
        ("path.write_text(text, encoding='utf-8')", False),
        ("path.read_bytes()", False),
    ],
)
def test_a_text_of_the_locale_is_found(tmp_path, call, found):
    (tmp_path / "source.py").write_text(call, encoding="utf-8")
    assert bool(list(of_the_locale(tmp_path / "source.py"))) == found
