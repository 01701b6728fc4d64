"""Calls of a container that wait for the caller's answer."""
import errno
import os
import signal

import container
import pytest
from container import PIPE, SeccompAction


def spec_of(rootfs, script, *calls):
    spec = container.Spec(rootfs, ["sh", "-c", script], stdout=PIPE)
    for call in calls:
        spec.add_seccomp_rule(call, SeccompAction.NOTIFY)
    return spec


def test_call_is_told_read_and_answered(rootfs):
    with spec_of(rootfs, "hostname given && echo done", "sethostname") as spec:
        with container.spawn(spec) as box, box.take_notify() as calls:
            what = calls.receive(60)
            assert what.call == "sethostname" and what.args[1] == 5 and what.pid > 0
            assert calls.read(what, what.args[0], 5) == b"given"
            calls.answer(what)
            assert box.communicate()[0] == b"done\n" and box.wait().returncode == 0
        assert "sethostname" in repr(what)


def test_program_gets_error_and_value_of_the_answer(rootfs):
    with spec_of(rootfs, "hostname x 2> /dev/null || echo $$", "sethostname", "getpid") as spec:
        with container.spawn(spec) as box, box.take_notify() as calls:
            with pytest.raises(OSError) as ended:
                while True:
                    what = calls.receive(60)
                    if what.call == "getpid":
                        calls.answer(what, value=77)
                    else:
                        calls.answer(what, error=errno.EXDEV)
            assert ended.value.errno == errno.ENOTCONN
            assert box.communicate()[0] == b"77\n"


def test_caller_opens_a_file_for_the_container(rootfs, tmp_path):
    given = tmp_path / "given"
    given.write_bytes(b"of the caller\n")
    with spec_of(rootfs, "cat /nowhere", "openat", "open") as spec:
        with container.spawn(spec) as box, box.take_notify() as calls:
            asked = b""
            while asked != b"/nowhere":
                what = calls.receive(60)
                name = what.args[1] if what.call == "openat" else what.args[0]
                asked = calls.read(what, name, 64).split(b"\0")[0]
                if asked != b"/nowhere":
                    calls.go_on(what)
            with given.open("rb") as file:
                calls.answer(what, value=calls.add_fd(what, file))
            calls.close()
            assert box.communicate()[0] == b"of the caller\n"


def test_time_without_a_call_gives_none(rootfs):
    with spec_of(rootfs, "sleep 1000", "sethostname") as spec:
        with container.spawn(spec) as box, box.take_notify() as calls:
            assert calls.receive(0) is None
            box.kill()
            with pytest.raises(OSError) as ended:
                calls.receive(60)
            assert ended.value.errno == errno.ENOTCONN
            assert box.wait().signal == signal.SIGKILL


def test_call_of_a_killed_program_cannot_be_answered(rootfs):
    with spec_of(rootfs, "hostname x", "sethostname") as spec:
        with container.spawn(spec) as box, box.take_notify() as calls:
            what = calls.receive(60)
            box.kill()
            box.wait()
            for late in (lambda: calls.answer(what), lambda: calls.go_on(what),
                         lambda: calls.read(what, what.args[0], 1), lambda: calls.add_fd(what, 0)):
                with pytest.raises(FileNotFoundError):
                    late()


def test_descriptor_is_given_once_and_only_where_calls_wait(rootfs):
    with spec_of(rootfs, "true") as spec, container.spawn(spec) as box:
        with pytest.raises(FileNotFoundError):
            box.take_notify()
    with spec_of(rootfs, "true", "sethostname") as spec, container.spawn(spec) as box:
        with box.take_notify() as calls:
            assert not os.get_inheritable(calls.fileno())
            with pytest.raises(FileNotFoundError):
                box.take_notify()
        assert calls.fileno() == -1
