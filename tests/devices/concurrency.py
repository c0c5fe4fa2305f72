"""Work in several threads at once."""

import threading


def in_threads(work, count):
    """Calls ``work`` with each number below ``count`` in a thread of its own; none may fail."""
    failures = []

    def guarded(index):
        try:
            work(index)
        except BaseException as error:  # noqa: BLE001 - a thread's exception would vanish otherwise
            failures.append(error)

    threads = [threading.Thread(target=guarded, args=(i,)) for i in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures, failures
