"""ct_spec: what to run and how isolated. A method for each setter of C, by its name."""
import ctypes
import errno
import os
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Callable, Iterable, Iterator, Mapping, Optional, Sequence, Tuple, TypeVar, Union

from . import _declared, _words
from ._words import DeviceAccess, Idmap, Item, Limit, RootMode, Seccomp, SeccompAction, SeccompCompare, Stdio, Time, TraceWho
from ._handle import Handle
from ._library import Path, decoded, encoded, encoded_or_none, library, milliseconds, strings
from .errors import Report, check, fail
from .rootfs import Rootfs

Self = TypeVar("Self", bound="Spec")
# A descriptor, or what has one.
File = Union[int, Any]


@dataclass(frozen=True)
class TraceEvent:
    """One kernel call of a start or join; see ct_trace_event."""
    who: TraceWho
    pid: int
    step: int
    result: int
    at_ns: int
    took_ns: int
    call: str
    arguments: str
    object: str
    shell: str

    @classmethod
    def at(cls, pointer: int) -> "TraceEvent":
        event = _declared.TraceEventStruct.from_address(pointer)
        return cls(TraceWho(event.who), event.pid, event.step, event.result, event.at_ns,
                   event.took_ns, decoded(event.call), decoded(event.arguments),
                   decoded(event.object), decoded(event.shell))


@dataclass(frozen=True)
class When:
    """A condition of a rule: (argument & mask) compare value. mask 0: all bits."""
    index: int
    compare: SeccompCompare
    value: int
    mask: int = 0


@dataclass(frozen=True)
class Device:
    """What a device may be used for; major, minor None: any. type: "c" or "b"."""
    type: str
    major: Optional[int]
    minor: Optional[int]
    access: int = DeviceAccess.READ | DeviceAccess.WRITE


def descriptor(file: File) -> int:
    return file if isinstance(file, int) else int(file.fileno())


class Spec(Handle):
    """What to run and how isolated: built once, spawned many times, from many threads.

    A setter returns the spec, so that calls can be chained, and raises at once what C would
    report at the spawn. A spec that has refused a setting refuses to be spawned as well. A
    setter waits while another thread starts a container from the spec.
    """

    _free = "ct_spec_free"
    _closed_first = 3

    def __init__(self, rootfs: Optional[Rootfs] = None, argv: Optional[Sequence[Path]] = None, *,
                 env: Union[Mapping[str, str], Iterable[str], None] = None,
                 cwd: Optional[Path] = None, user: Optional[Tuple[int, int]] = None,
                 hostname: Optional[str] = None, root_mode: Optional[RootMode] = None,
                 limits: Optional[Mapping[Limit, Optional[int]]] = None,
                 wall_limit: Optional[float] = None, cpu_limit: Optional[float] = None,
                 stdin: Union[Stdio, File, None] = None, stdout: Union[Stdio, File, None] = None,
                 stderr: Union[Stdio, File, None] = None) -> None:
        pointer = ctypes.c_void_p()
        check(library.ct_spec_new(ctypes.byref(pointer)), "spec")
        super().__init__(pointer.value)
        self._kept: dict[Any, Any] = {}  # what C borrows: files of the payload, the trace function
        given = {"set_rootfs": rootfs, "set_argv": argv, "set_env": env, "set_cwd": cwd,
                 "set_hostname": hostname, "set_root_mode": root_mode}
        for setter, value in given.items():
            if value is not None:
                getattr(self, setter)(value)
        if user is not None:
            self.set_user(*user)
        for limit, most in (limits or {}).items():
            self.set_limit(limit, most)
        for time, seconds in ((Time.WALL, wall_limit), (Time.CPU, cpu_limit)):
            if seconds is not None:
                self.set_time_limit(time, seconds)
        for stream, what in enumerate((stdin, stdout, stderr)):
            if what is not None:
                self.set_stdio(stream, what)

    def _take(self: Self, call: str, *arguments: Any) -> Self:
        """Puts what C makes in the place of the empty spec."""
        report, pointer = Report(), ctypes.c_void_p()
        report.check(getattr(library, call)(*arguments, ctypes.byref(pointer), report.pointer))
        with self._alone() as empty:
            library.ct_spec_free(empty)
            self._pointer = pointer.value
        return self

    @classmethod
    def from_oci(cls, bundle: Path) -> "Spec":
        """What the config.json of a bundle describes."""
        return cls()._take("ct_spec_from_oci", encoded(bundle))

    @classmethod
    def from_oci_file(cls, path: Path) -> "Spec":
        return cls()._take("ct_spec_from_oci_file", encoded(path))

    @classmethod
    def from_oci_text(cls, text: str, bundle: Optional[Path] = None) -> "Spec":
        data = text.encode()
        return cls()._take("ct_spec_from_oci_text", data, len(data), encoded_or_none(bundle))

    @classmethod
    def from_oci_process(cls, text: str) -> "Spec":
        """What stands at /process of a configuration, for join()."""
        data = text.encode()
        return cls()._take("ct_spec_from_oci_process", data, len(data))

    def to_oci(self) -> str:
        """The text of a config.json that describes the same; what it has no word for is refused."""
        text = ctypes.c_char_p()
        report = Report()
        with self._using() as spec:
            report.check(library.ct_spec_to_oci(spec, ctypes.byref(text), report.pointer))
        try:
            return (text.value or b"").decode()
        finally:
            library.ct_oci_text_free(text)

    @contextmanager
    def _alone(self) -> Iterator[Optional[int]]:
        with self._idle:
            if self._closed:
                raise ValueError("this Spec is closed")
            while self._users:
                self._idle.wait()
            yield self._pointer

    def _set(self: Self, call: str, *arguments: Any) -> Self:
        report = Report()
        with self._alone() as spec:
            result = getattr(library, call)(spec, *arguments)
            if result < 0:
                library.ct_spec_check(spec, report.pointer)
        if result < 0 and report.struct.code != result:  # the second mistake: C keeps the first
            fail(result, call)
        report.check(result)
        return self

    def check(self) -> None:
        """Raise the first mistake that a setter has met."""
        report = Report()
        with self._using() as spec:
            report.check(library.ct_spec_check(spec, report.pointer))

    # ------------------------------------------------------------ what to run

    def set_argv(self: Self, argv: Sequence[Path]) -> Self:
        return self._set("ct_spec_set_argv", strings(argv))

    def set_program(self: Self, program: Optional[Path]) -> Self:
        return self._set("ct_spec_set_program", encoded_or_none(program))

    def set_env(self: Self, env: Union[Mapping[str, str], Iterable[Path], None]) -> Self:
        """A mapping, or strings NAME=value. None: empty. Nothing of the host's is passed on."""
        if env is not None and hasattr(env, "items"):
            env = [f"{name}={value}" for name, value in env.items()]
        return self._set("ct_spec_set_env", None if env is None else strings(env))

    def set_cwd(self: Self, cwd: Path) -> Self:
        return self._set("ct_spec_set_cwd", encoded(cwd))

    def set_umask(self: Self, mask: int) -> Self:
        return self._set("ct_spec_set_umask", mask)

    # -------------------------------------------------------- root filesystem

    def set_rootfs(self: Self, rootfs: Rootfs) -> Self:
        with rootfs._using() as pointer:
            return self._set("ct_spec_set_rootfs", pointer)

    def set_root_mode(self: Self, mode: RootMode) -> Self:
        return self._set("ct_spec_set_root_mode", mode)

    def set_ephemeral_size(self: Self, size_bytes: int) -> Self:
        return self._set("ct_spec_set_ephemeral_size", size_bytes)

    # --------------------------------------------------------------- identity

    def set_user(self: Self, uid: int, gid: int) -> Self:
        return self._set("ct_spec_set_user", uid, gid)

    def set_groups(self: Self, groups: Sequence[int]) -> Self:
        return self._set("ct_spec_set_groups", (ctypes.c_uint * len(groups))(*groups), len(groups))

    # ------------------------------------------------------------- namespaces

    def set_ns_new(self: Self, kinds: int) -> Self:
        return self._set("ct_spec_set_ns_new", kinds)

    def set_ns_host(self: Self, kinds: int) -> Self:
        return self._set("ct_spec_set_ns_host", kinds)

    def set_ns_fd(self: Self, kind: int, file: File) -> Self:
        return self._set("ct_spec_set_ns_fd", kind, descriptor(file))

    def set_ns_path(self: Self, kind: int, path: Path) -> Self:
        return self._set("ct_spec_set_ns_path", kind, encoded(path))

    def set_ns_pid(self: Self, kinds: int, pid: int) -> Self:
        return self._set("ct_spec_set_ns_pid", kinds, pid)

    def set_idmap(self: Self, kind: Idmap, count: int = 0) -> Self:
        return self._set("ct_spec_set_idmap", kind, count)

    def add_uid_map(self: Self, inside: int, outside: int, count: int) -> Self:
        return self._set("ct_spec_add_uid_map", inside, outside, count)

    def add_gid_map(self: Self, inside: int, outside: int, count: int) -> Self:
        return self._set("ct_spec_add_gid_map", inside, outside, count)

    def set_time_offsets(self: Self, monotonic_ns: int, boottime_ns: int) -> Self:
        return self._set("ct_spec_set_time_offsets", monotonic_ns, boottime_ns)

    def set_hostname(self: Self, name: str) -> Self:
        return self._set("ct_spec_set_hostname", encoded(name))

    def set_domainname(self: Self, name: str) -> Self:
        return self._set("ct_spec_set_domainname", encoded(name))

    def set_sysctl(self: Self, key: str, value: str) -> Self:
        return self._set("ct_spec_set_sysctl", encoded(key), encoded(value))

    def set_loopback(self: Self, on: bool) -> Self:
        return self._set("ct_spec_set_loopback", on)

    def set_init(self: Self, on: bool = True) -> Self:
        """PID 1 is an init of the library's, the payload its child."""
        return self._set("ct_spec_set_init", on)

    def set_proc(self: Self, flags: int) -> Self:
        return self._set("ct_spec_set_proc", flags)

    # ----------------------------------------------------------------- mounts

    def add_bind(self: Self, source: Path, target: Path, flags: int = 0) -> Self:
        return self._set("ct_spec_add_bind", encoded(source), encoded(target), flags)

    def add_bind_fd(self: Self, file: File, target: Path, flags: int = 0) -> Self:
        return self._set("ct_spec_add_bind_fd", descriptor(file), encoded(target), flags)

    def add_tmpfs(self: Self, target: Path, size_bytes: int = 0, mode: int = 0o1777,
                  flags: int = 0) -> Self:
        return self._set("ct_spec_add_tmpfs", encoded(target), size_bytes, mode, flags)

    def add_filesystem(self: Self, kind: str, target: Path, options: Optional[str] = None,
                       flags: int = 0) -> Self:
        return self._set("ct_spec_add_filesystem", encoded(kind), encoded(target),
                         encoded_or_none(options), flags)

    def add_overlay(self: Self, lowers: Sequence[Path], target: Path, upper: Optional[Path] = None,
                    work: Optional[Path] = None, flags: int = 0) -> Self:
        return self._set("ct_spec_add_overlay", strings(lowers), encoded_or_none(upper),
                         encoded_or_none(work), encoded(target), flags)

    def add_file(self: Self, data: Union[str, bytes], target: Path, mode: int = 0o644) -> Self:
        content = data.encode() if isinstance(data, str) else bytes(data)
        return self._set("ct_spec_add_file", content, len(content), encoded(target), mode)

    def add_file_fd(self: Self, file: File, target: Path, mode: int = 0o644) -> Self:
        return self._set("ct_spec_add_file_fd", descriptor(file), encoded(target), mode)

    def add_masked_path(self: Self, path: Path) -> Self:
        return self._set("ct_spec_add_masked_path", encoded(path))

    def add_readonly_path(self: Self, path: Path) -> Self:
        return self._set("ct_spec_add_readonly_path", encoded(path))

    def clear_paths(self: Self) -> Self:
        return self._set("ct_spec_clear_paths")

    # ----------------------------------------------------------------- limits

    def set_rlimit(self: Self, resource: int, soft: Optional[int], hard: Optional[int]) -> Self:
        """resource.RLIMIT_*; None: no limit."""
        none = _words.UNLIMITED
        return self._set("ct_spec_set_rlimit", resource, none if soft is None else soft,
                         none if hard is None else hard)

    def set_oom_score_adj(self: Self, value: int) -> Self:
        return self._set("ct_spec_set_oom_score_adj", value)

    def set_exact_rss(self: Self, on: bool) -> Self:
        return self._set("ct_spec_set_exact_rss", on)

    def set_limit(self: Self, limit: Limit, value: Optional[int]) -> Self:
        """None: no limit."""
        return self._set("ct_spec_set_limit", limit, unlimited(value))

    def set_limit_of(self: Self, limit: Limit, of: int, value: Optional[int]) -> Self:
        """Of one disk (os.makedev()), or of huge pages of one size in bytes. None: no limit."""
        return self._set("ct_spec_set_limit_of", limit, of, unlimited(value))

    def set_cpus(self: Self, cpus: Optional[str]) -> Self:
        return self._set("ct_spec_set_cpus", encoded_or_none(cpus))

    def set_mems(self: Self, mems: Optional[str]) -> Self:
        return self._set("ct_spec_set_mems", encoded_or_none(mems))

    def set_cgroup(self: Self, on: bool = True) -> Self:
        return self._set("ct_spec_set_cgroup", on)

    def set_cgroup_key(self: Self, key: str, value: str) -> Self:
        return self._set("ct_spec_set_cgroup_key", encoded(key), encoded(value))

    def set_cgroup_parent(self: Self, parent: Optional[Path]) -> Self:
        return self._set("ct_spec_set_cgroup_parent", encoded_or_none(parent))

    def set_cgroup_systemd(self: Self, bus: Optional[str] = "") -> Self:
        """The address of a bus, "" for the caller's; None: no scope of systemd's."""
        return self._set("ct_spec_set_cgroup_systemd", encoded_or_none(bus))

    def set_devices(self: Self, devices: Sequence[Device] = ()) -> Self:
        """No devices but those of every container, and these."""
        structs = (_declared.DeviceStruct * len(devices))()
        for struct, device in zip(structs, devices):
            struct.type, struct.access = ord(device.type), device.access
            struct.major = -1 if device.major is None else device.major
            struct.minor = -1 if device.minor is None else device.minor
        return self._set("ct_spec_set_devices", structs if devices else None, len(devices))

    def set_time_limit(self: Self, what: Time, seconds: Optional[float]) -> Self:
        """In seconds; None: no limit."""
        return self._set("ct_spec_set_time_limit", what, time_limit(seconds))

    # ------------------------------------------------------------ descriptors

    def set_stdio(self: Self, stream: int, what: Union[Stdio, File]) -> Self:
        """A Stdio, or a file of the host's, which is kept open as long as the spec."""
        if isinstance(what, Stdio):
            self._set("ct_spec_set_stdio", stream, what, -1)
            self._kept.pop(("stdio", stream), None)
        else:
            self._set("ct_spec_set_stdio", stream, Stdio.FD, descriptor(what))
            self._kept["stdio", stream] = what
        return self

    def set_terminal(self: Self, rows: int = 24, columns: int = 80) -> Self:
        """Give each container a terminal: see Container.terminal. 0 and 0: none."""
        return self._set("ct_spec_set_terminal", rows, columns)

    def map_fd(self: Self, file: File, target: int) -> Self:
        """Give the payload a file of the host's under a number; it is kept open as long as the spec."""
        self._set("ct_spec_map_fd", descriptor(file), target)
        self._kept["fd", target] = file
        return self

    # ----------------------------------------------------------- capabilities

    def add_cap(self: Self, name: str) -> Self:
        return self._set("ct_spec_add_cap", encoded(name))

    def drop_cap(self: Self, name: str) -> Self:
        return self._set("ct_spec_drop_cap", encoded(name))

    def add_ambient_cap(self: Self, name: str) -> Self:
        return self._set("ct_spec_add_ambient_cap", encoded(name))

    def set_no_new_privs(self: Self, on: bool) -> Self:
        return self._set("ct_spec_set_no_new_privs", on)

    def set_seccomp(self: Self, base: Seccomp, flags: int = 0) -> Self:
        return self._set("ct_spec_set_seccomp", base, flags)

    def add_seccomp_rule(self: Self, call: str, action: SeccompAction, error: int = 0,
                         when: Sequence[When] = ()) -> Self:
        arguments = (_declared.SeccompArgStruct * len(when))()
        for struct, condition in zip(arguments, when):
            struct.index, struct.compare = condition.index, condition.compare
            struct.mask, struct.value = condition.mask, condition.value
        return self._set("ct_spec_add_seccomp_rule", encoded(call), action, error,
                         arguments if when else None, len(when))

    def set_core_dumps(self: Self, on: bool) -> Self:
        return self._set("ct_spec_set_core_dumps", int(on))

    def set_apparmor(self: Self, profile: Optional[str]) -> Self:
        return self._set("ct_spec_set_apparmor", encoded_or_none(profile))

    def set_selinux(self: Self, context: Optional[str]) -> Self:
        return self._set("ct_spec_set_selinux", encoded_or_none(context))

    def set_landlock(self: Self, what: int) -> Self:
        """Landlock bits, combined."""
        return self._set("ct_spec_set_landlock", what)

    def add_landlock_path(self: Self, path: Path, access: int, optional: bool = False) -> Self:
        """LandlockAccess bits, combined; optional: a missing path is no error."""
        return self._set("ct_spec_add_landlock_path", encoded(path), access, int(optional))

    def add_landlock_port(self: Self, port: int, access: int) -> Self:
        """LandlockPort bits, combined."""
        return self._set("ct_spec_add_landlock_port", port, access)

    def set_seccomp_bpf(self: Self, program: Optional[bytes]) -> Self:
        """Instructions of struct sock_filter, one behind the other; None: no program again."""
        return self._set("ct_spec_set_seccomp_bpf", program, len(program or b""))

    def set_seccomp_json(self: Self, profile: Union[str, bytes]) -> Self:
        """A profile as OCI and Docker write them."""
        text = profile.encode() if isinstance(profile, str) else profile
        return self._set("ct_spec_set_seccomp_json", text, len(text))

    def allow_lack(self: Self, *items: Item) -> Self:
        """Let containers start without these where the machine cannot give them."""
        bits = 0
        for item in items:
            bits |= 1 << item
        return self._set("ct_spec_allow_lack", bits)

    # ---------------------------------------------------------------- prepare

    def set_prepare(self: Self, prepare: Optional[Callable[[int], Any]]) -> Self:
        """Have it called with the pid of a container whose root is ready, while the host's is in its place.

        It must not use the spec. If it raises, the start fails with ECANCELED.
        """
        function: Any = _declared.PrepareFn(0)
        if prepare is not None:
            turn = prepare

            def take_turn(_data: Any, box: Any, _report: Any) -> int:
                try:
                    turn(library.ct_container_pid(box))
                except BaseException:  # nothing may go through C
                    return -errno.ECANCELED
                return 0
            function = _declared.PrepareFn(take_turn)
        self._set("ct_spec_set_prepare", function, None)
        self._kept["prepare"] = function
        return self

    # ---------------------------------------------------------------- explain

    def set_trace(self: Self, trace: Optional[Callable[[TraceEvent], Any]]) -> Self:
        """Have each kernel call of a start told. It must not use the spec, nor raise."""
        function: Any = _declared.TraceFn(0)
        if trace is not None:
            tell = trace
            function = _declared.TraceFn(lambda pointer, _data: tell(TraceEvent.at(pointer)))
        self._set("ct_spec_set_trace", function, None)
        # Containers that wait for their start call it still: see Container._trace.
        self._kept["trace"] = function
        return self


def unlimited(value: Optional[int]) -> int:
    return _words.UNLIMITED if value is None else value


def time_limit(seconds: Optional[float]) -> int:
    return _words.UNLIMITED if seconds is None else milliseconds(seconds)


def as_rootfs(rootfs: Union[Rootfs, Path]) -> Tuple[Rootfs, bool]:
    """The handle of a root filesystem, and whether it was opened for this."""
    if isinstance(rootfs, Rootfs):
        return rootfs, False
    return Rootfs(os.fspath(rootfs)), True
