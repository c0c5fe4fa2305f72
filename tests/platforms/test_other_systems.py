"""Nothing that a system lacks is called without asking: Windows and macOS, played on Linux by taking it away."""

import ast
import hashlib
import os
import subprocess
import sys

import numpy as np
import pytest

import refinit
from tests.house.test_house import in_folder, offenders, parsed
from tests.paths import ROOT

#: What Windows has not, macOS not all of it; see the "Availability" lines of Python's documentation.
ABSENT = {
    "os": {
        *(
            "O_CLOEXEC",
            "O_DIRECTORY",
            "O_NOFOLLOW",
            "O_NONBLOCK",
            "chown",
            "chroot",
            "confstr",
            "eventfd",
            "fchmod",
        ),
        *("fork", "forkpty", "getegid", "geteuid", "getgid", "getgroups", "getloadavg", "getpgid", "getpgrp"),
        *(
            "getpriority",
            "getresuid",
            "getsid",
            "getuid",
            "killpg",
            "lchown",
            "memfd_create",
            "mkfifo",
            "mknod",
        ),
        *(
            "nice",
            "pidfd_open",
            "pipe2",
            "posix_fadvise",
            "posix_fallocate",
            "posix_spawn",
            "pread",
            "preadv",
        ),
        *("pwrite", "register_at_fork", "sched_getaffinity", "sched_getparam", "sched_setaffinity"),
        *(
            "sched_yield",
            "sendfile",
            "setgid",
            "setpgid",
            "setpriority",
            "setsid",
            "setuid",
            "splice",
            "statvfs",
        ),
        *("sync", "sysconf", "tcgetpgrp", "uname", "unshare", "wait3", "wait4", "waitid", "WNOHANG"),
    },
    "signal": {
        *(
            "ITIMER_PROF",
            "ITIMER_REAL",
            "ITIMER_VIRTUAL",
            "SIGALRM",
            "SIGBUS",
            "SIGCHLD",
            "SIGCONT",
            "SIGHUP",
        ),
        *("SIGKILL", "SIGPIPE", "SIGQUIT", "SIGSTOP", "SIGUSR1", "SIGUSR2", "SIGXCPU", "alarm", "getitimer"),
        *("pause", "pthread_kill", "pthread_sigmask", "setitimer", "siginterrupt", "sigpending", "sigwait"),
    },
    "time": {"CLOCK_MONOTONIC_RAW", "CLOCK_PROCESS_CPUTIME_ID", "clock_getres", "clock_gettime", "tzset"},
    "select": {"epoll", "kqueue", "poll"},
    "mmap": {"MADV_HUGEPAGE", "MAP_ANONYMOUS", "MAP_PRIVATE", "MAP_SHARED", "PROT_READ", "PROT_WRITE"},
}
MODULES = {"fcntl", "grp", "posix", "pty", "pwd", "resource", "syslog", "termios"}
FILES = ("/proc/", "/sys/", "/dev/", "/etc/", "/tmp/", "/usr/")


def asked_for(scope):
    """What a function, or a condition, asks for: hasattr(os, "fork")."""
    calls = (node for node in ast.walk(scope) if isinstance(node, ast.Call))
    return {
        (ast.unparse(call.args[0]), call.args[1].value)
        for call in calls
        if ast.unparse(call.func) == "hasattr" and isinstance(call.args[1], ast.Constant)
    }


def unguarded(path):
    """What a file takes from a system that others lack, in no function or condition that asks whether it is there."""
    nodes = parsed(path)
    scopes = [node for node in nodes if isinstance(node, ast.FunctionDef | ast.If | ast.IfExp)]
    guarded = {node for scope in scopes for node in uses(scope) if names(node) in asked_for(scope)}
    yield from sorted(".".join(names(node)) for node in set(uses(nodes[0])) - guarded)
    for node in nodes:
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
        ("from resource import getrusage\nimport fcntl as f\n", ["resource", "fcntl"]),
        ("text = open('/proc/cpuinfo')\n", ["/proc/cpuinfo"]),
    ],
)
def test_a_call_that_asks_nothing_is_found(tmp_path, source, found):
    (tmp_path / "source.py").write_text(source, encoding="utf-8")
    assert list(unguarded(tmp_path / "source.py")) == found


def of_the_locale(path):
    """Texts that are read or written in the encoding of the locale, which on Windows is seldom UTF-8."""
    for call in parsed(path):
        name = ast.unparse(call.func).rpartition(".")[2] if isinstance(call, ast.Call) else ""
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
        ("path.write_text(text, encoding='utf-8')", False),
        ("path.read_bytes()", False),
    ],
)
def test_a_text_of_the_locale_is_found(tmp_path, call, found):
    (tmp_path / "source.py").write_text(call, encoding="utf-8")
    assert bool(list(of_the_locale(tmp_path / "source.py"))) == found


PLAYED = """
import asyncio, ctypes, hashlib, importlib, runpy, sys
import llvmlite.binding, numba, numpy, scipy.linalg, subprocess, tempfile  # they ask for the system at import

for module, names in {absent!r}.items():
    for name in names:
        vars(importlib.import_module(module)).pop(name, None)
of_windows = {{"ucrtbase": "libm.so.6", "vcruntime140": None}}
of_linux, sys.platform = ctypes.CDLL, {system!r}
ctypes.CDLL = lambda name=None, *rest, **others: of_linux(of_windows.get(name, name), *rest, **others)

class NoTorch:  # it loads modules of the system's own
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name == "torch":
            raise ModuleNotFoundError(name, name=name)

sys.meta_path.insert(0, NoTorch)

import refinit
from refinit.kernels.code import cache, symbols

assert ("bzero" in symbols.PROVIDED) == (sys.platform == "darwin"), "LLVM zeroes memory with it on macOS alone"
refinit.manual_seed(5)
w = [refinit.uniform_(numpy.empty(600_000, numpy.float32)), refinit.normal_(numpy.empty((7, 5)))]
print(hashlib.sha256(b"".join(map(bytes, w))).hexdigest(), refinit.get_num_threads() > 0)
print(cache.directory().resolve(), len(list(cache.directory().iterdir())) > 1)
sys.argv[1:] = ["--budget", "tiny", "--dtype", "float32", "--subject", "refinit:counter", "--only", "uniform_"]
runpy.run_module("verify", run_name="__main__", alter_sys=True)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems are played on Linux; this is one of them")
@pytest.mark.parametrize(
    ("system", "below"), [("win32", "local/refinit/Cache"), ("darwin", "Library/Caches/refinit")]
)
def test_fills_and_verify_work_without_what_the_system_lacks(tmp_path, system, below):
    """A console there may know few letters, too: what verify prints is ASCII."""
    code = PLAYED.format(absent=ABSENT, system=system)
    environment = {name: value for name, value in os.environ.items() if name != "REFINIT_CACHE_DIR"}
    environment |= {
        "HOME": str(tmp_path),
        "LOCALAPPDATA": str(tmp_path / "local"),
        "PYTHONIOENCODING": "ascii",
    }
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    digest, folder, *_, verdict = done.stdout.splitlines()
    generator = refinit.Generator().manual_seed(5)
    w = [
        refinit.uniform_(np.empty(600_000, np.float32), generator=generator),
        refinit.normal_(np.empty((7, 5)), generator=generator),
    ]
    assert digest == f"{hashlib.sha256(b''.join(map(bytes, w))).hexdigest()} True"
    assert folder == f"{(tmp_path / below).resolve()} True"
    assert verdict.startswith("PASS")
