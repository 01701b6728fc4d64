// Written by bindings/rust/declare.py from include/container; do not edit.

use std::marker::{PhantomData, PhantomPinned};
use std::os::raw::{c_char, c_int, c_uint, c_void};
use std::{mem, ptr};

opaque!(ct_rootfs);
opaque!(ct_spec);
opaque!(ct_container);
opaque!(ct_events);
opaque!(ct_ns_list);
opaque!(ct_pool);
opaque!(ct_probe);
opaque!(termios);

/// `ct_step`
pub type ct_step = c_int;
/// nothing failed
pub const CT_STEP_NONE: ct_step = 0;
/// an argument or a setting that cannot work
pub const CT_STEP_ARGUMENT: ct_step = 1;
/// the host's own memory
pub const CT_STEP_MEMORY: ct_step = 2;
/// opening or decoding the archive
pub const CT_STEP_ARCHIVE: ct_step = 3;
/// an entry of the archive that is refused
pub const CT_STEP_ENTRY: ct_step = 4;
/// writing an entry below the root
pub const CT_STEP_WRITE: ct_step = 5;
/// a quota of the extraction was reached
pub const CT_STEP_QUOTA: ct_step = 6;
/// the caller's callback asked to stop
pub const CT_STEP_CANCEL: ct_step = 7;
/// the directory that receives the tree
pub const CT_STEP_DESTINATION: ct_step = 8;
/// renaming the finished tree into place
pub const CT_STEP_COMMIT: ct_step = 9;
/// removing a tree
pub const CT_STEP_REMOVE: ct_step = 10;
/// opening a root filesystem
pub const CT_STEP_ROOTFS: ct_step = 11;
/// turning the spec into a plan
pub const CT_STEP_PLAN: ct_step = 12;
/// pipes and descriptors for the payload
pub const CT_STEP_STDIO: ct_step = 13;
/// making the process and its namespaces
pub const CT_STEP_CLONE: ct_step = 14;
/// executing the stage, or its sudden death
pub const CT_STEP_STAGE: ct_step = 15;
/// user and group id maps
pub const CT_STEP_IDMAP: ct_step = 16;
/// joining a given namespace
pub const CT_STEP_NAMESPACE: ct_step = 17;
/// new session and keyring
pub const CT_STEP_SESSION: ct_step = 18;
/// host name and domain name
pub const CT_STEP_HOSTNAME: ct_step = 19;
/// bringing the loopback interface up
pub const CT_STEP_LOOPBACK: ct_step = 20;
/// a kernel parameter of the container
pub const CT_STEP_SYSCTL: ct_step = 21;
/// making the mounts private
pub const CT_STEP_PROPAGATION: ct_step = 22;
/// attaching the root filesystem
pub const CT_STEP_ROOT: ct_step = 23;
/// a mount of the spec, or a standard one
pub const CT_STEP_MOUNT: ct_step = 24;
/// a node or link below /dev
pub const CT_STEP_DEVICE: ct_step = 25;
/// a file given from memory or a descriptor
pub const CT_STEP_FILE: ct_step = 26;
/// hiding a path
pub const CT_STEP_MASK: ct_step = 27;
/// making a path read-only
pub const CT_STEP_READONLY: ct_step = 28;
/// pivot_root and leaving the old root
pub const CT_STEP_PIVOT: ct_step = 29;
/// a resource limit
pub const CT_STEP_RLIMIT: ct_step = 30;
/// oom_score_adj
pub const CT_STEP_OOM_SCORE: ct_step = 31;
/// capability sets and no_new_privs
pub const CT_STEP_CAPABILITY: ct_step = 32;
/// user, group, supplementary groups
pub const CT_STEP_IDENTITY: ct_step = 33;
/// working directory
pub const CT_STEP_CWD: ct_step = 34;
/// mapping descriptors into the payload
pub const CT_STEP_DESCRIPTOR: ct_step = 35;
/// finding the program
pub const CT_STEP_PROGRAM: ct_step = 36;
/// executing the program
pub const CT_STEP_EXEC: ct_step = 37;
/// letting a created container go
pub const CT_STEP_START: ct_step = 38;
/// waiting for the end
pub const CT_STEP_WAIT: ct_step = 39;
/// sending a signal
pub const CT_STEP_KILL: ct_step = 40;
/// letting a container outlive its handle
pub const CT_STEP_DETACH: ct_step = 41;
/// the process that ends containers with their host
pub const CT_STEP_KEEPER: ct_step = 42;
/// listing namespaces
pub const CT_STEP_LIST: ct_step = 43;
/// looking at the process to be joined, or entering its namespaces
pub const CT_STEP_TARGET: ct_step = 44;
/// entering the cgroup of a process that is joined
pub const CT_STEP_CGROUP: ct_step = 45;
/// the container's own cgroup, and its limits
pub const CT_STEP_LIMIT: ct_step = 46;
/// looking at what works on the machine
pub const CT_STEP_PROBE: ct_step = 47;
/// giving files to subordinate ids, or away from them
pub const CT_STEP_OWNERS: ct_step = 48;
/// making or attaching the filter of system calls
pub const CT_STEP_SECCOMP: ct_step = 49;
/// reaching into a running container
pub const CT_STEP_INSIDE: ct_step = 50;
/// a terminal: the payload's, or the host's
pub const CT_STEP_TERMINAL: ct_step = 51;
/// what is saved of a container
pub const CT_STEP_STATE: ct_step = 52;
/// making landlock rules, or putting them in force
pub const CT_STEP_LANDLOCK: ct_step = 53;
/// the label of a security module
pub const CT_STEP_LABEL: ct_step = 54;
/// `ct_owners`
pub type ct_owners = c_int;
/// everything is the caller's: CT_EXTRACT_NO_OWNER
pub const CT_OWNERS_CALLER: ct_owners = 0;
/// as root: the numbers themselves
pub const CT_OWNERS_REAL: ct_owners = 1;
/// 0 is the caller, from 1 on his subordinate ids, as in CT_IDMAP_SUBIDS
pub const CT_OWNERS_MAPPED: ct_owners = 2;
/// everything is the caller's, with records of what it should be
pub const CT_OWNERS_RECORDED: ct_owners = 3;
/// `ct_root_mode`
pub type ct_root_mode = c_int;
/// changes land in the rootfs itself
pub const CT_ROOT_WRITABLE: ct_root_mode = 0;
/// no change is possible
pub const CT_ROOT_READONLY: ct_root_mode = 1;
/// changes land in memory and go with the container; the rootfs is shared
pub const CT_ROOT_EPHEMERAL: ct_root_mode = 2;
/// `ct_idmap`
pub type ct_idmap = c_int;
/// 0 inside is the caller, and there is no other id
pub const CT_IDMAP_OWN: ct_idmap = 0;
/// 0 inside is the caller, from 1 on follow his subordinate ids
pub const CT_IDMAP_SUBIDS: ct_idmap = 1;
/// 0 and all others inside are ids that are nobody's outside
pub const CT_IDMAP_PRIVATE: ct_idmap = 2;
/// `ct_stdio`
pub type ct_stdio = c_int;
/// the host's own; null if the host has none
pub const CT_STDIO_INHERIT: ct_stdio = 0;
/// /dev/null
pub const CT_STDIO_NULL: ct_stdio = 1;
/// a descriptor of the caller
pub const CT_STDIO_FD: ct_stdio = 2;
/// a new pipe, its other end handed out by ct_container_take_stdio()
pub const CT_STDIO_PIPE: ct_stdio = 3;
/// `ct_oom`
pub type ct_oom = c_int;
/// it was not, or it had no cgroup of its own to tell
pub const CT_OOM_NONE: ct_oom = 0;
/// its own: CT_LIMIT_MEMORY_MAX was reached
pub const CT_OOM_LIMIT: ct_oom = 1;
/// that of the machine, or of a cgroup above
pub const CT_OOM_HOST: ct_oom = 2;
/// `ct_end`
pub type ct_end = c_int;
/// it exited: code
pub const CT_END_EXIT: ct_end = 0;
/// signal ended it, sent by itself, by the kernel or by somebody
pub const CT_END_SIGNAL: ct_end = 1;
/// the same, and this handle has sent that signal: ct_kill(), ct_stop()
pub const CT_END_ASKED: ct_end = 2;
/// its CT_TIME_WALL was over
pub const CT_END_WALL: ct_end = 3;
/// its CT_TIME_CPU was used up
pub const CT_END_CPU: ct_end = 4;
/// memory ran out; oom tells whose
pub const CT_END_OOM: ct_end = 5;
/// its filter killed it for a system call (SIGSYS)
pub const CT_END_SECCOMP: ct_end = 6;
/// no descriptor or memory was left to watch its time
pub const CT_END_UNWATCHED: ct_end = 7;
/// it is not known; see lost
pub const CT_END_LOST: ct_end = 8;
/// `ct_event_kind`
pub type ct_event_kind = c_int;
/// the payload was started: ct_spawn(), ct_start()
pub const CT_EVENT_STARTED: ct_event_kind = 1;
/// its first process has ended; ct_wait() tells how, without waiting
pub const CT_EVENT_EXITED: ct_event_kind = 2;
/// a process in there was killed because memory ran out
pub const CT_EVENT_OOM_KILL: ct_event_kind = 3;
/// CT_LIMIT_MEMORY_MAX was reached; v2
pub const CT_EVENT_MEMORY_MAX: ct_event_kind = 4;
/// CT_LIMIT_MEMORY_HIGH was passed; v2
pub const CT_EVENT_MEMORY_HIGH: ct_event_kind = 5;
/// a fork was refused by CT_LIMIT_PIDS_MAX; v1: told when it has ended
pub const CT_EVENT_PIDS_MAX: ct_event_kind = 6;
/// all its processes stand still; where v2 is mounted
pub const CT_EVENT_FROZEN: ct_event_kind = 7;
/// they go on; where v2 is mounted
pub const CT_EVENT_THAWED: ct_event_kind = 8;
/// it is killed because a limit of its time is over
pub const CT_EVENT_TIME_LIMIT: ct_event_kind = 9;
/// `ct_item`
pub type ct_item = c_int;
/// a user namespace of its own; never lacking where it is asked for
pub const CT_ITEM_NS_USER: ct_item = 1;
/// a mount namespace of its own; never lacking
pub const CT_ITEM_NS_MNT: ct_item = 2;
/// lacking: it sees the caller's processes, and outlives its first one
pub const CT_ITEM_NS_PID: ct_item = 3;
/// lacking: the caller's network, with all that listens on loopback
pub const CT_ITEM_NS_NET: ct_item = 4;
/// lacking: the caller's System V objects and message queues
pub const CT_ITEM_NS_IPC: ct_item = 5;
/// lacking: the caller's host name, which is left as it is
pub const CT_ITEM_NS_UTS: ct_item = 6;
/// lacking: the caller's view of cgroups
pub const CT_ITEM_NS_CGROUP: ct_item = 7;
/// lacking: the caller's clocks
pub const CT_ITEM_NS_TIME: ct_item = 8;
/// ids inside that are others outside; never lacking
pub const CT_ITEM_IDMAP: ct_item = 9;
/// lacking: owners as they are on disk; without being asked where the caller has no right to map them: see ct_spec_set_rootfs()
pub const CT_ITEM_IDMAPPED_ROOT: ct_item = 10;
/// a root that was pivoted to, the old one gone; never lacking
pub const CT_ITEM_ROOT: ct_item = 11;
/// lacking: the rootfs is read-only, with memory on /tmp, /var/tmp, /run
pub const CT_ITEM_EPHEMERAL: ct_item = 12;
/// a /proc of its own; lacking: the caller's, read-only
pub const CT_ITEM_PROC: ct_item = 13;
/// a /sys of its own; lacking: the caller's, read-only
pub const CT_ITEM_SYS: ct_item = 14;
/// lacking: there is no /dev/mqueue
pub const CT_ITEM_MQUEUE: ct_item = 15;
/// masked paths; lacking: one or more of them can be read
pub const CT_ITEM_MASKED: ct_item = 16;
/// read-only paths; lacking: one or more of them can be written
pub const CT_ITEM_READONLY: ct_item = 17;
/// the capability sets; lacking: more, or fewer, than was asked for
pub const CT_ITEM_CAPS: ct_item = 18;
/// lacking: setuid programs give rights; and the kernel takes no filter then
pub const CT_ITEM_NO_NEW_PRIVS: ct_item = 19;
/// none of the caller's groups. Lacking, without being asked, where the kernel lets nobody drop a group: see ct_spec_set_groups()
pub const CT_ITEM_GROUPS: ct_item = 20;
/// lacking: the caller's session keyring
pub const CT_ITEM_KEYRING: ct_item = 21;
/// lacking: as high as the caller's hard limit allows
pub const CT_ITEM_RLIMITS: ct_item = 22;
/// lacking: the caller's
pub const CT_ITEM_OOM_SCORE: ct_item = 23;
/// lacking: the kernel's default for one or more
pub const CT_ITEM_SYSCTLS: ct_item = 24;
/// host and domain name; lacking: the caller's
pub const CT_ITEM_HOSTNAME: ct_item = 25;
/// lacking: the loopback interface is down
pub const CT_ITEM_LOOPBACK: ct_item = 26;
/// lacking: no filter of system calls but the caller's
pub const CT_ITEM_SECCOMP: ct_item = 27;
/// landlock rules; lacking: those that the kernel does not know, or all
pub const CT_ITEM_LANDLOCK: ct_item = 28;
/// a cgroup of its own; lacking: that of the caller, and no limit of it
pub const CT_ITEM_CGROUP: ct_item = 29;
/// the label of a security module; lacking: the caller's, or what the policy says
pub const CT_ITEM_LABEL: ct_item = 30;
/// `ct_item_state`
pub type ct_item_state = c_int;
/// the spec does not ask for it, or gives the caller's own
pub const CT_ITEM_NOT_ASKED: ct_item_state = 0;
pub const CT_ITEM_ENFORCED: ct_item_state = 1;
/// asked for and not enforced, or not all of it
pub const CT_ITEM_LACKING: ct_item_state = 2;
/// `ct_limit`
pub type ct_limit = c_int;
/// bytes of memory, page cache included; over it the kernel kills in there
pub const CT_LIMIT_MEMORY_MAX: ct_limit = 1;
/// bytes from which on the container is slowed down to free memory; v2
pub const CT_LIMIT_MEMORY_HIGH: ct_limit = 2;
/// bytes that others' need takes last; v2
pub const CT_LIMIT_MEMORY_LOW: ct_limit = 3;
/// bytes that others' need never takes; v2
pub const CT_LIMIT_MEMORY_MIN: ct_limit = 4;
/// bytes of swap; v1: needs CT_LIMIT_MEMORY_MAX beside it
pub const CT_LIMIT_SWAP_MAX: ct_limit = 5;
/// 1: when memory runs out all its processes are killed together; v2
pub const CT_LIMIT_OOM_GROUP: ct_limit = 6;
/// thousandths of one processor, at least 10: 500 is half of one
pub const CT_LIMIT_CPU_MAX: ct_limit = 7;
/// share beside others when processors are short: 1 to 10,000; default 100
pub const CT_LIMIT_CPU_WEIGHT: ct_limit = 8;
/// processes and threads
pub const CT_LIMIT_PIDS_MAX: ct_limit = 9;
/// share of disks beside others: 1 to 10,000; default 100; v1: over 1,000 as 1,000
pub const CT_LIMIT_IO_WEIGHT: ct_limit = 10;
/// bytes a second
pub const CT_LIMIT_IO_READ_BYTES: ct_limit = 11;
/// the same of what is written through; v1: not of what is written back later
pub const CT_LIMIT_IO_WRITE_BYTES: ct_limit = 12;
/// operations a second
pub const CT_LIMIT_IO_READS: ct_limit = 13;
pub const CT_LIMIT_IO_WRITES: ct_limit = 14;
/// bytes in huge pages; who touches more gets SIGBUS
pub const CT_LIMIT_HUGETLB_MAX: ct_limit = 15;
/// `ct_time`
pub type ct_time = c_int;
/// from the start of the payload on, whatever happens meanwhile: while it is frozen, too; not while the machine is suspended
pub const CT_TIME_WALL: ct_time = 1;
/// the cpu time of all its processes together, from the start of the payload on. The container gets a cgroup of its own
pub const CT_TIME_CPU: ct_time = 2;
/// `ct_seccomp`
pub type ct_seccomp = c_int;
/// the default filter
pub const CT_SECCOMP_DEFAULT: ct_seccomp = 0;
/// no filter at all: a loosening
pub const CT_SECCOMP_OFF: ct_seccomp = 1;
/// everything is allowed: a loosening
pub const CT_SECCOMP_OPEN: ct_seccomp = 2;
/// nothing is allowed: EPERM, or ENOSYS for an unknown call
pub const CT_SECCOMP_CLOSED: ct_seccomp = 3;
/// `ct_seccomp_action`
pub type ct_seccomp_action = c_int;
/// it is made
pub const CT_SECCOMP_ALLOW: ct_seccomp_action = 0;
/// it is not made, and fails with the errno of the rule
pub const CT_SECCOMP_ERRNO: ct_seccomp_action = 1;
/// the process is killed by SIGSYS
pub const CT_SECCOMP_KILL: ct_seccomp_action = 2;
/// it is not made, and its thread gets SIGSYS, which can be handled
pub const CT_SECCOMP_TRAP: ct_seccomp_action = 3;
/// it is made, and the kernel logs it
pub const CT_SECCOMP_WARN: ct_seccomp_action = 4;
/// it waits until the host has answered: container/notify.h
pub const CT_SECCOMP_NOTIFY: ct_seccomp_action = 5;
/// `ct_seccomp_compare`
pub type ct_seccomp_compare = c_int;
/// equal
pub const CT_SECCOMP_EQ: ct_seccomp_compare = 0;
/// not equal
pub const CT_SECCOMP_NE: ct_seccomp_compare = 1;
/// less
pub const CT_SECCOMP_LT: ct_seccomp_compare = 2;
/// less or equal
pub const CT_SECCOMP_LE: ct_seccomp_compare = 3;
/// greater
pub const CT_SECCOMP_GT: ct_seccomp_compare = 4;
/// greater or equal
pub const CT_SECCOMP_GE: ct_seccomp_compare = 5;
/// `ct_ns_keeper`
pub type ct_ns_keeper = c_int;
/// nothing that was looked at (see CT_NS_LIST_KEEPERS)
pub const CT_NS_KEEPER_UNKNOWN: ct_ns_keeper = 0;
/// a member: keeper_pid is the lowest
pub const CT_NS_KEEPER_PROCESS: ct_ns_keeper = 1;
/// the next children of keeper_pid will be in it
pub const CT_NS_KEEPER_FOR_CHILDREN: ct_ns_keeper = 2;
/// keeper_pid has keeper_fd open on it
pub const CT_NS_KEEPER_DESCRIPTOR: ct_ns_keeper = 3;
/// a bind mount: ct_ns_list_mount_path()
pub const CT_NS_KEEPER_MOUNT: ct_ns_keeper = 4;
/// another namespace is its child, or is owned by it
pub const CT_NS_KEEPER_NAMESPACE: ct_ns_keeper = 5;
/// `ct_ns_format`
pub type ct_ns_format = c_int;
/// a line for each, for people: NS TYPE NPROCS PID UID COMMAND KEPT BY
pub const CT_NS_FORMAT_TABLE: ct_ns_format = 0;
/// the same, each below its parent (pid, user) or its owner (the others)
pub const CT_NS_FORMAT_TREE: ct_ns_format = 1;
/// as ls -l shows /proc/PID/ns: "pid_for_children -\> pid:\[4026531836\]"
pub const CT_NS_FORMAT_LINKS: ct_ns_format = 2;
/// for programs: one object, valid JSON in UTF-8 whatever the names
pub const CT_NS_FORMAT_JSON: ct_ns_format = 3;
/// `ct_fact`
pub type ct_fact = c_int;
/// value: its release, "6.1.0-18-amd64"
pub const CT_FACT_KERNEL: ct_fact = 1;
/// value: "x86_64"
pub const CT_FACT_ARCHITECTURE: ct_fact = 2;
/// value: those in force, "capability,landlock,apparmor"
pub const CT_FACT_SECURITY_MODULES: ct_fact = 3;
/// has it in its user namespace
pub const CT_FACT_CAP_SYS_ADMIN: ct_fact = 100;
/// is not in a chroot, where no user namespace can be made
pub const CT_FACT_OUTSIDE_CHROOT: ct_fact = 101;
/// its user and group are mapped in its user namespace
pub const CT_FACT_MAPPED_IDS: ct_fact = 102;
/// these give it rights: no_new_privs is not set
pub const CT_FACT_SETUID_PROGRAMS: ct_fact = 103;
/// no seccomp filter of an outer container applies to it
pub const CT_FACT_NO_OUTER_FILTER: ct_fact = 104;
/// can be made
pub const CT_FACT_USER_NS: ct_fact = 200;
/// ids can be mapped, and root in there has rights
pub const CT_FACT_USER_NS_RIGHTS: ct_fact = 201;
/// one more can be made in there
pub const CT_FACT_USER_NS_NESTED: ct_fact = 202;
/// kernel.unprivileged_userns_clone does not forbid it
pub const CT_FACT_USERNS_CLONE: ct_fact = 203;
/// kernel.apparmor_restrict_unprivileged_userns does not
pub const CT_FACT_APPARMOR_USERNS: ct_fact = 204;
/// setgroups(2) is not barred in the caller's
pub const CT_FACT_SETGROUPS: ct_fact = 205;
pub const CT_FACT_MAX_USER_NS: ct_fact = 300;
pub const CT_FACT_MAX_MNT_NS: ct_fact = 301;
pub const CT_FACT_MAX_UTS_NS: ct_fact = 302;
pub const CT_FACT_MAX_IPC_NS: ct_fact = 303;
pub const CT_FACT_MAX_NET_NS: ct_fact = 304;
pub const CT_FACT_MAX_CGROUP_NS: ct_fact = 305;
pub const CT_FACT_MAX_TIME_NS: ct_fact = 306;
pub const CT_FACT_MAX_PID_NS: ct_fact = 307;
pub const CT_FACT_MNT_NS: ct_fact = 400;
pub const CT_FACT_UTS_NS: ct_fact = 401;
pub const CT_FACT_IPC_NS: ct_fact = 402;
pub const CT_FACT_NET_NS: ct_fact = 403;
pub const CT_FACT_CGROUP_NS: ct_fact = 404;
pub const CT_FACT_TIME_NS: ct_fact = 405;
pub const CT_FACT_PID_NS: ct_fact = 406;
pub const CT_FACT_USER_MNT_NS: ct_fact = 500;
pub const CT_FACT_USER_UTS_NS: ct_fact = 501;
pub const CT_FACT_USER_IPC_NS: ct_fact = 502;
pub const CT_FACT_USER_NET_NS: ct_fact = 503;
pub const CT_FACT_USER_CGROUP_NS: ct_fact = 504;
pub const CT_FACT_USER_TIME_NS: ct_fact = 505;
pub const CT_FACT_USER_PID_NS: ct_fact = 506;
/// value: the caller's ranges of /etc/subuid; number: how many ids
pub const CT_FACT_SUBUIDS: ct_fact = 600;
/// likewise of /etc/subgid
pub const CT_FACT_SUBGIDS: ct_fact = 601;
/// is there and can give rights; value: its path
pub const CT_FACT_NEWUIDMAP: ct_fact = 602;
pub const CT_FACT_NEWGIDMAP: ct_fact = 603;
/// value: "v1", "v2", "hybrid"
pub const CT_FACT_CGROUP_VERSION: ct_fact = 700;
/// value: those of the caller's cgroup
pub const CT_FACT_CGROUP_CONTROLLERS: ct_fact = 701;
/// the caller may make cgroups below its own; value: where
pub const CT_FACT_CGROUP_DELEGATION: ct_fact = 702;
/// cgroup.kill (Linux 5.14)
pub const CT_FACT_CGROUP_KILL: ct_fact = 703;
/// clone3 takes CLONE_INTO_CGROUP (Linux 5.7)
pub const CT_FACT_CLONE_INTO_CGROUP: ct_fact = 704;
/// open_tree(2) (Linux 5.2)
pub const CT_FACT_OPEN_TREE: ct_fact = 800;
/// mount_setattr(2) (Linux 5.12)
pub const CT_FACT_MOUNT_SETATTR: ct_fact = 801;
/// overlayfs, with the rights that the caller has
pub const CT_FACT_OVERLAY: ct_fact = 802;
/// overlayfs in a new user namespace (Linux 5.11)
pub const CT_FACT_USER_OVERLAY: ct_fact = 803;
/// a new procfs in new user and pid namespaces
pub const CT_FACT_USER_PROC: ct_fact = 804;
/// a new sysfs in new user and net namespaces
pub const CT_FACT_USER_SYSFS: ct_fact = 805;
/// id-mapped mounts of the filesystem of "/"
pub const CT_FACT_IDMAPPED_ROOT: ct_fact = 806;
/// id-mapped mounts of the filesystem of "/tmp"
pub const CT_FACT_IDMAPPED_TMP: ct_fact = 807;
/// clone3(2)
pub const CT_FACT_CLONE3: ct_fact = 900;
/// the caller may choose the pid of a child (CRIU does)
pub const CT_FACT_CLONE_SET_TID: ct_fact = 901;
/// pidfd_open(2)
pub const CT_FACT_PIDFD_OPEN: ct_fact = 902;
/// pidfd_getfd(2) (Linux 5.6)
pub const CT_FACT_PIDFD_GETFD: ct_fact = 903;
/// setns(2) by a pidfd (Linux 5.8)
pub const CT_FACT_PIDFD_SETNS: ct_fact = 904;
/// close_range(2) (Linux 5.9)
pub const CT_FACT_CLOSE_RANGE: ct_fact = 905;
/// openat2(2) (Linux 5.6)
pub const CT_FACT_OPENAT2: ct_fact = 906;
/// listns(2) (Linux 6.19)
pub const CT_FACT_LISTNS: ct_fact = 907;
/// executing from memory: vm.memfd_noexec does not forbid it
pub const CT_FACT_MEMFD_EXEC: ct_fact = 908;
/// a filter can let calls fail
pub const CT_FACT_SECCOMP_FILTER: ct_fact = 1000;
/// a filter can ask another process (Linux 5.0)
pub const CT_FACT_SECCOMP_NOTIFY: ct_fact = 1001;
/// a filter can log calls
pub const CT_FACT_SECCOMP_LOG: ct_fact = 1002;
/// number: its ABI
pub const CT_FACT_LANDLOCK: ct_fact = 1003;
/// value: its type, "ext4"
pub const CT_FACT_PATH_FILESYSTEM: ct_fact = 1100;
/// the caller may write to the directory
pub const CT_FACT_PATH_WRITE: ct_fact = 1101;
/// programs on it can be executed: no noexec
pub const CT_FACT_PATH_EXEC: ct_fact = 1102;
/// id-mapped mounts of its filesystem
pub const CT_FACT_PATH_IDMAP: ct_fact = 1103;
/// files keep user.\* attributes
pub const CT_FACT_PATH_USER_XATTR: ct_fact = 1104;
/// can take the changes of an overlay
pub const CT_FACT_PATH_UPPER: ct_fact = 1105;
/// `ct_probe_state`
pub type ct_probe_state = c_int;
/// it could not be found out; the reason says why
pub const CT_PROBE_UNKNOWN: ct_probe_state = 0;
pub const CT_PROBE_WORKS: ct_probe_state = 1;
/// it does not work; reason and, where something helps, cure
pub const CT_PROBE_LACKS: ct_probe_state = 2;
/// `ct_trace_who`
pub type ct_trace_who = c_int;
/// the program that called the library
pub const CT_TRACE_HOST: ct_trace_who = 0;
/// the container's process, before it became the payload
pub const CT_TRACE_CHILD: ct_trace_who = 1;

/// make block and character devices; default: left out
pub const CT_EXTRACT_KEEP_DEVICES: u32 = 0x1;
/// keep setuid and setgid bits; default: cleared
pub const CT_EXTRACT_KEEP_SETUID: u32 = 0x2;
/// keep security.capability (with a uid shift: for that root); default: left out
pub const CT_EXTRACT_KEEP_FILE_CAPS: u32 = 0x4;
/// keep every other xattr but trusted.overlay.\* and user.overlay.\*; default: user.\* alone
pub const CT_EXTRACT_KEEP_XATTRS: u32 = 0x8;
/// leave out all xattrs and ACLs, whatever else is asked for; default: user.\* and ACLs are kept
pub const CT_EXTRACT_NO_XATTRS: u32 = 0x10;
/// everything belongs to the caller, and nothing tells whose it was; default: the archive's numbers, real or recorded
pub const CT_EXTRACT_NO_OWNER: u32 = 0x20;
/// the top folder becomes the root if it looks like one (rule: ct_rootfs_extract())
pub const CT_EXTRACT_STRIP_AUTO: u32 = 0x40;
/// also cpio and zip; default: tar alone
pub const CT_EXTRACT_ANY_FORMAT: u32 = 0x80;
/// an existing destination is replaced once the new tree is whole; default: refused with EEXIST
pub const CT_EXTRACT_REPLACE: u32 = 0x100;
/// flush to disk before the tree appears; default: left to the kernel
pub const CT_EXTRACT_SYNC: u32 = 0x200;
/// what cannot be made as asked fails the call; default: it is recorded
pub const CT_EXTRACT_NO_RECORDS: u32 = 0x400;
pub const CT_EXTRACT_TRUSTED: u32 = 0xf;
pub const CT_UNLIMITED: u64 = 0xffffffffffffffff;
/// honour setuid, setgid and file capabilities; default: ignored
pub const CT_IMAGE_SUID: u32 = 0x1;
pub const CT_NS_TIME: u32 = 0x80;
pub const CT_NS_MNT: u32 = 0x20000;
pub const CT_NS_CGROUP: u32 = 0x2000000;
pub const CT_NS_UTS: u32 = 0x4000000;
pub const CT_NS_IPC: u32 = 0x8000000;
pub const CT_NS_USER: u32 = 0x10000000;
pub const CT_NS_PID: u32 = 0x20000000;
pub const CT_NS_NET: u32 = 0x40000000;
pub const CT_NS_ALL: u32 = 0x7e020080;
/// read-only, submounts included
pub const CT_MOUNT_READONLY: u32 = 0x1;
/// no program can be executed from it
pub const CT_MOUNT_NOEXEC: u32 = 0x2;
/// honour setuid, setgid and file capabilities
pub const CT_MOUNT_SUID: u32 = 0x4;
/// honour device nodes
pub const CT_MOUNT_DEV: u32 = 0x8;
/// bind: leave out what is mounted below the source; default: included
pub const CT_MOUNT_NO_SUBMOUNTS: u32 = 0x10;
/// bind: skip the mount if the source is not there; default: an error
pub const CT_MOUNT_OPTIONAL: u32 = 0x20;
/// bind, layers: owners are those inside: see ct_spec_set_rootfs()
pub const CT_MOUNT_IDMAP: u32 = 0x40;
pub const CT_FOREVER: c_int = -0x1;
pub const CT_OUTPUT_KILL: u32 = 0x1;
pub const CT_LACK_ALL: u64 = 0x7feff5f8;
pub const CT_NOT_KNOWN: u64 = 0xffffffffffffffff;
/// a node of it is made
pub const CT_DEVICE_MKNOD: u32 = 0x1;
pub const CT_DEVICE_READ: u32 = 0x2;
pub const CT_DEVICE_WRITE: u32 = 0x4;
pub const CT_DEVICE_ANY: c_int = -0x1;
/// all but the processes: no /proc/sys, /proc/meminfo, ...
pub const CT_PROC_SUBSET: u32 = 0x1;
/// processes that who looks may not trace, as those of other users
pub const CT_PROC_HIDE: u32 = 0x2;
/// default filter: let the payload make namespaces, user namespaces among them, and mount in these: a loosening. Default: refused
pub const CT_SECCOMP_NESTED: u32 = 0x1;
/// the kernel logs each call that is not simply allowed, as far as kernel.seccomp.actions_logged says. Default: only kills and logs
pub const CT_SECCOMP_LOG: u32 = 0x2;
/// executing a file; takes reading it as well
pub const CT_LANDLOCK_EXECUTE: u64 = 0x1;
/// opening a file for writing
pub const CT_LANDLOCK_WRITE_FILE: u64 = 0x2;
/// opening a file for reading
pub const CT_LANDLOCK_READ_FILE: u64 = 0x4;
/// listing a directory
pub const CT_LANDLOCK_READ_DIR: u64 = 0x8;
/// removing or renaming an empty directory
pub const CT_LANDLOCK_REMOVE_DIR: u64 = 0x10;
/// removing or renaming a file
pub const CT_LANDLOCK_REMOVE_FILE: u64 = 0x20;
/// making a character device
pub const CT_LANDLOCK_MAKE_CHAR: u64 = 0x40;
/// making a directory
pub const CT_LANDLOCK_MAKE_DIR: u64 = 0x80;
/// making a regular file
pub const CT_LANDLOCK_MAKE_FILE: u64 = 0x100;
/// making a socket
pub const CT_LANDLOCK_MAKE_SOCKET: u64 = 0x200;
/// making a FIFO
pub const CT_LANDLOCK_MAKE_FIFO: u64 = 0x400;
/// making a block device
pub const CT_LANDLOCK_MAKE_BLOCK: u64 = 0x800;
/// making a symbolic link
pub const CT_LANDLOCK_MAKE_SYMLINK: u64 = 0x1000;
/// moving and linking to another directory; ABI 2, before it is refused everywhere
pub const CT_LANDLOCK_REFER: u64 = 0x2000;
/// shortening a file; ABI 3
pub const CT_LANDLOCK_TRUNCATE: u64 = 0x4000;
/// ioctl of a device that is opened by its name; ABI 5
pub const CT_LANDLOCK_IOCTL: u64 = 0x8000;
/// reading files, listing directories
pub const CT_LANDLOCK_READ: u64 = 0xc;
/// writing, making, moving and removing, of everything but device nodes
pub const CT_LANDLOCK_WRITE: u64 = 0x77b2;
/// all that a rule about a file, not a directory, may allow
pub const CT_LANDLOCK_FILE: u64 = 0xc007;
pub const CT_LANDLOCK_ALL: u64 = 0xffff;
/// binding a socket to it; port 0: to any free one
pub const CT_LANDLOCK_BIND: u32 = 0x1;
/// connecting to it, on whatever machine
pub const CT_LANDLOCK_CONNECT: u32 = 0x2;
/// files; ABI 1 to 5
pub const CT_LANDLOCK_PATHS: u32 = 0x1;
/// binding to TCP ports; ABI 4
pub const CT_LANDLOCK_BIND_PORTS: u32 = 0x2;
/// connecting to TCP ports; ABI 4
pub const CT_LANDLOCK_CONNECT_PORTS: u32 = 0x4;
/// connecting to abstract Unix sockets from outside; ABI 6
pub const CT_LANDLOCK_ABSTRACT: u32 = 0x8;
/// signals to processes from outside; ABI 6
pub const CT_LANDLOCK_SIGNALS: u32 = 0x10;
/// no restriction: what is refused goes to the audit log; ABI 7
pub const CT_LANDLOCK_LOG: u32 = 0x20;
pub const CT_LANDLOCK_OPTIONAL: u32 = 0x1;
/// stay in the caller's cgroup; default: the target's, or an error
pub const CT_JOIN_NO_CGROUP: u32 = 0x1;
/// join without a filter though the target has one that cannot be copied, since it is not a container of this library given by its handle; default: an error, unless the spec gives a filter
pub const CT_JOIN_NO_SECCOMP: u32 = 0x2;
/// search all that may keep a namespace alive: the descriptors and the links for children of every process, the mounts of every mnt namespace; default: not, it may cost more than all the rest
pub const CT_NS_LIST_KEEPERS: u32 = 0x1;
/// of a process or container: look at this one process alone, so that members are not counted; default: all are
pub const CT_NS_LIST_ALONE: u32 = 0x2;
/// a process is in it: "pid"
pub const CT_NS_LINK_OWN: u32 = 0x1;
/// the next children of a process will be in it: "pid_for_children", "time_for_children"
pub const CT_NS_LINK_FOR_CHILDREN: u32 = 0x2;
/// not even which namespace it is: only for a process whose links may not be read
pub const CT_NS_UNSEEN_ID: u32 = 0x1;
/// there may be more members: a process was not to be looked at, or /proc hides some
pub const CT_NS_UNSEEN_MEMBERS: u32 = 0x2;
/// command and uid of the lowest member: it has ended meanwhile
pub const CT_NS_UNSEEN_PROCESS: u32 = 0x4;
/// the owning user namespace is outside of the caller's own, or no descriptor could be had
pub const CT_NS_UNSEEN_OWNER: u32 = 0x8;
/// the uid of the owner, for the same reasons
pub const CT_NS_UNSEEN_OWNER_UID: u32 = 0x10;
/// the parent, for the same reasons
pub const CT_NS_UNSEEN_PARENT: u32 = 0x20;
/// nothing was found that keeps it alive
pub const CT_NS_UNSEEN_KEEPER: u32 = 0x40;
pub const CT_PROBE_NO_NUMBER: u64 = 0xffffffffffffffff;
pub const CT_VERSION_MAJOR: c_int = 0x0;
pub const CT_VERSION_MINOR: c_int = 0x1;
pub const CT_VERSION_PATCH: c_int = 0x0;
pub const CT_VERSION_NUMBER: c_int = 0x100;
pub const CT_VERSION_STRING: &str = "0.1.0";

/// `ct_extract_progress_fn`
pub type ct_extract_progress_fn =
    Option<unsafe extern "C" fn(progress: *const ct_extract_progress, data: *mut c_void) -> c_int>;
/// `ct_read_fn`
pub type ct_read_fn =
    Option<unsafe extern "C" fn(buffer: *mut c_void, size: usize, data: *mut c_void) -> isize>;
/// `ct_prepare_fn`
pub type ct_prepare_fn =
    Option<unsafe extern "C" fn(data: *mut c_void, r#box: *mut ct_container, err: *mut ct_error) -> c_int>;
/// `ct_trace_fn`
pub type ct_trace_fn =
    Option<unsafe extern "C" fn(event: *const ct_trace_event, data: *mut c_void)>;

/// `ct_error`
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ct_error {
    /// sizeof(ct_error), set by CT_ERROR_INIT
    pub size: u32,
    /// the negative errno that the call returned; 0: no failure
    pub code: i32,
    /// ct_step
    pub step: i32,
    pub reserved: u32,
    /// the kernel or library call that failed: "move_mount"
    pub call: [c_char; 32],
    /// what it failed on: a path, an entry, a setting
    pub object: [c_char; 256],
    /// step, object, call and reason as one sentence
    pub sentence: [c_char; 512],
    /// what usually helps, or empty where nothing is known
    pub cure: [c_char; 256],
}

impl ct_error {
    /// What C begins with.
    pub const INIT: Self = Self {
        size: mem::size_of::<Self>() as u32,
        code: 0,
        step: 0,
        reserved: 0,
        call: [0; 32],
        object: [0; 256],
        sentence: [0; 512],
        cure: [0; 256],
    };
}

/// `ct_extract_progress`
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ct_extract_progress {
    /// sizeof(ct_extract_progress) of the library
    pub size: u32,
    pub reserved: u32,
    /// bytes of the archive read so far (compressed)
    pub archive_bytes: u64,
    /// its size in bytes, or 0 where it is not known (pipe, callback)
    pub archive_total: u64,
    /// bytes of file content written so far
    pub bytes: u64,
    /// entries made so far
    pub entries: u64,
    /// the entry at hand, as in the archive; valid during the call
    pub path: *const c_char,
}

/// `ct_extract_options`
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ct_extract_options {
    /// sizeof(ct_extract_options)
    pub size: u32,
    /// CT_EXTRACT_\*
    pub flags: u32,
    /// leading path components to drop; entries with fewer are left out
    pub strip_components: u32,
    /// components in a path; 0: 256
    pub max_depth: u32,
    /// file content in all, in bytes; 0: 64 GiB
    pub max_bytes: u64,
    /// 0: 4,000,000
    pub max_entries: u64,
    /// content of one file, holes included; 0: 16 GiB
    pub max_file_bytes: u64,
    /// bytes unpacked for each byte of archive read, looked at after the first 64 MiB; 0: 1,000
    pub max_ratio: u64,
    /// added to every uid of the archive, in ACLs too
    pub uid_shift: u32,
    /// added to every gid of the archive, in ACLs too
    pub gid_shift: u32,
    /// may be NULL
    pub progress: ct_extract_progress_fn,
    /// handed to progress
    pub progress_data: *mut c_void,
}

impl ct_extract_options {
    /// What C begins with.
    pub const INIT: Self = Self {
        size: mem::size_of::<Self>() as u32,
        flags: 0,
        strip_components: 0,
        max_depth: 0,
        max_bytes: 0,
        max_entries: 0,
        max_file_bytes: 0,
        max_ratio: 0,
        uid_shift: 0,
        gid_shift: 0,
        progress: None,
        progress_data: ptr::null_mut(),
    };
}

/// `ct_extract_stats`
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ct_extract_stats {
    /// sizeof(ct_extract_stats), set by the caller
    pub size: u32,
    /// ct_owners
    pub owners: u32,
    /// entries made
    pub entries: u64,
    /// bytes of file content written, holes not counted
    pub bytes: u64,
    /// bytes of the archive read
    pub archive_bytes: u64,
    /// device nodes left out
    pub devices_dropped: u64,
    /// files whose setuid or setgid bit was cleared
    pub setuid_cleared: u64,
    /// extended attributes left out
    pub xattrs_dropped: u64,
    /// files and directories whose owner and mode stand in a record alone
    pub owners_recorded: u64,
    /// entries whose owner is neither real nor told by any record
    pub owners_lost: u64,
    /// device nodes that are an empty file with a record
    pub devices_recorded: u64,
    /// extended attributes that stand in a record alone
    pub xattrs_recorded: u64,
}

/// `ct_exit`
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ct_exit {
    /// sizeof(ct_exit), set by CT_EXIT_INIT
    pub size: u32,
    /// exit code 0 to 255, or -1 if a signal ended it
    pub code: i32,
    /// the signal that ended it, or 0
    pub signal: i32,
    /// 1: with a core dump
    pub core_dumped: u32,
    /// 1: the host reaped the process itself (SIGCHLD ignored, or wait() for any child) and the kernel (before 6.15) no longer knows how it ended; code is -1 and signal 0 then
    pub lost: u32,
    /// ct_oom: why signal is SIGKILL
    pub oom: u32,
    /// ct_end
    pub why: u32,
    pub reserved: u32,
    /// from its start to its end as seen by ct_wait(), in microseconds
    pub wall_us: u64,
    /// cpu time in user mode of the payload and the children it waited for
    pub user_us: u64,
    /// the same in kernel mode; setting the container up is included
    pub system_us: u64,
    /// the largest resident size that one of them had; 0: not known, because it was no larger than the host's own: see ct_spec_set_exact_rss()
    pub max_rss_bytes: u64,
    /// of its cgroup, if it had one: see ct_spec_set_cgroup(); else all 0
    pub figures: ct_figures,
}

impl ct_exit {
    /// What C begins with.
    pub const INIT: Self = Self {
        size: mem::size_of::<Self>() as u32,
        code: 0,
        signal: 0,
        core_dumped: 0,
        lost: 0,
        oom: 0,
        why: 0,
        reserved: 0,
        wall_us: 0,
        user_us: 0,
        system_us: 0,
        max_rss_bytes: 0,
        figures: ct_figures::INIT,
    };
}

/// `ct_id_range`
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ct_id_range {
    pub inside: u32,
    pub outside: u32,
    pub count: u32,
}

/// `ct_output`
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ct_output {
    /// sizeof(ct_output), set by CT_OUTPUT_INIT
    pub size: u32,
    /// CT_OUTPUT_KILL; 0: none
    pub flags: u32,
    /// for its stdin; must stay as it is until the container has ended
    pub input: *const c_void,
    /// bytes
    pub input_size: usize,
    /// bytes that it was given so far, as far as the pipe took them
    pub input_sent: usize,
    /// how many bytes of stdout are kept
    pub out_limit: usize,
    /// and of stderr
    pub err_limit: usize,
    /// what was kept of stdout, with a NUL behind; NULL: nothing
    pub out: *mut c_char,
    /// and of stderr
    pub err: *mut c_char,
    /// bytes in out, without that NUL
    pub out_size: usize,
    /// and in err
    pub err_size: usize,
    /// bytes that were read of stdout; over out_size: some were dropped
    pub out_total: u64,
    /// and of stderr
    pub err_total: u64,
}

impl ct_output {
    /// What C begins with.
    pub const INIT: Self = Self {
        size: mem::size_of::<Self>() as u32,
        flags: 0,
        input: ptr::null(),
        input_size: 0,
        input_sent: 0,
        out_limit: 1 << 20,
        err_limit: 1 << 20,
        out: ptr::null_mut(),
        err: ptr::null_mut(),
        out_size: 0,
        err_size: 0,
        out_total: 0,
        err_total: 0,
    };
}

/// `ct_event`
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ct_event {
    /// sizeof(ct_event), set by CT_EVENT_INIT
    pub size: u32,
    /// ct_event_kind
    pub kind: u32,
    /// as it was added
    pub r#box: *mut ct_container,
    /// as it was given with it
    pub data: *mut c_void,
    /// how often it has happened since it was told last, at least 1
    pub count: u64,
}

impl ct_event {
    /// What C begins with.
    pub const INIT: Self = Self {
        size: mem::size_of::<Self>() as u32,
        kind: 0,
        r#box: ptr::null_mut(),
        data: ptr::null_mut(),
        count: 0,
    };
}

/// `ct_protection`
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ct_protection {
    /// sizeof(ct_protection), set by CT_PROTECTION_INIT
    pub size: u32,
    /// ct_item
    pub item: i32,
    /// ct_item_state
    pub state: i32,
    /// of CT_ITEM_LACKING: how many parts are lacking, such as masked paths
    pub count: u32,
    /// of the first of them: step, kernel call, errno, sentence and cure; else code 0
    pub why: ct_error,
}

impl ct_protection {
    /// What C begins with.
    pub const INIT: Self = Self {
        size: mem::size_of::<Self>() as u32,
        item: 0,
        state: 0,
        count: 0,
        why: ct_error::INIT,
    };
}

/// `ct_figures`
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ct_figures {
    /// sizeof(ct_figures), set by CT_FIGURES_INIT
    pub size: u32,
    pub reserved: u32,
    /// cpu time, in microseconds
    pub cpu_us: u64,
    /// of it in user mode
    pub cpu_user_us: u64,
    /// of it in kernel mode
    pub cpu_system_us: u64,
    /// time for which CT_LIMIT_CPU_MAX held it back, over all processors
    pub cpu_throttled_us: u64,
    /// periods of 100 ms in which that happened
    pub cpu_throttled_count: u64,
    /// time in which some process waited for a processor; v2
    pub cpu_stalled_us: u64,
    /// memory in use, page cache included
    pub memory_bytes: u64,
    /// the most that it was (v2: Linux 5.19)
    pub memory_peak_bytes: u64,
    /// of memory in use: heaps and stacks
    pub memory_anon_bytes: u64,
    /// of memory in use: page cache, tmpfs and shared memory
    pub memory_file_bytes: u64,
    /// time in which some process waited for memory; v2
    pub memory_stalled_us: u64,
    /// how often CT_LIMIT_MEMORY_MAX was reached
    pub memory_max_count: u64,
    /// how often CT_LIMIT_MEMORY_HIGH was passed; v2
    pub memory_high_count: u64,
    /// processes that were killed because memory ran out
    pub oom_kills: u64,
    /// swap in use
    pub swap_bytes: u64,
    /// processes and threads
    pub pids: u64,
    /// the most there were (Linux 6.11)
    pub pids_peak: u64,
    /// forks that CT_LIMIT_PIDS_MAX refused
    pub pids_max_count: u64,
    /// from disks, all devices together
    pub io_read_bytes: u64,
    pub io_written_bytes: u64,
    /// operations
    pub io_reads: u64,
    pub io_writes: u64,
    /// time in which some process waited for a disk; v2
    pub io_stalled_us: u64,
}

impl ct_figures {
    /// What C begins with.
    pub const INIT: Self = Self {
        size: mem::size_of::<Self>() as u32,
        reserved: 0,
        cpu_us: 0,
        cpu_user_us: 0,
        cpu_system_us: 0,
        cpu_throttled_us: 0,
        cpu_throttled_count: 0,
        cpu_stalled_us: 0,
        memory_bytes: 0,
        memory_peak_bytes: 0,
        memory_anon_bytes: 0,
        memory_file_bytes: 0,
        memory_stalled_us: 0,
        memory_max_count: 0,
        memory_high_count: 0,
        oom_kills: 0,
        swap_bytes: 0,
        pids: 0,
        pids_peak: 0,
        pids_max_count: 0,
        io_read_bytes: 0,
        io_written_bytes: 0,
        io_reads: 0,
        io_writes: 0,
        io_stalled_us: 0,
    };
}

/// `ct_io`
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ct_io {
    pub major: u32,
    /// its numbers, as of stat(2)
    pub minor: u32,
    pub read_bytes: u64,
    pub written_bytes: u64,
    /// operations
    pub reads: u64,
    pub writes: u64,
}

/// `ct_device`
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ct_device {
    /// 'c' or 'b': a character or a block device
    pub r#type: u32,
    /// CT_DEVICE_\* bits; at least one
    pub access: u32,
    /// 0 to 4095, or CT_DEVICE_ANY
    pub major: i32,
    /// 0 to 1048575, or CT_DEVICE_ANY
    pub minor: i32,
}

/// `ct_seccomp_arg`
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ct_seccomp_arg {
    /// which argument: 0 to 5
    pub index: u32,
    /// ct_seccomp_compare
    pub compare: u32,
    /// bits that count; 0: all of them
    pub mask: u64,
    /// to compare with
    pub value: u64,
}

/// `ct_notification`
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ct_notification {
    /// sizeof(ct_notification), set by CT_NOTIFICATION_INIT
    pub size: u32,
    /// of the thread, as this process sees it; 0: it does not
    pub pid: i32,
    /// of the call
    pub id: u64,
    /// as the kernel got them
    pub args: [u64; 6],
    /// of the system call
    pub number: i32,
    pub reserved: u32,
    /// its name; empty: it is not known here
    pub call: [c_char; 32],
}

impl ct_notification {
    /// What C begins with.
    pub const INIT: Self = Self {
        size: mem::size_of::<Self>() as u32,
        pid: 0,
        id: 0,
        args: [0; 6],
        number: 0,
        reserved: 0,
        call: [0; 32],
    };
}

/// `ct_ns_info`
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ct_ns_info {
    /// sizeof(ct_ns_info), set by CT_NS_INFO_INIT
    pub size: u32,
    /// one of CT_NS_\*
    pub kind: u32,
    /// its inode number: 4026531836; 0 with CT_NS_UNSEEN_ID
    pub id: u64,
    /// id of the user namespace that owns it, for a user namespace its parent; 0: none or unseen
    pub owner_ns: u64,
    /// id of the parent of a pid or user namespace; 0: other kind, none, or unseen
    pub parent: u64,
    /// who made it, if it is a user namespace, else who made the user namespace that owns it; UINT32_MAX: unseen
    pub owner_uid: u32,
    /// CT_NS_LINK_\*: how this process uses it; in a list of the system: how any does, as far as it was looked at
    pub links: u32,
    /// processes that are in it
    pub nprocs: u32,
    /// processes whose next children will be in it without being in it themselves; in a list of the system only with CT_NS_LIST_KEEPERS, else 0
    pub nprocs_for_children: u32,
    /// the lowest of its members; 0: none
    pub pid: i32,
    /// owner of /proc/PID: its effective uid, or 0 if it is not dumpable; UINT32_MAX: none or unseen
    pub uid: u32,
    /// ct_ns_keeper
    pub keeper: u32,
    /// see ct_ns_keeper; for a mount: a process that has it in its mounts, 0: the caller has
    pub keeper_pid: i32,
    /// -1 unless keeper is CT_NS_KEEPER_DESCRIPTOR
    pub keeper_fd: i32,
    /// CT_NS_UNSEEN_\*
    pub unseen: u32,
    /// as in /proc/PID/ns: "pid:\[4026531836\]"; "" with CT_NS_UNSEEN_ID
    pub name: [c_char; 32],
    /// of the lowest member, as the kernel has it: any bytes but NUL; "" none or unseen
    pub command: [c_char; 64],
}

impl ct_ns_info {
    /// What C begins with.
    pub const INIT: Self = Self {
        size: mem::size_of::<Self>() as u32,
        kind: 0,
        id: 0,
        owner_ns: 0,
        parent: 0,
        owner_uid: 0,
        links: 0,
        nprocs: 0,
        nprocs_for_children: 0,
        pid: 0,
        uid: 0,
        keeper: 0,
        keeper_pid: 0,
        keeper_fd: 0,
        unseen: 0,
        name: [0; 32],
        command: [0; 64],
    };
}

/// `ct_ns_stats`
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ct_ns_stats {
    /// sizeof(ct_ns_stats), set by CT_NS_STATS_INIT
    pub size: u32,
    /// processes whose namespaces were read
    pub processes: u32,
    /// processes that ended while they were looked at; not counted anywhere
    pub vanished: u32,
    /// processes whose namespaces the caller may not read
    pub denied: u32,
    /// 1: /proc is mounted with hidepid and does not even show the processes of others
    pub hidden: u32,
    /// 1: the kernel listed all namespaces (listns, Linux 6.19); 0: found through /proc alone
    pub listns: u32,
    /// namespaces of that list which the caller may not open; they are no rows
    pub unopened: u32,
    pub reserved: u32,
}

impl ct_ns_stats {
    /// What C begins with.
    pub const INIT: Self = Self {
        size: mem::size_of::<Self>() as u32,
        processes: 0,
        vanished: 0,
        denied: 0,
        hidden: 0,
        listns: 0,
        unopened: 0,
        reserved: 0,
    };
}

/// `ct_payload_fd`
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ct_payload_fd {
    pub fd: i32,
    /// 3 to 1023
    pub target: i32,
}

/// `ct_payload_limit`
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ct_payload_limit {
    /// ct_limit
    pub limit: u32,
    pub reserved: u32,
    /// as for ct_container_set_limit()
    pub value: u64,
}

/// `ct_payload`
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ct_payload {
    /// sizeof(ct_payload), set by CT_PAYLOAD_INIT
    pub size: u32,
    /// descriptors of the host; -1: as in the spec
    pub stdio: [i32; 3],
    /// NULL: argv\[0\] if argv is given, else as in the spec
    pub program: *const c_char,
    /// ends with NULL; NULL: as in the spec
    pub argv: *const *const c_char,
    /// "NAME=value", ends with NULL; NULL: as in the spec
    pub envp: *const *const c_char,
    /// more descriptors; they take the place of what the spec maps there
    pub fds: *const ct_payload_fd,
    /// for a spec with a cgroup: see ct_spec_set_cgroup()
    pub limits: *const ct_payload_limit,
    /// how many there are in fds, at most 128
    pub fd_count: usize,
    /// and in limits
    pub limit_count: usize,
    /// CT_TIME_WALL in milliseconds; CT_UNLIMITED; 0: as in the spec
    pub wall_ms: u64,
    /// CT_TIME_CPU likewise
    pub cpu_ms: u64,
}

impl ct_payload {
    /// What C begins with.
    pub const INIT: Self = Self {
        size: mem::size_of::<Self>() as u32,
        stdio: [-1, -1, -1],
        program: ptr::null(),
        argv: ptr::null(),
        envp: ptr::null(),
        fds: ptr::null(),
        limits: ptr::null(),
        fd_count: 0,
        limit_count: 0,
        wall_ms: 0,
        cpu_ms: 0,
    };
}

/// `ct_probe_info`
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ct_probe_info {
    /// sizeof(ct_probe_info), set by CT_PROBE_INFO_INIT
    pub size: u32,
    /// ct_fact
    pub fact: u32,
    /// ct_probe_state
    pub state: u32,
    pub reserved: u32,
    /// its value, if that is a number; else CT_PROBE_NO_NUMBER
    pub number: u64,
    /// "user_ns": the same in text and JSON, and in every version
    pub name: [c_char; 32],
    /// "user namespaces": facts of one group stand together
    pub group: [c_char; 32],
    /// what was found: "6.1.0", "v2", "100000-165535"; "": works or lacks says it all
    pub value: [c_char; 128],
    /// why it lacks or is not known, with the sysctl, file, limit or filter; "" if it works
    pub reason: [c_char; 256],
    /// what helps; "" if it works, or nothing is known to help
    pub cure: [c_char; 256],
}

impl ct_probe_info {
    /// What C begins with.
    pub const INIT: Self = Self {
        size: mem::size_of::<Self>() as u32,
        fact: 0,
        state: 0,
        reserved: 0,
        number: 0,
        name: [0; 32],
        group: [0; 32],
        value: [0; 128],
        reason: [0; 256],
        cure: [0; 256],
    };
}

/// `ct_trace_event`
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ct_trace_event {
    /// sizeof(ct_trace_event) of the library
    pub size: u32,
    /// ct_trace_who
    pub who: i32,
    /// process that made the call, as the caller sees it
    pub pid: i32,
    /// ct_step that it belongs to
    pub step: i32,
    /// what the kernel answered; a negative errno is a failure
    pub result: i64,
    /// when it began: the caller's CLOCK_MONOTONIC, in nanoseconds
    pub at_ns: u64,
    /// how long it took, in nanoseconds
    pub took_ns: u64,
    /// its name: "move_mount"
    pub call: *const c_char,
    /// its arguments, descriptors with what they are: "7\<proc\>, \"\", ..."
    pub arguments: *const c_char,
    /// what the step is about: a path, a namespace kind, a setting; or empty
    pub object: *const c_char,
    /// at the first call of a step: the shell command that does the same, or close to it; a comment (#...) where there is none; else empty. The container's root is then at /mnt, spare files are in /media
    pub shell: *const c_char,
}

extern "C" {
    /// The name of a step, as in "mount" or "working directory".
    pub fn ct_step_name(step: c_int) -> *const c_char;
    /// Extract an archive into a directory that appears only when it is whole.
    pub fn ct_rootfs_extract(archive: *const c_char, dest: *const c_char, options: *const ct_extract_options, ret_rootfs: *mut *mut ct_rootfs, err: *mut ct_error) -> c_int;
    /// Extract an archive from an open descriptor: a file, a pipe, a socket.
    pub fn ct_rootfs_extract_fd(fd: c_int, dest: *const c_char, options: *const ct_extract_options, ret_rootfs: *mut *mut ct_rootfs, err: *mut ct_error) -> c_int;
    /// Extract an archive that lies in memory.
    pub fn ct_rootfs_extract_memory(data: *const c_void, size: usize, dest: *const c_char, options: *const ct_extract_options, ret_rootfs: *mut *mut ct_rootfs, err: *mut ct_error) -> c_int;
    /// Extract an archive that a callback supplies piece by piece.
    pub fn ct_rootfs_extract_stream(read: ct_read_fn, data: *mut c_void, dest: *const c_char, options: *const ct_extract_options, ret_rootfs: *mut *mut ct_rootfs, err: *mut ct_error) -> c_int;
    /// Open a directory that is there as a root filesystem.
    pub fn ct_rootfs_open(path: *const c_char, ret_rootfs: *mut *mut ct_rootfs, err: *mut ct_error) -> c_int;
    /// Mount an image as a root filesystem, without unpacking it.
    pub fn ct_rootfs_open_image(path: *const c_char, flags: u32, ret_rootfs: *mut *mut ct_rootfs, err: *mut ct_error) -> c_int;
    /// Mount an image from an open descriptor.
    pub fn ct_rootfs_open_image_fd(fd: c_int, flags: u32, ret_rootfs: *mut *mut ct_rootfs, err: *mut ct_error) -> c_int;
    /// Remove a whole tree, and what killed calls left beside it.
    pub fn ct_rootfs_remove(path: *const c_char, err: *mut ct_error) -> c_int;
    /// Make real what records in a tree say: owners, modes, devices, attributes.
    pub fn ct_rootfs_restore(rootfs: *mut ct_rootfs, options: *const ct_extract_options, err: *mut ct_error) -> c_int;
    /// The descriptor of a root filesystem's directory.
    pub fn ct_rootfs_fd(rootfs: *const ct_rootfs) -> c_int;
    /// What the extraction that made this handle did.
    pub fn ct_rootfs_stats(rootfs: *const ct_rootfs, ret_stats: *mut ct_extract_stats) -> c_int;
    /// Let a handle go.
    pub fn ct_rootfs_free(rootfs: *mut ct_rootfs);
    /// Make an empty spec: the strictest one.
    pub fn ct_spec_new(ret_spec: *mut *mut ct_spec) -> c_int;
    /// Free a spec and what it holds.
    pub fn ct_spec_free(spec: *mut ct_spec);
    /// The first mistake that a setter met, as ct_spawn() would report it.
    pub fn ct_spec_check(spec: *const ct_spec, err: *mut ct_error) -> c_int;
    /// Set the program and its arguments.
    pub fn ct_spec_set_argv(spec: *mut ct_spec, argv: *const *const c_char) -> c_int;
    /// Execute another file than argv\[0\] names.
    pub fn ct_spec_set_program(spec: *mut ct_spec, program: *const c_char) -> c_int;
    /// Set the whole environment of the payload.
    pub fn ct_spec_set_env(spec: *mut ct_spec, envp: *const *const c_char) -> c_int;
    /// Set the working directory of the payload.
    pub fn ct_spec_set_cwd(spec: *mut ct_spec, cwd: *const c_char) -> c_int;
    /// Set the umask of the payload.
    pub fn ct_spec_set_umask(spec: *mut ct_spec, mask: u32) -> c_int;
    /// Set the root filesystem.
    pub fn ct_spec_set_rootfs(spec: *mut ct_spec, rootfs: *const ct_rootfs) -> c_int;
    /// Set how the container may use its root filesystem.
    pub fn ct_spec_set_root_mode(spec: *mut ct_spec, mode: ct_root_mode) -> c_int;
    /// Bound the memory that the changes to an ephemeral root may take.
    pub fn ct_spec_set_ephemeral_size(spec: *mut ct_spec, size_bytes: u64) -> c_int;
    /// Set user and group of the payload, as numbers inside the container.
    pub fn ct_spec_set_user(spec: *mut ct_spec, uid: u32, gid: u32) -> c_int;
    /// Set the supplementary groups of the payload.
    pub fn ct_spec_set_groups(spec: *mut ct_spec, groups: *const u32, count: usize) -> c_int;
    /// Give the container new namespaces of these kinds.
    pub fn ct_spec_set_ns_new(spec: *mut ct_spec, kinds: u32) -> c_int;
    /// Let the container use the host's namespaces of these kinds: a loosening.
    pub fn ct_spec_set_ns_host(spec: *mut ct_spec, kinds: u32) -> c_int;
    /// Put the container into a given namespace.
    pub fn ct_spec_set_ns_fd(spec: *mut ct_spec, kind: u32, fd: c_int) -> c_int;
    /// The same, by the path of a namespace (such as one that is bind-mounted).
    pub fn ct_spec_set_ns_path(spec: *mut ct_spec, kind: u32, path: *const c_char) -> c_int;
    /// The same, by a process that is in them.
    pub fn ct_spec_set_ns_pid(spec: *mut ct_spec, kinds: u32, pid: i32) -> c_int;
    /// Choose the ids of a new user namespace.
    pub fn ct_spec_set_idmap(spec: *mut ct_spec, kind: ct_idmap, count: u32) -> c_int;
    /// Map a range of user ids, or of group ids, of a new user namespace.
    pub fn ct_spec_add_uid_map(spec: *mut ct_spec, inside: u32, outside: u32, count: u32) -> c_int;
    /// Map a range of group ids of a new user namespace, as ct_spec_add_uid_map() maps users.
    pub fn ct_spec_add_gid_map(spec: *mut ct_spec, inside: u32, outside: u32, count: u32) -> c_int;
    /// Shift the clocks of a new time namespace.
    pub fn ct_spec_set_time_offsets(spec: *mut ct_spec, monotonic_ns: i64, boottime_ns: i64) -> c_int;
    /// Set the host name.
    pub fn ct_spec_set_hostname(spec: *mut ct_spec, name: *const c_char) -> c_int;
    /// Set the NIS domain name.
    pub fn ct_spec_set_domainname(spec: *mut ct_spec, name: *const c_char) -> c_int;
    /// Set a kernel parameter of the container's own namespaces.
    pub fn ct_spec_set_sysctl(spec: *mut ct_spec, key: *const c_char, value: *const c_char) -> c_int;
    /// Bring the loopback interface of a new network namespace up, or leave it down.
    pub fn ct_spec_set_loopback(spec: *mut ct_spec, on: c_int) -> c_int;
    /// Bind a file or directory of the host into the container.
    pub fn ct_spec_add_bind(spec: *mut ct_spec, source: *const c_char, target: *const c_char, flags: u32) -> c_int;
    /// The same, with the source as an open descriptor (O_PATH will do); duplicated.
    pub fn ct_spec_add_bind_fd(spec: *mut ct_spec, fd: c_int, target: *const c_char, flags: u32) -> c_int;
    /// Mount a new, empty filesystem in memory.
    pub fn ct_spec_add_tmpfs(spec: *mut ct_spec, target: *const c_char, size_bytes: u64, mode: u32, flags: u32) -> c_int;
    /// Mount a new filesystem of any type that the kernel lets the container mount.
    pub fn ct_spec_add_filesystem(spec: *mut ct_spec, r#type: *const c_char, target: *const c_char, options: *const c_char, flags: u32) -> c_int;
    /// Mount an overlay: what is in upper over what is in the lower directories.
    pub fn ct_spec_add_overlay(spec: *mut ct_spec, lowers: *const *const c_char, upper: *const c_char, work: *const c_char, target: *const c_char, flags: u32) -> c_int;
    /// Put a file of the given content at a path inside, over what may be there.
    pub fn ct_spec_add_file(spec: *mut ct_spec, data: *const c_void, size: usize, target: *const c_char, mode: u32) -> c_int;
    /// The same with the content read from a descriptor, now, up to its end.
    pub fn ct_spec_add_file_fd(spec: *mut ct_spec, fd: c_int, target: *const c_char, mode: u32) -> c_int;
    /// Hide a path from the container: a file reads as empty, a directory is empty.
    pub fn ct_spec_add_masked_path(spec: *mut ct_spec, path: *const c_char) -> c_int;
    /// Make a path read-only for the container.
    pub fn ct_spec_add_readonly_path(spec: *mut ct_spec, path: *const c_char) -> c_int;
    /// Forget the masked and read-only paths, those added and the default ones: a loosening.
    pub fn ct_spec_clear_paths(spec: *mut ct_spec) -> c_int;
    /// Set a resource limit of the payload.
    pub fn ct_spec_set_rlimit(spec: *mut ct_spec, resource: c_int, soft: u64, hard: u64) -> c_int;
    /// Set how readily the kernel kills the payload when memory is short.
    pub fn ct_spec_set_oom_score_adj(spec: *mut ct_spec, value: c_int) -> c_int;
    /// Have the exit record tell the peak memory of the payload in every case.
    pub fn ct_spec_set_exact_rss(spec: *mut ct_spec, on: c_int) -> c_int;
    /// Set what a standard stream of the payload is.
    pub fn ct_spec_set_stdio(spec: *mut ct_spec, stream: c_int, what: ct_stdio, fd: c_int) -> c_int;
    /// Give the payload a descriptor of the host under a chosen number.
    pub fn ct_spec_map_fd(spec: *mut ct_spec, fd: c_int, target: c_int) -> c_int;
    /// Add a capability to those that root in the container has: a loosening.
    pub fn ct_spec_add_cap(spec: *mut ct_spec, name: *const c_char) -> c_int;
    /// Take a capability from those that root in the container has.
    pub fn ct_spec_drop_cap(spec: *mut ct_spec, name: *const c_char) -> c_int;
    /// Let a payload that is not root have a capability, and pass it on over exec.
    pub fn ct_spec_add_ambient_cap(spec: *mut ct_spec, name: *const c_char) -> c_int;
    /// Say whether programs in the container may gain rights by setuid bits and file capabilities.
    pub fn ct_spec_set_no_new_privs(spec: *mut ct_spec, on: c_int) -> c_int;
    /// Have payloads that crash leave no core dump, and have no handler of the host run for them.
    pub fn ct_spec_set_core_dumps(spec: *mut ct_spec, on: c_int) -> c_int;
    /// Have every kernel call of a spawn or join reported as it happens: explain mode.
    pub fn ct_spec_set_trace(spec: *mut ct_spec, trace: ct_trace_fn, data: *mut c_void) -> c_int;
    /// Start a container: ct_create() and ct_start() in one.
    pub fn ct_spawn(spec: *mut ct_spec, ret_box: *mut *mut ct_container, err: *mut ct_error) -> c_int;
    /// Make a container whose payload is not executed yet: everything else is in place.
    pub fn ct_create(spec: *mut ct_spec, ret_box: *mut *mut ct_container, err: *mut ct_error) -> c_int;
    /// Execute the payload of a created container.
    pub fn ct_start(r#box: *mut ct_container, err: *mut ct_error) -> c_int;
    /// Wait for the end of the container's first process, which ends all others.
    pub fn ct_wait(r#box: *mut ct_container, timeout_ms: c_int, ret_exit: *mut ct_exit, err: *mut ct_error) -> c_int;
    /// Send a signal to the container's first process.
    pub fn ct_kill(r#box: *mut ct_container, signal: c_int, err: *mut ct_error) -> c_int;
    /// End a container: ask it by a signal, and kill it if it has not ended in time.
    pub fn ct_stop(r#box: *mut ct_container, signal: c_int, grace_ms: c_int, ret_exit: *mut ct_exit, err: *mut ct_error) -> c_int;
    /// Say in words how a container ended: "exited with code 3", "killed by signal 9 (SIGKILL): its time was over".
    pub fn ct_exit_to_text(how: *const ct_exit, text: *mut c_char, size: usize) -> c_int;
    /// Have a function called when the root of a container is ready, and the host's is still in its place.
    pub fn ct_spec_set_prepare(spec: *mut ct_spec, prepare: ct_prepare_fn, data: *mut c_void) -> c_int;
    /// Let a container outlive its handle and the host process.
    pub fn ct_detach(r#box: *mut ct_container, err: *mut ct_error) -> c_int;
    /// The pid of the container's first process in the caller's pid namespace.
    pub fn ct_container_pid(r#box: *const ct_container) -> i32;
    /// A pidfd of the container's first process: becomes readable when it ends.
    pub fn ct_container_pidfd(r#box: *const ct_container) -> c_int;
    /// Whose user ids those of a container are, where it has a user namespace of its own.
    pub fn ct_container_uid_map(r#box: *const ct_container, ret_ranges: *mut ct_id_range, room: usize) -> c_int;
    /// Whose group ids those of a container are, as ct_container_uid_map() tells of users.
    pub fn ct_container_gid_map(r#box: *const ct_container, ret_ranges: *mut ct_id_range, room: usize) -> c_int;
    /// Take the host's end of a pipe that CT_STDIO_PIPE asked for.
    pub fn ct_container_take_stdio(r#box: *mut ct_container, stream: c_int) -> c_int;
    /// Free a container.
    pub fn ct_container_free(r#box: *mut ct_container);
    /// Give a container its input, keep its output, and wait for its end.
    pub fn ct_capture(r#box: *mut ct_container, output: *mut ct_output, timeout_ms: c_int, ret_exit: *mut ct_exit, err: *mut ct_error) -> c_int;
    /// Free what an output has kept, and make it as it was before the first byte.
    pub fn ct_output_done(output: *mut ct_output);
    /// Make a spec of a bundle: of config.json in its directory.
    pub fn ct_spec_from_oci(bundle: *const c_char, ret_spec: *mut *mut ct_spec, err: *mut ct_error) -> c_int;
    /// The same of a configuration in memory.
    pub fn ct_spec_from_oci_text(text: *const c_char, size: usize, bundle: *const c_char, ret_spec: *mut *mut ct_spec, err: *mut ct_error) -> c_int;
    /// The same of a file by its path.
    pub fn ct_spec_from_oci_file(path: *const c_char, ret_spec: *mut *mut ct_spec, err: *mut ct_error) -> c_int;
    /// Make a spec of a process alone, for ct_join(): of what stands at /process of a configuration.
    pub fn ct_spec_from_oci_process(text: *const c_char, size: usize, ret_spec: *mut *mut ct_spec, err: *mut ct_error) -> c_int;
    /// Write a spec down as the text of a config.json, from which ct_spec_from_oci_text() makes the same spec.
    pub fn ct_spec_to_oci(spec: *const ct_spec, ret_text: *mut *mut c_char, err: *mut ct_error) -> c_int;
    /// Free what ct_spec_to_oci() has written.
    pub fn ct_oci_text_free(text: *mut c_char);
    /// Change the limits of a container while it runs: by what stands at /linux/resources of a configuration.
    pub fn ct_container_set_oci_resources(r#box: *mut ct_container, text: *const c_char, size: usize, err: *mut ct_error) -> c_int;
    /// Give the container an init: PID 1 is a process of the library's own, the payload its child.
    pub fn ct_spec_set_init(spec: *mut ct_spec, on: c_int) -> c_int;
    /// Open a regular file or a directory of a running container.
    pub fn ct_container_open_file(r#box: *mut ct_container, path: *const c_char, flags: c_int, mode: u32, err: *mut ct_error) -> c_int;
    /// Mount a file or directory of the host into a running container.
    pub fn ct_container_mount(r#box: *mut ct_container, fd: c_int, target: *const c_char, flags: u32, err: *mut ct_error) -> c_int;
    /// Remove a mount that ct_container_mount() has made.
    pub fn ct_container_unmount(r#box: *mut ct_container, target: *const c_char, err: *mut ct_error) -> c_int;
    /// List the processes of a container, those that joined it included.
    pub fn ct_container_processes(r#box: *mut ct_container, ret_pids: *mut i32, room: usize, err: *mut ct_error) -> c_int;
    /// Make an empty set.
    pub fn ct_events_new(ret_events: *mut *mut ct_events, err: *mut ct_error) -> c_int;
    /// Free a set.
    pub fn ct_events_free(events: *mut ct_events);
    /// The descriptor of a set: readable while there may be events.
    pub fn ct_events_fd(events: *const ct_events) -> c_int;
    /// Add a container to a set.
    pub fn ct_events_add(events: *mut ct_events, r#box: *mut ct_container, data: *mut c_void, err: *mut ct_error) -> c_int;
    /// Take a container out of a set.
    pub fn ct_events_remove(events: *mut ct_events, r#box: *mut ct_container) -> c_int;
    /// The next event.
    pub fn ct_events_next(events: *mut ct_events, timeout_ms: c_int, ret_event: *mut ct_event, err: *mut ct_error) -> c_int;
    /// Let containers of this spec start without what this machine cannot give.
    pub fn ct_spec_allow_lack(spec: *mut ct_spec, items: u64) -> c_int;
    /// Tell of one item of a container whether it is enforced.
    pub fn ct_container_protection(r#box: *const ct_container, item: c_int, ret_about: *mut ct_protection) -> c_int;
    /// The name of an item, as in "pid namespace" or "masked paths".
    pub fn ct_item_name(item: c_int) -> *const c_char;
    /// Limit what each container of the spec may use.
    pub fn ct_spec_set_limit(spec: *mut ct_spec, limit: ct_limit, value: u64) -> c_int;
    /// Limit what each container of the spec may use of one disk, or of huge pages of one size.
    pub fn ct_spec_set_limit_of(spec: *mut ct_spec, limit: ct_limit, of: u64, value: u64) -> c_int;
    /// Choose the processors that the containers of the spec may run on.
    pub fn ct_spec_set_cpus(spec: *mut ct_spec, cpus: *const c_char) -> c_int;
    /// Choose the memory nodes that the containers of the spec may use.
    pub fn ct_spec_set_mems(spec: *mut ct_spec, mems: *const c_char) -> c_int;
    /// Write to a file of the container's cgroup for which there is no setter.
    pub fn ct_spec_set_cgroup_key(spec: *mut ct_spec, key: *const c_char, value: *const c_char) -> c_int;
    /// Have each container of the spec in a cgroup of its own, although nothing is limited.
    pub fn ct_spec_set_cgroup(spec: *mut ct_spec, on: c_int) -> c_int;
    /// Choose below which cgroup those of the containers are made.
    pub fn ct_spec_set_cgroup_parent(spec: *mut ct_spec, parent: *const c_char) -> c_int;
    /// Have the cgroups of the containers made in a scope that systemd is asked for.
    pub fn ct_spec_set_cgroup_systemd(spec: *mut ct_spec, bus: *const c_char) -> c_int;
    /// Change a limit of a container while it runs.
    pub fn ct_container_set_limit(r#box: *mut ct_container, limit: ct_limit, value: u64, err: *mut ct_error) -> c_int;
    /// Change a limit of one disk, or of huge pages of one size, while a container runs.
    pub fn ct_container_set_limit_of(r#box: *mut ct_container, limit: ct_limit, of: u64, value: u64, err: *mut ct_error) -> c_int;
    /// Tell what a container uses and has used.
    pub fn ct_container_figures(r#box: *mut ct_container, ret_figures: *mut ct_figures, err: *mut ct_error) -> c_int;
    /// Read what many containers use, in one call.
    pub fn ct_container_figures_many(boxes: *const *mut ct_container, count: usize, ret_figures: *mut ct_figures, err: *mut ct_error) -> c_int;
    /// Read what a container has done with each disk.
    pub fn ct_container_io(r#box: *mut ct_container, ret_disks: *mut ct_io, room: usize, err: *mut ct_error) -> c_int;
    /// Stop all processes of a container where they are, until ct_container_thaw().
    pub fn ct_container_freeze(r#box: *mut ct_container, timeout_ms: c_int, err: *mut ct_error) -> c_int;
    /// Let a frozen container go on.
    pub fn ct_container_thaw(r#box: *mut ct_container, err: *mut ct_error) -> c_int;
    /// The path of a container's cgroup, for other programs and for logs.
    pub fn ct_container_cgroup(r#box: *const ct_container) -> *const c_char;
    /// Write down what it takes to find a container again.
    pub fn ct_container_save(r#box: *mut ct_container, directory: c_int, name: *const c_char, err: *mut ct_error) -> c_int;
    /// Open a container that was saved.
    pub fn ct_container_load(directory: c_int, name: *const c_char, ret_box: *mut *mut ct_container, err: *mut ct_error) -> c_int;
    /// Remove what was saved of a container that has ended, and its cgroup.
    pub fn ct_state_remove(directory: c_int, name: *const c_char, err: *mut ct_error) -> c_int;
    /// Have the containers of a spec use no devices but those of every container, and these.
    pub fn ct_spec_set_devices(spec: *mut ct_spec, devices: *const ct_device, count: usize) -> c_int;
    /// Give each container of a spec a terminal of its own.
    pub fn ct_spec_set_terminal(spec: *mut ct_spec, rows: c_uint, columns: c_uint) -> c_int;
    /// Take the master of the terminal that ct_spec_set_terminal() asked for.
    pub fn ct_container_take_terminal(r#box: *mut ct_container) -> c_int;
    /// Change the size of a terminal; the foreground in there gets SIGWINCH if it is another one.
    pub fn ct_terminal_resize(terminal: c_int, rows: c_uint, columns: c_uint, err: *mut ct_error) -> c_int;
    /// Put the caller's own terminal into raw mode.
    pub fn ct_terminal_raw(fd: c_int, ret_saved: *mut termios, err: *mut ct_error) -> c_int;
    /// Give a terminal back the modes that it had.
    pub fn ct_terminal_restore(fd: c_int, saved: *const termios, err: *mut ct_error) -> c_int;
    /// Limit the time of each container of a spec.
    pub fn ct_spec_set_time_limit(spec: *mut ct_spec, what: ct_time, ms: u64) -> c_int;
    /// Change a limit of a running container.
    pub fn ct_container_set_time_limit(r#box: *mut ct_container, what: ct_time, ms: u64, err: *mut ct_error) -> c_int;
    /// Have the container's /proc show less.
    pub fn ct_spec_set_proc(spec: *mut ct_spec, flags: u32) -> c_int;
    /// Set what the filter of the payload is: the default one, none, or nothing but the spec's rules.
    pub fn ct_spec_set_seccomp(spec: *mut ct_spec, base: ct_seccomp, flags: u32) -> c_int;
    /// Say what becomes of a system call, or of some of its uses.
    pub fn ct_spec_add_seccomp_rule(spec: *mut ct_spec, call: *const c_char, action: ct_seccomp_action, error: c_int, args: *const ct_seccomp_arg, count: usize) -> c_int;
    /// Use a ready-made filter: a classic BPF program over struct seccomp_data.
    pub fn ct_spec_set_seccomp_bpf(spec: *mut ct_spec, program: *const c_void, size_bytes: usize) -> c_int;
    /// Use a seccomp profile that is JSON.
    pub fn ct_spec_set_seccomp_json(spec: *mut ct_spec, text: *const c_char, size_bytes: usize) -> c_int;
    /// Have the payload run under an AppArmor profile.
    pub fn ct_spec_set_apparmor(spec: *mut ct_spec, profile: *const c_char) -> c_int;
    /// Have the payload run in an SELinux context.
    pub fn ct_spec_set_selinux(spec: *mut ct_spec, context: *const c_char) -> c_int;
    /// Restrict something whether or not there are rules about it.
    pub fn ct_spec_set_landlock(spec: *mut ct_spec, what: u32) -> c_int;
    /// Allow something with a file, or with all that is below a directory, and nothing elsewhere unless other rules say so.
    pub fn ct_spec_add_landlock_path(spec: *mut ct_spec, path: *const c_char, access: u64, flags: u32) -> c_int;
    /// Allow something with a TCP port, and nothing of that kind with others unless other rules say so.
    pub fn ct_spec_add_landlock_port(spec: *mut ct_spec, port: u32, access: u32) -> c_int;
    /// The ABI of landlock that is enforced for a container.
    pub fn ct_container_landlock_abi(r#box: *const ct_container) -> c_int;
    /// Take the descriptor on which a container's calls are told.
    pub fn ct_container_take_notify(r#box: *mut ct_container) -> c_int;
    /// Wait for the next call that a container makes.
    pub fn ct_notify_receive(fd: c_int, pidfd: c_int, timeout_ms: c_int, ret: *mut ct_notification, err: *mut ct_error) -> c_int;
    /// Copy memory of a program whose call waits.
    pub fn ct_notify_read(fd: c_int, what: *const ct_notification, address: u64, to: *mut c_void, size_bytes: usize, err: *mut ct_error) -> c_int;
    /// Give a program the result of its call, which the kernel does not make.
    pub fn ct_notify_answer(fd: c_int, what: *const ct_notification, error: c_int, value: i64, err: *mut ct_error) -> c_int;
    /// Let the kernel make a call after all.
    pub fn ct_notify_continue(fd: c_int, what: *const ct_notification, err: *mut ct_error) -> c_int;
    /// Give a program a copy of a descriptor while its call waits.
    pub fn ct_notify_add_fd(fd: c_int, what: *const ct_notification, source: c_int, err: *mut ct_error) -> c_int;
    /// Run a process inside a running container.
    pub fn ct_join(target: *mut ct_container, kinds: u32, flags: u32, spec: *mut ct_spec, ret_box: *mut *mut ct_container, err: *mut ct_error) -> c_int;
    /// The same for any process, by its pidfd.
    pub fn ct_join_pidfd(pidfd: c_int, kinds: u32, flags: u32, spec: *mut ct_spec, ret_box: *mut *mut ct_container, err: *mut ct_error) -> c_int;
    /// The same for any process, by its pid, with a guard against a pid that was reused.
    pub fn ct_join_pid(pid: i32, start_ticks: u64, kinds: u32, flags: u32, spec: *mut ct_spec, ret_box: *mut *mut ct_container, err: *mut ct_error) -> c_int;
    /// The same with an explicit set of namespaces instead of a target process.
    pub fn ct_join_ns(ns_fds: *const c_int, count: usize, spec: *mut ct_spec, ret_box: *mut *mut ct_container, err: *mut ct_error) -> c_int;
    /// When a process was started: with its pid it names the process for good.
    pub fn ct_pid_start_ticks(pid: i32, ret_ticks: *mut u64) -> c_int;
    /// List the namespaces of the whole system, as far as the caller can see them.
    pub fn ct_ns_list_system(kinds: u32, flags: u32, ret_list: *mut *mut ct_ns_list, err: *mut ct_error) -> c_int;
    /// List the namespaces of one process: those it is in, and those of its next children.
    pub fn ct_ns_list_pid(pid: i32, kinds: u32, flags: u32, ret_list: *mut *mut ct_ns_list, err: *mut ct_error) -> c_int;
    /// List the namespaces of a container: those of its first process.
    pub fn ct_ns_list_container(r#box: *const ct_container, kinds: u32, flags: u32, ret_list: *mut *mut ct_ns_list, err: *mut ct_error) -> c_int;
    /// How many namespaces a list has.
    pub fn ct_ns_list_count(list: *const ct_ns_list) -> usize;
    /// Read one row of a list.
    pub fn ct_ns_list_get(list: *const ct_ns_list, index: usize, ret_info: *mut ct_ns_info) -> c_int;
    /// Find a namespace by its id: the way from a row to that of its parent or owner.
    pub fn ct_ns_list_find(list: *const ct_ns_list, id: u64, ret_index: *mut usize) -> c_int;
    /// Where a namespace is mounted.
    pub fn ct_ns_list_mount_path(list: *const ct_ns_list, index: usize) -> *const c_char;
    /// How a list was made, and what was out of sight.
    pub fn ct_ns_list_stats(list: *const ct_ns_list, ret_stats: *mut ct_ns_stats) -> c_int;
    /// Write a list as text.
    pub fn ct_ns_list_to_text(list: *const ct_ns_list, format: c_int, ret_text: *mut *mut c_char) -> c_int;
    /// Free a text of ct_ns_list_to_text().
    pub fn ct_ns_text_free(text: *mut c_char);
    /// The name of a kind, as in "pid" or "mnt".
    pub fn ct_ns_kind_name(kind: u32) -> *const c_char;
    /// Free a list and the paths that it handed out.
    pub fn ct_ns_list_free(list: *mut ct_ns_list);
    /// Make a pool, with all its sandboxes.
    pub fn ct_pool_new(spec: *mut ct_spec, count: usize, ret_pool: *mut *mut ct_pool, err: *mut ct_error) -> c_int;
    /// Make sandboxes in the place of those that were taken or have died.
    pub fn ct_pool_refill(pool: *mut ct_pool, most: usize, err: *mut ct_error) -> c_int;
    /// How many sandboxes wait.
    pub fn ct_pool_ready(pool: *mut ct_pool) -> c_int;
    /// A descriptor that is readable while sandboxes are missing because they were taken: there is something to refill.
    pub fn ct_pool_fd(pool: *const ct_pool) -> c_int;
    /// Start a container in a sandbox of the pool.
    pub fn ct_pool_take(pool: *mut ct_pool, payload: *const ct_payload, ret_box: *mut *mut ct_container, err: *mut ct_error) -> c_int;
    /// Free a pool: sandboxes that wait are ended.
    pub fn ct_pool_free(pool: *mut ct_pool);
    /// Look at the machine once, as this caller.
    pub fn ct_probe_new(ret_probe: *mut *mut ct_probe, err: *mut ct_error) -> c_int;
    /// Look at a directory: what its filesystem can do for a root filesystem or a layer.
    pub fn ct_probe_path(path: *const c_char, ret_probe: *mut *mut ct_probe, err: *mut ct_error) -> c_int;
    /// How many facts a probe has.
    pub fn ct_probe_count(probe: *const ct_probe) -> usize;
    /// Read a fact by its place.
    pub fn ct_probe_get(probe: *const ct_probe, index: usize, ret_info: *mut ct_probe_info) -> c_int;
    /// Read a fact by what it is.
    pub fn ct_probe_find(probe: *const ct_probe, fact: c_int, ret_info: *mut ct_probe_info) -> c_int;
    /// Write the facts as an aligned table for people.
    pub fn ct_probe_to_text(probe: *const ct_probe, ret_text: *mut *mut c_char) -> c_int;
    /// Write the facts for programs: one object with an array "facts", valid JSON in UTF-8.
    pub fn ct_probe_to_json(probe: *const ct_probe, ret_text: *mut *mut c_char) -> c_int;
    /// Free a text of ct_probe_to_text() or ct_probe_to_json().
    pub fn ct_probe_text_free(text: *mut c_char);
    /// Free a probe.
    pub fn ct_probe_free(probe: *mut ct_probe);
    /// The version of the library that is linked at run time.
    pub fn ct_version() -> *const c_char;
}
