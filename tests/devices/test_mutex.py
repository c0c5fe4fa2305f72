"""A mutex is held when its wait ends, whatever signals arrive meanwhile; waiting, it lets other threads run."""

import signal
import threading
import time

import pytest

from refinit.devices.mutex import Mutex


def test_it_excludes():
    mutex = Mutex()
    assert mutex.try_acquire()
    assert not mutex.try_acquire()
    mutex.release()
    mutex.acquire()
    assert not mutex.try_acquire()


def test_a_wait_lets_the_thread_run_that_will_release():
    mutex, order = Mutex(), []
    mutex.acquire()

    def release():
        time.sleep(0.05)
        order.append("released")
        mutex.release()

    thread = threading.Thread(target=release)
    thread.start()
    mutex.acquire()
    order.append("acquired")
    thread.join()
    assert order == ["released", "acquired"]


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this system has no timers that send signals")
def test_what_a_handler_raises_is_raised_when_the_mutex_is_held():
    mutex, held = Mutex(), []
    mutex.acquire()
    thread = threading.Thread(target=lambda: (time.sleep(0.1), mutex.release()))

    def handler(*_):
        held.append(not mutex.try_acquire())
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, handler)
    try:
        thread.start()
        signal.setitimer(signal.ITIMER_REAL, 0.02)
        with pytest.raises(TimeoutError):
            mutex.acquire()
    finally:
        signal.signal(signal.SIGALRM, before)
        thread.join()
    assert held == [True]
