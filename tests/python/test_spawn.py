"""Starting containers, their ends, and what fails on the way."""
import errno
import json
import os
import pickle
import signal
import threading

import container
import pytest
from container import DEVNULL, PIPE, Limit, Step, Time


def told(rootfs, script, **settings):
    """What a shell script prints in a container."""
    return container.run(rootfs, ["sh", "-c", script], capture_output=True, text=True, check=True,
                         **settings).stdout


@pytest.fixture
def inside(rootfs):
    """A running container into which the caller may reach."""
    with container.Spec(rootfs, ["sleep", "1000"]) as spec:
        with container.spawn(spec.add_tmpfs("/tmp")) as box:
            yield box


def test_main_job_runs_ps_as_the_only_process(rootfs):
    with container.spawn(rootfs, ["ps"], stdout=PIPE) as box:
        out, err = box.communicate()
        lines = out.decode().splitlines()
        assert err is None and len(lines) == 2 and lines[1].split()[0] == "1"


def test_root_filesystem_may_be_a_path(rootfs):
    assert container.run(rootfs.path, ["true"]).returncode == 0


def test_exit_tells_code_times_and_words(rootfs):
    how = container.run(rootfs, ["sh", "-c", "exit 3"]).exit
    assert (how.code, how.signal, how.returncode, str(how)) == (3, None, 3, "exited with code 3")
    assert how.why == container.End.EXIT and how.wall > 0


def test_exit_tells_the_signal_and_who_sent_it(rootfs):
    with container.spawn(rootfs, ["sleep", "1000"]) as box:
        assert box.poll() is None and box.returncode is None
        box.kill()
        how = box.wait()
    assert (how.code, how.signal, how.returncode) == (None, signal.SIGKILL, -signal.SIGKILL)
    assert how.why == container.End.ASKED and "signal 9" in str(how)


def test_environment_is_what_was_given_and_no_more(rootfs):
    for env in ({"A": "1", "B": "x=y"}, ["A=1", "B=x=y"]):
        done = container.run(rootfs, ["/usr/bin/env"], capture_output=True, env=env)
        assert done.stdout == b"A=1\nB=x=y\n"
    assert container.run(rootfs, ["/usr/bin/env"], capture_output=True).stdout == b""


def test_settings_reach_the_payload(rootfs):
    assert told(rootfs, "hostname; pwd", hostname="box", cwd="/tmp") == "box\n/tmp\n"


def test_payload_is_the_user_that_was_asked_for(rootfs):
    if rootfs.stats.owners not in (container.Owners.REAL, container.Owners.MAPPED):
        pytest.skip("needs root, or subordinate ids")
    assert told(rootfs, "id -u; id -g", user=(7, 8)) == "7\n8\n"


def test_files_given_from_memory_are_there(rootfs):
    with container.Spec(rootfs, ["cat", "/etc/note"], stdout=PIPE) as spec:
        with container.spawn(spec.add_file("hello\n", "/etc/note")) as box:
            assert box.communicate()[0] == b"hello\n"


def test_mapped_files_stay_open_as_long_as_the_spec(rootfs):
    reader, writer = os.pipe()
    with container.Spec(rootfs, ["sh", "-c", "echo mapped >&7"]) as spec:
        spec.map_fd(os.fdopen(writer, "wb"), 7)
        with container.spawn(spec) as box:
            assert box.wait().returncode == 0
        spec._kept["fd", 7].close()
    with os.fdopen(reader, "rb") as result:
        assert result.read() == b"mapped\n"


def test_missing_program_is_file_not_found_with_step_object_and_cure(rootfs):
    with pytest.raises(FileNotFoundError) as failed:
        container.spawn(rootfs, ["no-such-program"])
    error = failed.value
    assert isinstance(error, container.Error) and error.errno == errno.ENOENT
    assert (error.step, error.object, error.call) == (Step.PROGRAM, "no-such-program", "execve")
    assert "no-such-program" in error.sentence and "PATH" in error.cure
    assert str(error) == error.sentence + "\n" + error.cure
    assert container.step_name(error.step) == "program"


def test_errors_can_be_pickled(rootfs):
    with pytest.raises(container.Error) as failed:
        container.spawn(rootfs, ["no-such-program"])
    copy = pickle.loads(pickle.dumps(failed.value))
    assert type(copy) is container.NotFoundError
    assert vars(copy) == vars(failed.value) and copy.errno == errno.ENOENT


def test_mistake_of_a_setter_is_raised_at_once_and_by_the_spawn(rootfs):
    with container.Spec(rootfs, ["true"]) as spec:
        with pytest.raises(container.Error) as refused:
            spec.set_cwd("relative")
        assert refused.value.errno == errno.EINVAL and "not absolute" in refused.value.sentence
        with pytest.raises(container.Error, match="descriptor"):
            spec.map_fd(-1, 7)
        with pytest.raises(container.Error, match="not absolute"):
            spec.check()
        with pytest.raises(container.Error, match="not absolute"):
            container.spawn(spec)


@pytest.mark.parametrize("settings", [{"argv": ["tr\0ue"]}, {"env": ["A=\0"]}, {"cwd": "/\0"},
                                      {"hostname": "a\0b"}])
def test_nul_in_a_string_is_refused_instead_of_cut(rootfs, settings):
    with pytest.raises(ValueError, match="null byte"):
        container.Spec(rootfs, **settings)


def test_one_string_is_no_list_of_arguments(rootfs):
    with pytest.raises(TypeError, match="list of strings"):
        container.spawn(rootfs, "ps aux")


def test_settings_beside_a_spec_are_refused(rootfs):
    with container.Spec(rootfs, ["true"]) as spec:
        with pytest.raises(TypeError):
            container.spawn(spec, ["ps"])
        with pytest.raises(TypeError):
            container.spawn(spec, cwd="/")
    with pytest.raises(TypeError):
        container.spawn(rootfs)


def test_spec_is_made_of_an_oci_configuration(rootfs, tmp_path):
    process = {"cwd": "/tmp", "args": ["sh", "-c", "pwd; hostname"], "env": ["PATH=/bin"]}
    config = {"ociVersion": "1.2.0", "hostname": "bundled", "root": {"path": rootfs.path}, "process": process,
              "linux": {"namespaces": [{"type": "mount"}, {"type": "uts"}, {"type": "pid"}]}}
    if os.geteuid() != 0:
        ids = {"containerID": 0, "size": 1}
        config["linux"]["namespaces"].append({"type": "user"})
        config["linux"]["uidMappings"] = [{**ids, "hostID": os.geteuid()}]
        config["linux"]["gidMappings"] = [{**ids, "hostID": os.getegid()}]
    (tmp_path / "config.json").write_text(json.dumps(config))
    try:
        specs = [container.Spec.from_oci(tmp_path), container.Spec.from_oci_file(tmp_path / "config.json"),
                 container.Spec.from_oci_text(json.dumps(config))]
    except container.Error as error:
        assert error.errno == errno.EOPNOTSUPP
        pytest.skip("the library was built without JSON")
    for spec in specs:
        with spec, container.spawn(spec.set_stdio(1, PIPE)) as box:
            assert box.communicate()[0] == b"/tmp\nbundled\n"
    container.Spec.from_oci_process(json.dumps(process)).close()
    with container.Spec.from_oci(tmp_path) as spec, container.Spec.from_oci_text(spec.to_oci()) as copy:
        assert spec.to_oci() == copy.to_oci() and json.loads(spec.to_oci())["hostname"] == "bundled"
        with pytest.raises(container.Error, match="stdout"):
            copy.set_stdio(1, PIPE).to_oci()
    with pytest.raises(container.Error, match="/ociVersion"):
        container.Spec.from_oci_text('{"ociVersion": 1}')


def test_function_prepares_the_root_and_may_refuse(rootfs):
    pids = []
    with container.Spec(rootfs, ["true"]) as spec:
        with container.create(spec.set_prepare(pids.append)) as box:
            assert pids == [box.pid]
        with pytest.raises(container.Error) as refused:
            container.create(spec.set_prepare(lambda pid: 1 // 0))
        assert refused.value.errno == errno.ECANCELED
        with container.create(spec.set_prepare(None)):
            assert len(pids) == 1


def test_created_container_waits_for_its_start(rootfs):
    with container.create(rootfs, ["echo", "started"], stdout=PIPE) as box:
        assert box.poll() is None
        box.start()
        assert box.communicate()[0] == b"started\n"
        with pytest.raises(container.Error) as again:
            box.start()
        assert again.value.errno == errno.EINVAL


def test_wait_that_is_over_is_a_timeout_error(rootfs):
    with container.spawn(rootfs, ["sleep", "1000"]) as box:
        with pytest.raises(TimeoutError) as late:
            box.wait(0.01)
        assert late.value.errno == errno.ETIMEDOUT and late.value.step == Step.WAIT


def test_signal_to_one_that_has_ended_is_process_lookup_error(rootfs):
    with container.spawn(rootfs, ["true"]) as box:
        box.wait()
        with pytest.raises(ProcessLookupError):
            box.terminate()


def test_stop_asks_before_it_kills(rootfs):
    script = "trap 'exit 5' TERM; echo ready; while :; do sleep 1000 & wait $!; done"
    with container.spawn(rootfs, ["sh", "-c", script], stdout=PIPE) as box:
        assert box.stdout.readline() == b"ready\n"
        assert box.stop().code == 5
    with container.spawn(rootfs, ["sleep", "1000"]) as box:
        assert box.stop(grace=0).signal == signal.SIGKILL


def test_signal_handler_that_raises_ends_a_wait(rootfs):
    class Raised(Exception):
        pass

    done = threading.Event()

    def handler(_number, _frame):
        if not done.is_set():
            done.set()
            raise Raised

    def send():
        # Again and again: one that comes before the call waits is handled after it.
        while not done.wait(0.01):
            if box._users:
                signal.pthread_kill(threading.main_thread().ident, signal.SIGUSR1)

    before = signal.signal(signal.SIGUSR1, handler)
    try:
        with container.spawn(rootfs, ["sleep", "1000"]) as box:
            sender = threading.Thread(target=send)
            sender.start()
            with pytest.raises(Raised):
                box.wait(60)
            sender.join()
            assert box.poll() is None
    finally:
        signal.signal(signal.SIGUSR1, before)


def test_signal_handler_that_returns_does_not_end_a_wait(rootfs):
    with container.spawn(rootfs, ["cat"], stdin=PIPE) as box:
        ended = threading.Event()

        def send():
            # The second signal finds a wait that the first has interrupted.
            while not ended.wait(0.01):
                if box._users:
                    signal.pthread_kill(threading.main_thread().ident, signal.SIGUSR1)

        handled = []

        def handler(_number, _frame):
            handled.append(box.poll())
            if len(handled) == 3:
                box.stdin.close()

        before = signal.signal(signal.SIGUSR1, handler)
        sender = threading.Thread(target=send)
        try:
            sender.start()
            assert box.wait(60).code == 0
        finally:
            ended.set()
            sender.join()
            signal.signal(signal.SIGUSR1, before)
        assert handled[:3] == [None] * 3


def test_limits_of_time_end_it_and_say_so(rootfs):
    how = container.run(rootfs, ["sleep", "1000"], wall_limit=0.05).exit
    assert how.why == container.End.WALL and how.signal == signal.SIGKILL
    with container.spawn(rootfs, ["sleep", "1000"]) as box:
        box.set_time_limit(Time.WALL, 0.001)
        assert box.wait().why == container.End.WALL


def test_limits_are_changed_by_the_words_of_an_oci_configuration(rootfs, needs_cgroup):
    with container.spawn(rootfs, ["sleep", "1000"], limits={Limit.PIDS_MAX: 5}) as box:
        try:
            box.set_oci_resources('{"pids": {"limit": 7}}')
        except container.Error as error:
            assert error.errno == errno.EOPNOTSUPP
            pytest.skip("the library was built without JSON")
        with pytest.raises(container.Error, match="/linux/resources/pids/limit"):
            box.set_oci_resources('{"pids": {"limit": "7"}}')


def test_limits_figures_and_freezing(rootfs, needs_cgroup):
    with container.spawn(rootfs, ["sleep", "1000"], limits={Limit.PIDS_MAX: 5}) as box:
        assert box.cgroup and box.figures().pids == 1
        box.set_limit(Limit.PIDS_MAX, None)
        with pytest.raises(container.Error) as refused:
            box.set_limit_of(Limit.IO_READS, 0, 20)
        assert "io.max riops of 0" in str(refused.value)
        box.freeze(60)
        box.thaw()
        with container.spawn(rootfs, ["sleep", "1000"]) as without:
            assert without.cgroup is None
            figures = container.figures_of([box, without])
            assert figures[0].pids == 1 and figures[1] is None
            with pytest.raises(FileNotFoundError) as refused:
                without.figures()
            assert "cgroup" in refused.value.sentence
        assert box.stop(0).figures is not None


def test_what_protects_it_is_told_item_by_item(rootfs):
    with container.spawn(rootfs, ["true"]) as box:
        items = {item.item: item for item in box.protection()}
    assert len(items) == len(container.Item)
    root = items[container.Item.ROOT]
    assert root.state == container.ItemState.ENFORCED and root.why is None
    assert root.name == container.item_name(container.Item.ROOT)


def test_ids_of_a_user_namespace_are_told(rootfs):
    with container.Spec(rootfs, ["true"]) as spec:
        with container.spawn(spec.set_idmap(container.Idmap.OWN)) as box:
            assert box.uid_map == [container.IdRange(0, os.getuid(), 1)]
            assert box.gid_map == [container.IdRange(0, os.getgid(), 1)]


def test_trace_tells_each_kernel_call(rootfs):
    events = []
    with container.Spec(rootfs, ["true"]) as spec:
        with container.create(spec.set_trace(events.append)) as box:
            count = len(events)
            spec.set_trace(None)
            box.start()
    calls = [event.call for event in events]
    assert "clone3" in calls and "pivot_root" in calls and len(events) > count
    assert all(event.at_ns and event.step in list(Step) for event in events)


# ----------------------------------------------------------------------- joins

def test_join_puts_a_process_beside_the_others(rootfs):
    with container.spawn(rootfs, ["sleep", "1000"], hostname="joined") as box:
        with container.join(box, ["sh", "-c", "hostname; ps | wc -l"], stdout=PIPE) as visitor:
            assert visitor.communicate()[0].split()[0] == b"joined"


def test_join_by_pid_pidfd_and_namespaces(rootfs):
    flags = container.JoinFlag.NO_SECCOMP | container.JoinFlag.NO_CGROUP
    with container.spawn(rootfs, ["sleep", "1000"], hostname="joined") as box:
        ticks = container.start_ticks(box.pid)
        with container.join_pid(box.pid, ["hostname"], ticks, flags=flags, stdout=PIPE) as visitor:
            assert visitor.communicate()[0] == b"joined\n"
        with container.join_pidfd(box, ["hostname"], flags=flags, stdout=PIPE) as visitor:
            assert visitor.communicate()[0] == b"joined\n"
        with pytest.raises(ProcessLookupError):
            container.join_pid(box.pid, ["hostname"], ticks + 1, flags=flags)
        names = ["user"] * (os.getuid() != 0) + ["mnt", "uts"]
        files = [open(f"/proc/{box.pid}/ns/{name}", "rb") for name in names]
        try:
            with container.join_ns(files, ["hostname"], stdout=PIPE) as visitor:
                assert visitor.communicate()[0] == b"joined\n"
        finally:
            for file in files:
                file.close()


def test_join_of_one_that_has_ended_is_process_lookup_error(rootfs):
    with container.spawn(rootfs, ["true"]) as box:
        box.wait()
        with pytest.raises(ProcessLookupError) as gone:
            container.join(box, ["true"])
        assert gone.value.step == Step.TARGET


# ------------------------------------------------------------------------- run

def test_run_captures_and_feeds(rootfs):
    done = container.run(rootfs, ["sh", "-c", "cat; echo oh >&2"], input="text", text=True,
                         capture_output=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "text", "oh\n")


def test_run_moves_more_than_pipes_hold_both_ways(rootfs):
    data = os.urandom(3 << 20)
    assert container.run(rootfs, ["cat"], input=data, capture_output=True).stdout == data


def test_run_goes_on_where_the_payload_does_not_read_its_input(rootfs):
    done = container.run(rootfs, ["true"], input=b"x" * (1 << 20), capture_output=True)
    assert done.returncode == 0


def test_run_kills_when_its_time_is_over_and_keeps_what_was_said(rootfs):
    with pytest.raises(container.TimeoutExpired) as late:
        container.run(rootfs, ["sh", "-c", "echo so far; sleep 1000"], capture_output=True, timeout=0.5)
    assert late.value.stdout == b"so far\n" and late.value.timeout == 0.5


def test_run_with_check_raises_what_subprocess_would(rootfs):
    import subprocess
    with pytest.raises(subprocess.CalledProcessError) as failed:
        container.run(rootfs, ["sh", "-c", "echo no; exit 4"], capture_output=True, check=True)
    error = failed.value
    assert (error.returncode, error.output, error.exit.code) == (4, b"no\n", 4)
    assert "exited with code 4" in str(error)
    assert pickle.loads(pickle.dumps(error)).exit == error.exit


def test_run_refuses_two_words_for_one_stream(rootfs):
    with pytest.raises(ValueError):
        container.run(rootfs, ["cat"], input=b"", stdin=DEVNULL)
    with pytest.raises(ValueError):
        container.run(rootfs, ["cat"], capture_output=True, stdout=DEVNULL)


def test_communicate_goes_on_after_a_timeout(rootfs):
    script = "echo one; read line; echo $line"
    with container.spawn(rootfs, ["sh", "-c", script], stdin=PIPE, stdout=PIPE) as box:
        box.stdin.raw.write(b"")
        with pytest.raises(container.TimeoutExpired):
            with container.spawn(rootfs, ["sleep", "1000"], stdout=PIPE) as other:
                other.communicate(timeout=0.01)
        assert box.communicate(b"two\n") == (b"one\ntwo\n", None)


# ----------------------------------------------------------------------- state

def test_saved_container_is_found_again(rootfs, tmp_path):
    tmp_path.chmod(0o700)
    box = container.spawn(rootfs, ["sleep", "1000"], stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL)
    pid = box.pid
    box.detach()
    box.save(tmp_path, "web")
    with pytest.raises(FileExistsError):
        box.save(tmp_path, "web")
    with container.Container.load(tmp_path, "web") as found:
        assert found.pid == pid
    assert box.poll() is None  # another handle that goes leaves it alone
    with pytest.raises(container.Error) as running:
        container.remove_state(tmp_path, "web")
    assert running.value.errno == errno.EBUSY
    box.kill()
    box.wait()
    box.close()
    with pytest.raises(ProcessLookupError):
        container.Container.load(tmp_path, "web")
    container.remove_state(tmp_path, "web")
    with pytest.raises(FileNotFoundError) as missing:
        container.Container.load(tmp_path, "web")
    assert missing.value.step == Step.STATE


# --------------------------------------------------------------------- capture

def test_capture_feeds_keeps_and_waits(rootfs):
    data = os.urandom(1 << 20)
    with container.spawn(rootfs, ["sh", "-c", "cat; echo oh >&2; exit 3"], stdin=PIPE, stdout=PIPE,
                         stderr=PIPE) as box:
        told = box.capture(data)
    assert (told.exit.code, told.out, told.err) == (3, data, b"oh\n")
    assert told.input_sent == told.out_total == len(data)


def test_capture_keeps_no_more_than_was_asked_for(rootfs):
    with container.spawn(rootfs, ["sh", "-c", "echo 123456789"], stdout=PIPE) as box:
        told = box.capture(out_limit=4)
    assert (told.out, told.out_total) == (b"1234", 10)
    with container.spawn(rootfs, ["sh", "-c", "cat /dev/zero"], stdout=PIPE) as box:
        told = box.capture(out_limit=100, kill=True)
    assert told.exit.signal == signal.SIGKILL and told.out == bytes(100)


def test_capture_goes_on_after_a_timeout(rootfs):
    with container.spawn(rootfs, ["sh", "-c", "cat; echo > /tmp/fed; sleep 1000"], stdin=PIPE,
                         stdout=PIPE) as box:
        with pytest.raises(TimeoutError):
            box.capture(b"early", 0.01)
        box.kill()
        told = box.capture()
    assert told.exit.signal == signal.SIGKILL and told.out in (b"", b"early")


# --------------------------------------------------- reaching in, terminals, init

def test_files_of_a_running_container_are_opened(rootfs, inside):
    with inside.open("/tmp/note", "w") as file:
        file.write("from outside")
    with inside.open("tmp/note") as file:
        assert file.read() == "from outside"
    with pytest.raises(FileNotFoundError) as missing:
        inside.open("/missing")
    assert missing.value.step == Step.INSIDE
    with pytest.raises(FileExistsError):
        inside.open("/tmp/note", "x")


def test_files_of_the_host_are_mounted_while_it_runs(rootfs, inside, tmp_path):
    (tmp_path / "note").write_text("of the host")
    try:
        inside.mount(tmp_path, "/mnt", container.Mount.READONLY)
    except PermissionError as refused:
        pytest.skip(f"needs the right to mount: {refused.sentence}")
    with inside.open("/mnt/note") as file:
        assert file.read() == "of the host"
    with pytest.raises(OSError):
        inside.open("/mnt/other", "w")
    inside.unmount("/mnt")
    with pytest.raises(FileNotFoundError):
        inside.unmount("/mnt")


def test_processes_of_a_container_are_listed(rootfs):
    script = "for i in 1 2 3; do sleep 1000 & done; echo ready; wait"
    with container.spawn(rootfs, ["sh", "-c", script], stdout=PIPE) as box:
        assert box.stdout.readline() == b"ready\n"
        assert box.pid in box.processes() and len(box.processes()) == 4
        box.kill()
        box.wait()
        assert box.processes() == []


def test_terminal_is_the_payloads_and_has_the_size_that_was_asked_for(rootfs):
    spec = container.Spec(rootfs, ["sh", "-c", "tty; stty size; read line; stty size"]).set_terminal(30, 90)
    with spec, container.spawn(spec) as box:
        assert box.terminal is box.terminal and box.stdout is None
        told = b""
        while b"30 90" not in told:
            told += box.terminal.read(4096)
        container.resize_terminal(box.terminal, 40, 100)
        box.terminal.write(b"\n")
        while b"40 100" not in told:
            told += box.terminal.read(4096)
        assert b"/dev/" in told and box.wait().code == 0


def test_terminal_of_the_caller_is_raw_in_the_block_alone():
    import termios
    master, slave = os.openpty()
    try:
        before = termios.tcgetattr(slave)
        with container.raw_terminal(slave):
            assert not termios.tcgetattr(slave)[3] & termios.ECHO
        assert termios.tcgetattr(slave) == before
        with open(os.devnull, "rb") as file, pytest.raises(container.Error) as refused:
            with container.raw_terminal(file):
                pass
        assert refused.value.errno == errno.ENOTTY
    finally:
        os.close(master)
        os.close(slave)


def test_init_passes_signals_on(rootfs):
    with container.Spec(rootfs, ["sleep", "1000"]) as spec, container.spawn(spec.set_init()) as box:
        assert box.stop(grace=60).signal == signal.SIGTERM


# ---------------------------------------------------------------------- events

def test_events_tell_starts_and_ends_with_what_was_given(rootfs):
    with container.Events() as events:
        boxes = [container.spawn(rootfs, ["sh", "-c", f"exit {code}"]) for code in range(5)]
        for code, box in enumerate(boxes):
            events.add(box, code)
        assert len(events) == 5
        seen = [(event.kind, event.data, event.box) for event in events]
        assert len(events) == 0 and events.next(0) is None
    for code, box in enumerate(boxes):
        assert [kind for kind, data, of in seen if data == code and of is box] == \
            [container.EventKind.STARTED, container.EventKind.EXITED]
        assert box.wait(0).code == code
        box.close()


def test_container_is_in_one_set_at_a_time_and_can_be_taken_out(rootfs):
    with container.Events() as events, container.Events() as others:
        with container.spawn(rootfs, ["sleep", "1000"]) as box:
            events.add(box)
            with pytest.raises(container.Error) as twice:
                others.add(box)
            assert twice.value.errno == errno.EBUSY and len(others) == 0
            events.remove(box)
            with pytest.raises(FileNotFoundError):
                events.remove(box)
            assert len(events) == 0 and events.next(0) is None
            others.add(box)


# ------------------------------------------------------------ lists and probes

def test_namespaces_of_a_container_are_listed(rootfs):
    with container.spawn(rootfs, ["sleep", "1000"]) as box, box.namespaces() as rows:
        kinds = {row.kind for row in rows}
        assert container.Namespace.PID in kinds and len(rows) >= 7
        pid = [row for row in rows if row.kind == container.Namespace.PID][0]
        assert pid.name == os.readlink(f"/proc/{box.pid}/ns/pid")
        assert rows.find(pid.id) == pid and rows.find(1) is None
        assert rows[-1] == list(rows)[-1] and rows.stats.processes >= 1
        with pytest.raises(IndexError):
            rows[len(rows)]
        assert pid.name.split(":")[0] == container.kind_name(pid.kind) and str(pid.id) in rows.text()
        assert rows.json()


def test_system_list_has_the_callers_own():
    with container.NamespaceList.of_system(container.Namespace.UTS) as rows:
        assert os.readlink("/proc/self/ns/uts") in [row.name for row in rows]


def test_probe_tells_facts_with_reasons(tmp_path):
    with container.Probe() as probe:
        kernel = probe[container.Fact.KERNEL]
        assert kernel and kernel.value == os.uname().release
        assert len(list(probe)) == len(probe) == len(probe.json()["facts"])
        assert all(fact.reason for fact in probe if not fact) and kernel.name in probe.text()
        with pytest.raises(KeyError):
            probe[container.Fact.PATH_WRITE]
    with container.Probe(tmp_path) as probe:
        assert probe[container.Fact.PATH_WRITE]
    with pytest.raises(FileNotFoundError):
        container.Probe(tmp_path / "missing")


def test_pool_starts_what_it_is_given(rootfs):
    with container.Spec(rootfs, ["sh", "-c", "exit 1"]) as spec:
        pool = container.Pool(spec, 2)
    with pool:
        assert pool.ready == 2
        reader, writer = os.pipe()
        with open(reader, "rb") as lines, open(writer, "wb") as out:
            with pool.take(["sh", "-c", "echo $A; echo $A >&9; exit 5"], env={"A": "given"}, stdout=out,
                           fds={9: out}, wall=1000) as box:
                assert box.wait().code == 5
            out.close()
            assert lines.read() == b"given\n" * 2
        with pool.take() as box:
            assert box.wait().code == 1
        assert pool.ready == 0 and pool.refill(1) == 1 and pool.fileno() > 2
        with pytest.raises(FileNotFoundError):
            pool.take(["/missing"])
        with pytest.raises(container.Error):
            pool.take(limits={Limit.PIDS_MAX: 5})
    with container.Spec(rootfs, ["true"]) as spec, pytest.raises(container.Error):
        container.Pool(spec, 0)
