"""Sixteen threads at once, with shared and with own handles."""
import os
import threading
from concurrent.futures import ThreadPoolExecutor

import container
import pytest

THREADS = 16
ROUNDS = max(1, 20 // int(os.environ.get("CT_TEST_SCALE", "1")))


def in_threads(function):
    """Runs it in all threads at once, with their numbers; gives what it returned."""
    together = threading.Barrier(THREADS)

    def body(number):
        together.wait(60)
        return function(number)

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(body, range(THREADS)))


def test_threads_spawn_from_one_spec(rootfs):
    with container.Spec(rootfs, ["sh", "-c", "read n; exit $n"], stdin=container.PIPE) as spec:
        def work(number):
            for _ in range(ROUNDS):
                with container.spawn(spec) as box:
                    box.communicate(b"%d\n" % number)
                    assert box.wait().code == number
            return True

        assert all(in_threads(work))


def test_threads_run_commands_of_their_own(rootfs):
    def work(number):
        return [container.run(rootfs, ["echo", f"{number} {turn}"], capture_output=True, text=True).stdout
                for turn in range(ROUNDS)]

    for number, lines in enumerate(in_threads(work)):
        assert lines == [f"{number} {turn}\n" for turn in range(ROUNDS)]


def test_threads_wait_for_one_container(rootfs):
    with container.spawn(rootfs, ["cat"], stdin=container.PIPE) as box:
        def work(number):
            if number == 0:
                box.stdin.close()
            return box.wait(60).code

        assert in_threads(work) == [0] * THREADS


def test_wait_lets_other_threads_run(rootfs):
    # The container ends only when this thread gets to run while the others are in their waits.
    boxes = [container.spawn(rootfs, ["cat"], stdin=container.PIPE) for _ in range(THREADS)]
    waiters = [threading.Thread(target=box.wait) for box in boxes]
    for waiter in waiters:
        waiter.start()
    for box in boxes:
        box.stdin.close()
    for waiter in waiters:
        waiter.join(60)
    assert [box.poll().code for box in boxes] == [0] * THREADS
    for box in boxes:
        box.close()


def test_extraction_lets_other_threads_run(rootfs, tarball, tmp_path):
    # A pipe that is filled by another thread: without that one running it would never end.
    reader, writer = os.pipe()

    def feed():
        with os.fdopen(writer, "wb") as pipe:
            pipe.write(tarball.read_bytes())

    feeder = threading.Thread(target=feed)
    feeder.start()
    with os.fdopen(reader, "rb", buffering=0) as pipe:
        container.Rootfs.extract(pipe, tmp_path / "rootfs").close()
    feeder.join(60)
    container.Rootfs.remove(tmp_path / "rootfs")


def test_threads_take_events_each_of_which_is_told_once(rootfs):
    with container.Events() as events:
        boxes = [container.spawn(rootfs, ["true"]) for _ in range(4 * THREADS)]
        for box in boxes:
            events.add(box)

        def work(_number):
            taken = []
            while len(events):
                event = events.next(0.05)
                if event:
                    taken.append((event.kind, id(event.box)))
            return taken

        told = sum(in_threads(work), [])
    expected = [(kind, id(box)) for box in boxes
                for kind in (container.EventKind.STARTED, container.EventKind.EXITED)]
    assert sorted(told) == sorted(expected)
    for box in boxes:
        box.close()


def test_threads_close_and_use_one_container(rootfs):
    for _ in range(ROUNDS):
        box = container.spawn(rootfs, ["sleep", "1000"])

        def work(number):
            try:
                if number % 4 == 0:
                    box.close()
                elif number % 4 == 1:
                    box.wait(60)
                elif number % 4 == 2:
                    return box.pid > 0
                else:
                    box.poll()
            except ValueError as error:
                assert "closed" in str(error)
            return True

        assert all(in_threads(work))
        with pytest.raises(ValueError):
            box.wait()
