"""What the C headers declare. Written by declare.py from include/container; do not edit."""
import ctypes
from typing import Any


ExtractProgressFn = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)


ReadFn = ctypes.CFUNCTYPE(ctypes.c_ssize_t, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p)


PrepareFn = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)


TraceFn = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p)


class ErrorStruct(ctypes.Structure):
    """ct_error"""

    _fields_ = [
        ("size", ctypes.c_uint32),
        ("code", ctypes.c_int32),
        ("step", ctypes.c_int32),
        ("reserved", ctypes.c_uint32),
        ("call", ctypes.c_char * 32),
        ("object", ctypes.c_char * 256),
        ("sentence", ctypes.c_char * 512),
        ("cure", ctypes.c_char * 256),
    ]


class ExtractProgressStruct(ctypes.Structure):
    """ct_extract_progress"""

    _fields_ = [
        ("size", ctypes.c_uint32),
        ("reserved", ctypes.c_uint32),
        ("archive_bytes", ctypes.c_uint64),
        ("archive_total", ctypes.c_uint64),
        ("bytes", ctypes.c_uint64),
        ("entries", ctypes.c_uint64),
        ("path", ctypes.c_char_p),
    ]


class ExtractOptionsStruct(ctypes.Structure):
    """ct_extract_options"""

    _fields_ = [
        ("size", ctypes.c_uint32),
        ("flags", ctypes.c_uint32),
        ("strip_components", ctypes.c_uint32),
        ("max_depth", ctypes.c_uint32),
        ("max_bytes", ctypes.c_uint64),
        ("max_entries", ctypes.c_uint64),
        ("max_file_bytes", ctypes.c_uint64),
        ("max_ratio", ctypes.c_uint64),
        ("uid_shift", ctypes.c_uint32),
        ("gid_shift", ctypes.c_uint32),
        ("progress", ExtractProgressFn),
        ("progress_data", ctypes.c_void_p),
    ]


class ExtractStatsStruct(ctypes.Structure):
    """ct_extract_stats"""

    _fields_ = [
        ("size", ctypes.c_uint32),
        ("owners", ctypes.c_uint32),
        ("entries", ctypes.c_uint64),
        ("bytes", ctypes.c_uint64),
        ("archive_bytes", ctypes.c_uint64),
        ("devices_dropped", ctypes.c_uint64),
        ("setuid_cleared", ctypes.c_uint64),
        ("xattrs_dropped", ctypes.c_uint64),
        ("owners_recorded", ctypes.c_uint64),
        ("owners_lost", ctypes.c_uint64),
        ("devices_recorded", ctypes.c_uint64),
        ("xattrs_recorded", ctypes.c_uint64),
    ]


class IdRangeStruct(ctypes.Structure):
    """ct_id_range"""

    _fields_ = [
        ("inside", ctypes.c_uint32),
        ("outside", ctypes.c_uint32),
        ("count", ctypes.c_uint32),
    ]


class OutputStruct(ctypes.Structure):
    """ct_output"""

    _fields_ = [
        ("size", ctypes.c_uint32),
        ("flags", ctypes.c_uint32),
        ("input", ctypes.c_void_p),
        ("input_size", ctypes.c_size_t),
        ("input_sent", ctypes.c_size_t),
        ("out_limit", ctypes.c_size_t),
        ("err_limit", ctypes.c_size_t),
        ("out", ctypes.c_void_p),
        ("err", ctypes.c_void_p),
        ("out_size", ctypes.c_size_t),
        ("err_size", ctypes.c_size_t),
        ("out_total", ctypes.c_uint64),
        ("err_total", ctypes.c_uint64),
    ]


class EventStruct(ctypes.Structure):
    """ct_event"""

    _fields_ = [
        ("size", ctypes.c_uint32),
        ("kind", ctypes.c_uint32),
        ("box", ctypes.c_void_p),
        ("data", ctypes.c_void_p),
        ("count", ctypes.c_uint64),
    ]


class FiguresStruct(ctypes.Structure):
    """ct_figures"""

    _fields_ = [
        ("size", ctypes.c_uint32),
        ("reserved", ctypes.c_uint32),
        ("cpu_us", ctypes.c_uint64),
        ("cpu_user_us", ctypes.c_uint64),
        ("cpu_system_us", ctypes.c_uint64),
        ("cpu_throttled_us", ctypes.c_uint64),
        ("cpu_throttled_count", ctypes.c_uint64),
        ("cpu_stalled_us", ctypes.c_uint64),
        ("memory_bytes", ctypes.c_uint64),
        ("memory_peak_bytes", ctypes.c_uint64),
        ("memory_anon_bytes", ctypes.c_uint64),
        ("memory_file_bytes", ctypes.c_uint64),
        ("memory_stalled_us", ctypes.c_uint64),
        ("memory_max_count", ctypes.c_uint64),
        ("memory_high_count", ctypes.c_uint64),
        ("oom_kills", ctypes.c_uint64),
        ("swap_bytes", ctypes.c_uint64),
        ("pids", ctypes.c_uint64),
        ("pids_peak", ctypes.c_uint64),
        ("pids_max_count", ctypes.c_uint64),
        ("io_read_bytes", ctypes.c_uint64),
        ("io_written_bytes", ctypes.c_uint64),
        ("io_reads", ctypes.c_uint64),
        ("io_writes", ctypes.c_uint64),
        ("io_stalled_us", ctypes.c_uint64),
    ]


class IoStruct(ctypes.Structure):
    """ct_io"""

    _fields_ = [
        ("major", ctypes.c_uint32),
        ("minor", ctypes.c_uint32),
        ("read_bytes", ctypes.c_uint64),
        ("written_bytes", ctypes.c_uint64),
        ("reads", ctypes.c_uint64),
        ("writes", ctypes.c_uint64),
    ]


class DeviceStruct(ctypes.Structure):
    """ct_device"""

    _fields_ = [
        ("type", ctypes.c_uint32),
        ("access", ctypes.c_uint32),
        ("major", ctypes.c_int32),
        ("minor", ctypes.c_int32),
    ]


class SeccompArgStruct(ctypes.Structure):
    """ct_seccomp_arg"""

    _fields_ = [
        ("index", ctypes.c_uint32),
        ("compare", ctypes.c_uint32),
        ("mask", ctypes.c_uint64),
        ("value", ctypes.c_uint64),
    ]


class NotificationStruct(ctypes.Structure):
    """ct_notification"""

    _fields_ = [
        ("size", ctypes.c_uint32),
        ("pid", ctypes.c_int32),
        ("id", ctypes.c_uint64),
        ("args", ctypes.c_uint64 * 6),
        ("number", ctypes.c_int32),
        ("reserved", ctypes.c_uint32),
        ("call", ctypes.c_char * 32),
    ]


class NsInfoStruct(ctypes.Structure):
    """ct_ns_info"""

    _fields_ = [
        ("size", ctypes.c_uint32),
        ("kind", ctypes.c_uint32),
        ("id", ctypes.c_uint64),
        ("owner_ns", ctypes.c_uint64),
        ("parent", ctypes.c_uint64),
        ("owner_uid", ctypes.c_uint32),
        ("links", ctypes.c_uint32),
        ("nprocs", ctypes.c_uint32),
        ("nprocs_for_children", ctypes.c_uint32),
        ("pid", ctypes.c_int32),
        ("uid", ctypes.c_uint32),
        ("keeper", ctypes.c_uint32),
        ("keeper_pid", ctypes.c_int32),
        ("keeper_fd", ctypes.c_int32),
        ("unseen", ctypes.c_uint32),
        ("name", ctypes.c_char * 32),
        ("command", ctypes.c_char * 64),
    ]


class NsStatsStruct(ctypes.Structure):
    """ct_ns_stats"""

    _fields_ = [
        ("size", ctypes.c_uint32),
        ("processes", ctypes.c_uint32),
        ("vanished", ctypes.c_uint32),
        ("denied", ctypes.c_uint32),
        ("hidden", ctypes.c_uint32),
        ("listns", ctypes.c_uint32),
        ("unopened", ctypes.c_uint32),
        ("reserved", ctypes.c_uint32),
    ]


class PayloadFdStruct(ctypes.Structure):
    """ct_payload_fd"""

    _fields_ = [
        ("fd", ctypes.c_int32),
        ("target", ctypes.c_int32),
    ]


class PayloadLimitStruct(ctypes.Structure):
    """ct_payload_limit"""

    _fields_ = [
        ("limit", ctypes.c_uint32),
        ("reserved", ctypes.c_uint32),
        ("value", ctypes.c_uint64),
    ]


class ProbeInfoStruct(ctypes.Structure):
    """ct_probe_info"""

    _fields_ = [
        ("size", ctypes.c_uint32),
        ("fact", ctypes.c_uint32),
        ("state", ctypes.c_uint32),
        ("reserved", ctypes.c_uint32),
        ("number", ctypes.c_uint64),
        ("name", ctypes.c_char * 32),
        ("group", ctypes.c_char * 32),
        ("value", ctypes.c_char * 128),
        ("reason", ctypes.c_char * 256),
        ("cure", ctypes.c_char * 256),
    ]


class TraceEventStruct(ctypes.Structure):
    """ct_trace_event"""

    _fields_ = [
        ("size", ctypes.c_uint32),
        ("who", ctypes.c_int32),
        ("pid", ctypes.c_int32),
        ("step", ctypes.c_int32),
        ("result", ctypes.c_int64),
        ("at_ns", ctypes.c_uint64),
        ("took_ns", ctypes.c_uint64),
        ("call", ctypes.c_char_p),
        ("arguments", ctypes.c_char_p),
        ("object", ctypes.c_char_p),
        ("shell", ctypes.c_char_p),
    ]


class ProtectionStruct(ctypes.Structure):
    """ct_protection"""

    _fields_ = [
        ("size", ctypes.c_uint32),
        ("item", ctypes.c_int32),
        ("state", ctypes.c_int32),
        ("count", ctypes.c_uint32),
        ("why", ErrorStruct),
    ]


class PayloadStruct(ctypes.Structure):
    """ct_payload"""

    _fields_ = [
        ("size", ctypes.c_uint32),
        ("stdio", ctypes.c_int32 * 3),
        ("program", ctypes.c_char_p),
        ("argv", ctypes.POINTER(ctypes.c_char_p)),
        ("envp", ctypes.POINTER(ctypes.c_char_p)),
        ("fds", ctypes.POINTER(PayloadFdStruct)),
        ("limits", ctypes.POINTER(PayloadLimitStruct)),
        ("fd_count", ctypes.c_size_t),
        ("limit_count", ctypes.c_size_t),
        ("wall_ms", ctypes.c_uint64),
        ("cpu_ms", ctypes.c_uint64),
    ]


class ExitStruct(ctypes.Structure):
    """ct_exit"""

    _fields_ = [
        ("size", ctypes.c_uint32),
        ("code", ctypes.c_int32),
        ("signal", ctypes.c_int32),
        ("core_dumped", ctypes.c_uint32),
        ("lost", ctypes.c_uint32),
        ("oom", ctypes.c_uint32),
        ("why", ctypes.c_uint32),
        ("reserved", ctypes.c_uint32),
        ("wall_us", ctypes.c_uint64),
        ("user_us", ctypes.c_uint64),
        ("system_us", ctypes.c_uint64),
        ("max_rss_bytes", ctypes.c_uint64),
        ("figures", FiguresStruct),
    ]


# Of each call: its result and its parameters.
PROTOTYPES: "dict[str, tuple[Any, list[Any]]]" = {
    "ct_step_name": (ctypes.c_char_p, [ctypes.c_int]),
    "ct_rootfs_extract": (ctypes.c_int, [ctypes.c_char_p, ctypes.c_char_p, ctypes.POINTER(ExtractOptionsStruct), ctypes.POINTER(ctypes.c_void_p), ctypes.POINTER(ErrorStruct)]),
    "ct_rootfs_extract_fd": (ctypes.c_int, [ctypes.c_int, ctypes.c_char_p, ctypes.POINTER(ExtractOptionsStruct), ctypes.POINTER(ctypes.c_void_p), ctypes.POINTER(ErrorStruct)]),
    "ct_rootfs_extract_memory": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.POINTER(ExtractOptionsStruct), ctypes.POINTER(ctypes.c_void_p), ctypes.POINTER(ErrorStruct)]),
    "ct_rootfs_extract_stream": (ctypes.c_int, [ReadFn, ctypes.c_void_p, ctypes.c_char_p, ctypes.POINTER(ExtractOptionsStruct), ctypes.POINTER(ctypes.c_void_p), ctypes.POINTER(ErrorStruct)]),
    "ct_rootfs_open": (ctypes.c_int, [ctypes.c_char_p, ctypes.POINTER(ctypes.c_void_p), ctypes.POINTER(ErrorStruct)]),
    "ct_rootfs_open_image": (ctypes.c_int, [ctypes.c_char_p, ctypes.c_uint32, ctypes.POINTER(ctypes.c_void_p), ctypes.POINTER(ErrorStruct)]),
    "ct_rootfs_open_image_fd": (ctypes.c_int, [ctypes.c_int, ctypes.c_uint32, ctypes.POINTER(ctypes.c_void_p), ctypes.POINTER(ErrorStruct)]),
    "ct_rootfs_remove": (ctypes.c_int, [ctypes.c_char_p, ctypes.POINTER(ErrorStruct)]),
    "ct_rootfs_restore": (ctypes.c_int, [ctypes.c_void_p, ctypes.POINTER(ExtractOptionsStruct), ctypes.POINTER(ErrorStruct)]),
    "ct_rootfs_fd": (ctypes.c_int, [ctypes.c_void_p]),
    "ct_rootfs_stats": (ctypes.c_int, [ctypes.c_void_p, ctypes.POINTER(ExtractStatsStruct)]),
    "ct_rootfs_free": (None, [ctypes.c_void_p]),
    "ct_spec_new": (ctypes.c_int, [ctypes.POINTER(ctypes.c_void_p)]),
    "ct_spec_free": (None, [ctypes.c_void_p]),
    "ct_spec_check": (ctypes.c_int, [ctypes.c_void_p, ctypes.POINTER(ErrorStruct)]),
    "ct_spec_set_argv": (ctypes.c_int, [ctypes.c_void_p, ctypes.POINTER(ctypes.c_char_p)]),
    "ct_spec_set_program": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_char_p]),
    "ct_spec_set_env": (ctypes.c_int, [ctypes.c_void_p, ctypes.POINTER(ctypes.c_char_p)]),
    "ct_spec_set_cwd": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_char_p]),
    "ct_spec_set_umask": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_uint]),
    "ct_spec_set_rootfs": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_void_p]),
    "ct_spec_set_root_mode": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_int]),
    "ct_spec_set_ephemeral_size": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_uint64]),
    "ct_spec_set_user": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_uint, ctypes.c_uint]),
    "ct_spec_set_groups": (ctypes.c_int, [ctypes.c_void_p, ctypes.POINTER(ctypes.c_uint), ctypes.c_size_t]),
    "ct_spec_set_ns_new": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_uint32]),
    "ct_spec_set_ns_host": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_uint32]),
    "ct_spec_set_ns_fd": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int]),
    "ct_spec_set_ns_path": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_uint32, ctypes.c_char_p]),
    "ct_spec_set_ns_pid": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int]),
    "ct_spec_set_idmap": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_int, ctypes.c_uint32]),
    "ct_spec_add_uid_map": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_uint32, ctypes.c_uint32, ctypes.c_uint32]),
    "ct_spec_add_gid_map": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_uint32, ctypes.c_uint32, ctypes.c_uint32]),
    "ct_spec_set_time_offsets": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64]),
    "ct_spec_set_hostname": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_char_p]),
    "ct_spec_set_domainname": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_char_p]),
    "ct_spec_set_sysctl": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p]),
    "ct_spec_set_loopback": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_int]),
    "ct_spec_add_bind": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_uint32]),
    "ct_spec_add_bind_fd": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_uint32]),
    "ct_spec_add_tmpfs": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_uint64, ctypes.c_uint, ctypes.c_uint32]),
    "ct_spec_add_filesystem": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_uint32]),
    "ct_spec_add_overlay": (ctypes.c_int, [ctypes.c_void_p, ctypes.POINTER(ctypes.c_char_p), ctypes.c_char_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_uint32]),
    "ct_spec_add_file": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_uint]),
    "ct_spec_add_file_fd": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_uint]),
    "ct_spec_add_masked_path": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_char_p]),
    "ct_spec_add_readonly_path": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_char_p]),
    "ct_spec_clear_paths": (ctypes.c_int, [ctypes.c_void_p]),
    "ct_spec_set_rlimit": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_int, ctypes.c_uint64, ctypes.c_uint64]),
    "ct_spec_set_oom_score_adj": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_int]),
    "ct_spec_set_exact_rss": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_int]),
    "ct_spec_set_stdio": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_int, ctypes.c_int, ctypes.c_int]),
    "ct_spec_map_fd": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_int, ctypes.c_int]),
    "ct_spec_add_cap": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_char_p]),
    "ct_spec_drop_cap": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_char_p]),
    "ct_spec_add_ambient_cap": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_char_p]),
    "ct_spec_set_no_new_privs": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_int]),
    "ct_spec_set_core_dumps": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_int]),
    "ct_spec_set_trace": (ctypes.c_int, [ctypes.c_void_p, TraceFn, ctypes.c_void_p]),
    "ct_spawn": (ctypes.c_int, [ctypes.c_void_p, ctypes.POINTER(ctypes.c_void_p), ctypes.POINTER(ErrorStruct)]),
    "ct_create": (ctypes.c_int, [ctypes.c_void_p, ctypes.POINTER(ctypes.c_void_p), ctypes.POINTER(ErrorStruct)]),
    "ct_start": (ctypes.c_int, [ctypes.c_void_p, ctypes.POINTER(ErrorStruct)]),
    "ct_wait": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_int, ctypes.POINTER(ExitStruct), ctypes.POINTER(ErrorStruct)]),
    "ct_kill": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_int, ctypes.POINTER(ErrorStruct)]),
    "ct_stop": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_int, ctypes.c_int, ctypes.POINTER(ExitStruct), ctypes.POINTER(ErrorStruct)]),
    "ct_exit_to_text": (ctypes.c_int, [ctypes.POINTER(ExitStruct), ctypes.c_char_p, ctypes.c_size_t]),
    "ct_spec_set_prepare": (ctypes.c_int, [ctypes.c_void_p, PrepareFn, ctypes.c_void_p]),
    "ct_detach": (ctypes.c_int, [ctypes.c_void_p, ctypes.POINTER(ErrorStruct)]),
    "ct_container_pid": (ctypes.c_int, [ctypes.c_void_p]),
    "ct_container_pidfd": (ctypes.c_int, [ctypes.c_void_p]),
    "ct_container_uid_map": (ctypes.c_int, [ctypes.c_void_p, ctypes.POINTER(IdRangeStruct), ctypes.c_size_t]),
    "ct_container_gid_map": (ctypes.c_int, [ctypes.c_void_p, ctypes.POINTER(IdRangeStruct), ctypes.c_size_t]),
    "ct_container_take_stdio": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_int]),
    "ct_container_free": (None, [ctypes.c_void_p]),
    "ct_capture": (ctypes.c_int, [ctypes.c_void_p, ctypes.POINTER(OutputStruct), ctypes.c_int, ctypes.POINTER(ExitStruct), ctypes.POINTER(ErrorStruct)]),
    "ct_output_done": (None, [ctypes.POINTER(OutputStruct)]),
    "ct_spec_from_oci": (ctypes.c_int, [ctypes.c_char_p, ctypes.POINTER(ctypes.c_void_p), ctypes.POINTER(ErrorStruct)]),
    "ct_spec_from_oci_text": (ctypes.c_int, [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.POINTER(ctypes.c_void_p), ctypes.POINTER(ErrorStruct)]),
    "ct_spec_from_oci_file": (ctypes.c_int, [ctypes.c_char_p, ctypes.POINTER(ctypes.c_void_p), ctypes.POINTER(ErrorStruct)]),
    "ct_spec_from_oci_process": (ctypes.c_int, [ctypes.c_char_p, ctypes.c_size_t, ctypes.POINTER(ctypes.c_void_p), ctypes.POINTER(ErrorStruct)]),
    "ct_spec_to_oci": (ctypes.c_int, [ctypes.c_void_p, ctypes.POINTER(ctypes.c_char_p), ctypes.POINTER(ErrorStruct)]),
    "ct_oci_text_free": (None, [ctypes.c_char_p]),
    "ct_container_set_oci_resources": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t, ctypes.POINTER(ErrorStruct)]),
    "ct_spec_set_init": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_int]),
    "ct_container_open_file": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int, ctypes.c_uint, ctypes.POINTER(ErrorStruct)]),
    "ct_container_mount": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_uint32, ctypes.POINTER(ErrorStruct)]),
    "ct_container_unmount": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_char_p, ctypes.POINTER(ErrorStruct)]),
    "ct_container_processes": (ctypes.c_int, [ctypes.c_void_p, ctypes.POINTER(ctypes.c_int), ctypes.c_size_t, ctypes.POINTER(ErrorStruct)]),
    "ct_events_new": (ctypes.c_int, [ctypes.POINTER(ctypes.c_void_p), ctypes.POINTER(ErrorStruct)]),
    "ct_events_free": (None, [ctypes.c_void_p]),
    "ct_events_fd": (ctypes.c_int, [ctypes.c_void_p]),
    "ct_events_add": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.POINTER(ErrorStruct)]),
    "ct_events_remove": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_void_p]),
    "ct_events_next": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_int, ctypes.POINTER(EventStruct), ctypes.POINTER(ErrorStruct)]),
    "ct_spec_allow_lack": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_uint64]),
    "ct_container_protection": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_int, ctypes.POINTER(ProtectionStruct)]),
    "ct_item_name": (ctypes.c_char_p, [ctypes.c_int]),
    "ct_spec_set_limit": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_int, ctypes.c_uint64]),
    "ct_spec_set_limit_of": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_int, ctypes.c_uint64, ctypes.c_uint64]),
    "ct_spec_set_cpus": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_char_p]),
    "ct_spec_set_mems": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_char_p]),
    "ct_spec_set_cgroup_key": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p]),
    "ct_spec_set_cgroup": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_int]),
    "ct_spec_set_cgroup_parent": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_char_p]),
    "ct_spec_set_cgroup_systemd": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_char_p]),
    "ct_container_set_limit": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_int, ctypes.c_uint64, ctypes.POINTER(ErrorStruct)]),
    "ct_container_set_limit_of": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_int, ctypes.c_uint64, ctypes.c_uint64, ctypes.POINTER(ErrorStruct)]),
    "ct_container_figures": (ctypes.c_int, [ctypes.c_void_p, ctypes.POINTER(FiguresStruct), ctypes.POINTER(ErrorStruct)]),
    "ct_container_figures_many": (ctypes.c_int, [ctypes.POINTER(ctypes.c_void_p), ctypes.c_size_t, ctypes.POINTER(FiguresStruct), ctypes.POINTER(ErrorStruct)]),
    "ct_container_io": (ctypes.c_int, [ctypes.c_void_p, ctypes.POINTER(IoStruct), ctypes.c_size_t, ctypes.POINTER(ErrorStruct)]),
    "ct_container_freeze": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_int, ctypes.POINTER(ErrorStruct)]),
    "ct_container_thaw": (ctypes.c_int, [ctypes.c_void_p, ctypes.POINTER(ErrorStruct)]),
    "ct_container_cgroup": (ctypes.c_char_p, [ctypes.c_void_p]),
    "ct_container_save": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_int, ctypes.c_char_p, ctypes.POINTER(ErrorStruct)]),
    "ct_container_load": (ctypes.c_int, [ctypes.c_int, ctypes.c_char_p, ctypes.POINTER(ctypes.c_void_p), ctypes.POINTER(ErrorStruct)]),
    "ct_state_remove": (ctypes.c_int, [ctypes.c_int, ctypes.c_char_p, ctypes.POINTER(ErrorStruct)]),
    "ct_spec_set_devices": (ctypes.c_int, [ctypes.c_void_p, ctypes.POINTER(DeviceStruct), ctypes.c_size_t]),
    "ct_spec_set_terminal": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_uint, ctypes.c_uint]),
    "ct_container_take_terminal": (ctypes.c_int, [ctypes.c_void_p]),
    "ct_terminal_resize": (ctypes.c_int, [ctypes.c_int, ctypes.c_uint, ctypes.c_uint, ctypes.POINTER(ErrorStruct)]),
    "ct_terminal_raw": (ctypes.c_int, [ctypes.c_int, ctypes.c_void_p, ctypes.POINTER(ErrorStruct)]),
    "ct_terminal_restore": (ctypes.c_int, [ctypes.c_int, ctypes.c_void_p, ctypes.POINTER(ErrorStruct)]),
    "ct_spec_set_time_limit": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_int, ctypes.c_uint64]),
    "ct_container_set_time_limit": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_int, ctypes.c_uint64, ctypes.POINTER(ErrorStruct)]),
    "ct_spec_set_proc": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_uint32]),
    "ct_spec_set_seccomp": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_int, ctypes.c_uint32]),
    "ct_spec_add_seccomp_rule": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int, ctypes.c_int, ctypes.POINTER(SeccompArgStruct), ctypes.c_size_t]),
    "ct_spec_set_seccomp_bpf": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t]),
    "ct_spec_set_seccomp_json": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t]),
    "ct_spec_set_apparmor": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_char_p]),
    "ct_spec_set_selinux": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_char_p]),
    "ct_spec_set_landlock": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_uint32]),
    "ct_spec_add_landlock_path": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_uint64, ctypes.c_uint32]),
    "ct_spec_add_landlock_port": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_uint32, ctypes.c_uint32]),
    "ct_container_landlock_abi": (ctypes.c_int, [ctypes.c_void_p]),
    "ct_container_take_notify": (ctypes.c_int, [ctypes.c_void_p]),
    "ct_notify_receive": (ctypes.c_int, [ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.POINTER(NotificationStruct), ctypes.POINTER(ErrorStruct)]),
    "ct_notify_read": (ctypes.c_int, [ctypes.c_int, ctypes.POINTER(NotificationStruct), ctypes.c_uint64, ctypes.c_void_p, ctypes.c_size_t, ctypes.POINTER(ErrorStruct)]),
    "ct_notify_answer": (ctypes.c_int, [ctypes.c_int, ctypes.POINTER(NotificationStruct), ctypes.c_int, ctypes.c_int64, ctypes.POINTER(ErrorStruct)]),
    "ct_notify_continue": (ctypes.c_int, [ctypes.c_int, ctypes.POINTER(NotificationStruct), ctypes.POINTER(ErrorStruct)]),
    "ct_notify_add_fd": (ctypes.c_int, [ctypes.c_int, ctypes.POINTER(NotificationStruct), ctypes.c_int, ctypes.POINTER(ErrorStruct)]),
    "ct_join": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_uint32, ctypes.c_uint32, ctypes.c_void_p, ctypes.POINTER(ctypes.c_void_p), ctypes.POINTER(ErrorStruct)]),
    "ct_join_pidfd": (ctypes.c_int, [ctypes.c_int, ctypes.c_uint32, ctypes.c_uint32, ctypes.c_void_p, ctypes.POINTER(ctypes.c_void_p), ctypes.POINTER(ErrorStruct)]),
    "ct_join_pid": (ctypes.c_int, [ctypes.c_int, ctypes.c_uint64, ctypes.c_uint32, ctypes.c_uint32, ctypes.c_void_p, ctypes.POINTER(ctypes.c_void_p), ctypes.POINTER(ErrorStruct)]),
    "ct_join_ns": (ctypes.c_int, [ctypes.POINTER(ctypes.c_int), ctypes.c_size_t, ctypes.c_void_p, ctypes.POINTER(ctypes.c_void_p), ctypes.POINTER(ErrorStruct)]),
    "ct_pid_start_ticks": (ctypes.c_int, [ctypes.c_int, ctypes.POINTER(ctypes.c_uint64)]),
    "ct_ns_list_system": (ctypes.c_int, [ctypes.c_uint32, ctypes.c_uint32, ctypes.POINTER(ctypes.c_void_p), ctypes.POINTER(ErrorStruct)]),
    "ct_ns_list_pid": (ctypes.c_int, [ctypes.c_int, ctypes.c_uint32, ctypes.c_uint32, ctypes.POINTER(ctypes.c_void_p), ctypes.POINTER(ErrorStruct)]),
    "ct_ns_list_container": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_uint32, ctypes.c_uint32, ctypes.POINTER(ctypes.c_void_p), ctypes.POINTER(ErrorStruct)]),
    "ct_ns_list_count": (ctypes.c_size_t, [ctypes.c_void_p]),
    "ct_ns_list_get": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_size_t, ctypes.POINTER(NsInfoStruct)]),
    "ct_ns_list_find": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_uint64, ctypes.POINTER(ctypes.c_size_t)]),
    "ct_ns_list_mount_path": (ctypes.c_char_p, [ctypes.c_void_p, ctypes.c_size_t]),
    "ct_ns_list_stats": (ctypes.c_int, [ctypes.c_void_p, ctypes.POINTER(NsStatsStruct)]),
    "ct_ns_list_to_text": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_int, ctypes.POINTER(ctypes.c_char_p)]),
    "ct_ns_text_free": (None, [ctypes.c_char_p]),
    "ct_ns_kind_name": (ctypes.c_char_p, [ctypes.c_uint32]),
    "ct_ns_list_free": (None, [ctypes.c_void_p]),
    "ct_pool_new": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_size_t, ctypes.POINTER(ctypes.c_void_p), ctypes.POINTER(ErrorStruct)]),
    "ct_pool_refill": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_size_t, ctypes.POINTER(ErrorStruct)]),
    "ct_pool_ready": (ctypes.c_int, [ctypes.c_void_p]),
    "ct_pool_fd": (ctypes.c_int, [ctypes.c_void_p]),
    "ct_pool_take": (ctypes.c_int, [ctypes.c_void_p, ctypes.POINTER(PayloadStruct), ctypes.POINTER(ctypes.c_void_p), ctypes.POINTER(ErrorStruct)]),
    "ct_pool_free": (None, [ctypes.c_void_p]),
    "ct_probe_new": (ctypes.c_int, [ctypes.POINTER(ctypes.c_void_p), ctypes.POINTER(ErrorStruct)]),
    "ct_probe_path": (ctypes.c_int, [ctypes.c_char_p, ctypes.POINTER(ctypes.c_void_p), ctypes.POINTER(ErrorStruct)]),
    "ct_probe_count": (ctypes.c_size_t, [ctypes.c_void_p]),
    "ct_probe_get": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_size_t, ctypes.POINTER(ProbeInfoStruct)]),
    "ct_probe_find": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_int, ctypes.POINTER(ProbeInfoStruct)]),
    "ct_probe_to_text": (ctypes.c_int, [ctypes.c_void_p, ctypes.POINTER(ctypes.c_char_p)]),
    "ct_probe_to_json": (ctypes.c_int, [ctypes.c_void_p, ctypes.POINTER(ctypes.c_char_p)]),
    "ct_probe_text_free": (None, [ctypes.c_char_p]),
    "ct_probe_free": (None, [ctypes.c_void_p]),
    "ct_version": (ctypes.c_char_p, []),
}
