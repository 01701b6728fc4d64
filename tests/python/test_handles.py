"""Who frees what, and when: close(), garbage, threads, forks, the end of the interpreter."""
import errno
import gc
import os
import pathlib
import signal
import subprocess
import threading
import time
import weakref

import container
import pytest


def runs(pid):
    """Whether a process is there, and no zombie."""
    try:
        state = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in "ZX"


def until(condition):
    """Waits for what another thread or process is about to do."""
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_with_block_kills_what_still_runs(rootfs):
    with container.spawn(rootfs, ["sleep", "1000"]) as box:
        pid = box.pid
        assert runs(pid)
    assert box.closed and not runs(pid)


def test_close_may_be_called_again(rootfs):
    box = container.spawn(rootfs, ["true"])
    box.close()
    box.close()


def test_closed_handles_refuse_every_call(rootfs, tarball, tmp_path):
    box = container.spawn(rootfs, ["true"])
    opened = container.Rootfs(tmp_path)
    spec, events, probe = container.Spec(), container.Events(), container.Probe(tmp_path)
    rows = container.NamespaceList.of_process(flags=container.ListFlag.ALONE)
    for handle in (box, opened, spec, events, probe, rows):
        handle.close()
    for call in (box.wait, box.fileno, box.kill, box.figures, lambda: box.pid, opened.fileno,
                 lambda: opened.stats, spec.check, lambda: spec.set_umask(0), lambda: container.spawn(spec),
                 events.fileno, lambda: events.next(0), lambda: events.add(box), lambda: len(probe),
                 lambda: rows[0], lambda: container.join(box, ["true"])):
        with pytest.raises(ValueError, match="closed"):
            call()


def test_container_that_nobody_refers_to_is_killed_with_a_warning(rootfs):
    box = container.spawn(rootfs, ["sleep", "1000"])
    pid = box.pid
    with pytest.warns(ResourceWarning, match=f"process {pid} is still running"):
        del box
        gc.collect()
    assert not runs(pid)


def test_container_in_a_cycle_of_garbage_is_killed(rootfs):
    box = container.spawn(rootfs, ["sleep", "1000"])
    pid = box.pid
    box.itself = box
    with pytest.warns(ResourceWarning):
        del box
        gc.collect()
    assert not runs(pid)


def test_container_that_has_ended_goes_without_a_warning(rootfs, recwarn):
    box = container.spawn(rootfs, ["true"])
    box.wait()
    del box
    gc.collect()
    assert not recwarn.list


def test_spec_and_rootfs_may_go_before_the_container(tarball, tmp_path, rootfs):
    other = container.Rootfs.extract(tarball, tmp_path / "rootfs")
    spec = container.Spec(other, ["cat"], stdin=container.PIPE, stdout=container.PIPE)
    box = container.spawn(spec)
    gone = weakref.ref(spec)
    spec.close()
    other.close()
    del spec, other
    gc.collect()
    assert gone() is None
    assert box.communicate(b"still here")[0] == b"still here"
    box.close()
    container.Rootfs.remove(tmp_path / "rootfs")


def test_close_lets_a_thread_go_that_waits(rootfs):
    box = container.spawn(rootfs, ["sleep", "1000"])
    ended = []
    waiter = threading.Thread(target=lambda: ended.append(box.wait()))
    waiter.start()
    until(lambda: box._users == 1)
    box.close()
    waiter.join(60)
    assert ended[0].signal == signal.SIGKILL
    with pytest.raises(ValueError):
        box.wait()


def test_close_lets_a_thread_go_that_waits_for_events(rootfs):
    events = container.Events()
    raised = []

    def wait():
        try:
            events.next()
        except ValueError as error:
            raised.append(error)

    waiter = threading.Thread(target=wait)
    waiter.start()
    until(lambda: events._users)
    events.close()
    waiter.join(60)
    assert "closed" in str(raised[0])


def test_setter_waits_while_a_container_is_started_from_the_spec(rootfs):
    began, go_on = threading.Event(), threading.Event()

    def trace(_event):
        began.set()
        go_on.wait(60)

    spec = container.Spec(rootfs, ["sh", "-c", "umask"], stdout=container.PIPE).set_trace(trace)
    boxes, order = [], []

    def start():
        boxes.append(container.spawn(spec))
        order.append("started")

    def change():
        spec.set_umask(0o77)
        order.append("changed")

    starter, changer = threading.Thread(target=start), threading.Thread(target=change)
    starter.start()
    began.wait(60)
    changer.start()
    until(lambda: spec._idle._waiters)
    assert order == []
    go_on.set()
    starter.join(60)
    changer.join(60)
    assert sorted(order) == ["changed", "started"]
    assert boxes[0].communicate()[0] == b"0022\n"
    boxes[0].close()
    with container.spawn(spec) as box:
        assert box.communicate()[0] == b"0077\n"
    spec.close()


# ------------------------------------------------------------- the interpreter's end

def test_interpreter_that_exits_ends_its_containers_and_says_nothing(rootfs, python):
    result = python("import container, sys\n"
                    "box = container.spawn(sys.argv[1], ['sleep', '1000'])\n"
                    "print(box.pid)", rootfs.path)
    assert (result.returncode, result.stderr) == (0, "")
    until(lambda: not runs(int(result.stdout)))


def test_interpreter_that_exits_removes_the_cgroups_of_its_containers(rootfs, python, needs_cgroup):
    result = python("import container, sys\n"
                    "spec = container.Spec(container.Rootfs(sys.argv[1]), ['sleep', '1000']).set_cgroup()\n"
                    "box = container.spawn(spec)\n"
                    "print(box.cgroup)", rootfs.path)
    assert (result.returncode, result.stderr) == (0, "")
    name = pathlib.Path(result.stdout.strip()).name
    assert name.startswith("ct-")
    assert subprocess.run(["find", "/sys/fs/cgroup", "-name", name], capture_output=True).stdout == b""


def test_interpreter_exits_though_a_daemon_thread_waits(rootfs, python):
    result = python("import container, sys, threading, time\n"
                    "box = container.spawn(sys.argv[1], ['sleep', '1000'])\n"
                    "threading.Thread(target=box.wait, daemon=True).start()\n"
                    "while not box._users: time.sleep(0.005)\n"
                    "print(box.pid)", rootfs.path)
    assert (result.returncode, result.stderr) == (0, "")
    until(lambda: not runs(int(result.stdout)))


def test_interpreter_that_exits_leaves_detached_containers_running(rootfs, python):
    result = python("import container, sys\n"
                    "box = container.spawn(sys.argv[1], ['sleep', '1000'], stdin=container.DEVNULL,"
                    " stdout=container.DEVNULL, stderr=container.DEVNULL)\n"
                    "box.detach()\n"
                    "print(box.pid)", rootfs.path)
    assert (result.returncode, result.stderr) == (0, "")
    assert runs(int(result.stdout))
    descriptor = os.pidfd_open(int(result.stdout))
    signal.pidfd_send_signal(descriptor, signal.SIGKILL)
    os.close(descriptor)


def test_forked_child_that_exits_does_not_end_its_parents_containers(rootfs, python):
    result = python("import container, gc, os, sys\n"
                    "box = container.spawn(sys.argv[1], ['cat'], stdin=container.PIPE, stdout=container.PIPE)\n"
                    "child = os.fork()\n"
                    "if child == 0:\n"
                    "    for file in (box.stdin, box.stdout): file.close()\n"
                    "    del box; gc.collect()\n"
                    "    sys.exit(0)\n"
                    "assert os.waitpid(child, 0)[1] == 0\n"
                    "assert box.poll() is None\n"
                    "print(box.communicate(b'alive')[0])", rootfs.path)
    assert (result.returncode, result.stdout, result.stderr) == (0, "b'alive'\n", "")


def test_killed_interpreter_leaves_no_container(rootfs, python):
    result = python("import container, os, signal, sys\n"
                    "box = container.spawn(sys.argv[1], ['sleep', '1000'])\n"
                    "print(box.pid, flush=True)\n"
                    "os.kill(os.getpid(), signal.SIGKILL)", rootfs.path)
    assert result.returncode == -signal.SIGKILL
    until(lambda: not runs(int(result.stdout)))


def test_failed_constructors_leave_no_handle(tmp_path):
    with pytest.raises(FileNotFoundError) as missing:
        container.Rootfs(tmp_path / "missing")
    assert missing.value.errno == errno.ENOENT
    with pytest.raises(container.Error):
        container.Spec(hostname="")
