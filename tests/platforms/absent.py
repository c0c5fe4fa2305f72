"""What other systems lack of Python's standard library, by module."""

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
#: Of these, what macOS lacks as well.
OF_LINUX = {
    "os": {
        *(
            "eventfd",
            "memfd_create",
            "pidfd_open",
            "pipe2",
            "posix_fadvise",
            "posix_fallocate",
            "splice",
            "unshare",
        ),
        *("getresuid", "sched_getaffinity", "sched_getparam", "sched_setaffinity"),
    },
    "select": {"epoll"},
    "mmap": {"MADV_HUGEPAGE"},
}
