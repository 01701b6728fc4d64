// Written by bindings/rust/declare.py from include/container; do not edit.

use crate::macros::{flags, numbers};

numbers! {
    /// `ct_step`
    Step {
        /// nothing failed
        NONE = 0,
        /// an argument or a setting that cannot work
        ARGUMENT = 1,
        /// the host's own memory
        MEMORY = 2,
        /// opening or decoding the archive
        ARCHIVE = 3,
        /// an entry of the archive that is refused
        ENTRY = 4,
        /// writing an entry below the root
        WRITE = 5,
        /// a quota of the extraction was reached
        QUOTA = 6,
        /// the caller's callback asked to stop
        CANCEL = 7,
        /// the directory that receives the tree
        DESTINATION = 8,
        /// renaming the finished tree into place
        COMMIT = 9,
        /// removing a tree
        REMOVE = 10,
        /// opening a root filesystem
        ROOTFS = 11,
        /// turning the spec into a plan
        PLAN = 12,
        /// pipes and descriptors for the payload
        STDIO = 13,
        /// making the process and its namespaces
        CLONE = 14,
        /// executing the stage, or its sudden death
        STAGE = 15,
        /// user and group id maps
        IDMAP = 16,
        /// joining a given namespace
        NAMESPACE = 17,
        /// new session and keyring
        SESSION = 18,
        /// host name and domain name
        HOSTNAME = 19,
        /// bringing the loopback interface up
        LOOPBACK = 20,
        /// a kernel parameter of the container
        SYSCTL = 21,
        /// making the mounts private
        PROPAGATION = 22,
        /// attaching the root filesystem
        ROOT = 23,
        /// a mount of the spec, or a standard one
        MOUNT = 24,
        /// a node or link below /dev
        DEVICE = 25,
        /// a file given from memory or a descriptor
        FILE = 26,
        /// hiding a path
        MASK = 27,
        /// making a path read-only
        READONLY = 28,
        /// pivot_root and leaving the old root
        PIVOT = 29,
        /// a resource limit
        RLIMIT = 30,
        /// oom_score_adj
        OOM_SCORE = 31,
        /// capability sets and no_new_privs
        CAPABILITY = 32,
        /// user, group, supplementary groups
        IDENTITY = 33,
        /// working directory
        CWD = 34,
        /// mapping descriptors into the payload
        DESCRIPTOR = 35,
        /// finding the program
        PROGRAM = 36,
        /// executing the program
        EXEC = 37,
        /// letting a created container go
        START = 38,
        /// waiting for the end
        WAIT = 39,
        /// sending a signal
        KILL = 40,
        /// letting a container outlive its handle
        DETACH = 41,
        /// the process that ends containers with their host
        KEEPER = 42,
        /// listing namespaces
        LIST = 43,
        /// looking at the process to be joined, or entering its namespaces
        TARGET = 44,
        /// entering the cgroup of a process that is joined
        CGROUP = 45,
        /// the container's own cgroup, and its limits
        LIMIT = 46,
        /// looking at what works on the machine
        PROBE = 47,
        /// giving files to subordinate ids, or away from them
        OWNERS = 48,
        /// making or attaching the filter of system calls
        SECCOMP = 49,
        /// reaching into a running container
        INSIDE = 50,
        /// a terminal: the payload's, or the host's
        TERMINAL = 51,
        /// what is saved of a container
        STATE = 52,
        /// making landlock rules, or putting them in force
        LANDLOCK = 53,
        /// the label of a security module
        LABEL = 54,
    }
}

numbers! {
    /// `ct_owners`
    Owners {
        /// everything is the caller's: CT_EXTRACT_NO_OWNER
        CALLER = 0,
        /// as root: the numbers themselves
        REAL = 1,
        /// 0 is the caller, from 1 on his subordinate ids, as in CT_IDMAP_SUBIDS
        MAPPED = 2,
        /// everything is the caller's, with records of what it should be
        RECORDED = 3,
    }
}

numbers! {
    /// `ct_root_mode`
    RootMode {
        /// changes land in the rootfs itself
        WRITABLE = 0,
        /// no change is possible
        READONLY = 1,
        /// changes land in memory and go with the container; the rootfs is shared
        EPHEMERAL = 2,
    }
}

numbers! {
    /// `ct_idmap`
    Idmap {
        /// 0 inside is the caller, and there is no other id
        OWN = 0,
        /// 0 inside is the caller, from 1 on follow his subordinate ids
        SUBIDS = 1,
        /// 0 and all others inside are ids that are nobody's outside
        PRIVATE = 2,
    }
}

numbers! {
    /// `ct_oom`
    Oom {
        /// it was not, or it had no cgroup of its own to tell
        NONE = 0,
        /// its own: CT_LIMIT_MEMORY_MAX was reached
        LIMIT = 1,
        /// that of the machine, or of a cgroup above
        HOST = 2,
    }
}

numbers! {
    /// `ct_end`
    End {
        /// it exited: code
        EXIT = 0,
        /// signal ended it, sent by itself, by the kernel or by somebody
        SIGNAL = 1,
        /// the same, and this handle has sent that signal: ct_kill(), ct_stop()
        ASKED = 2,
        /// its CT_TIME_WALL was over
        WALL = 3,
        /// its CT_TIME_CPU was used up
        CPU = 4,
        /// memory ran out; oom tells whose
        OOM = 5,
        /// its filter killed it for a system call (SIGSYS)
        SECCOMP = 6,
        /// no descriptor or memory was left to watch its time
        UNWATCHED = 7,
        /// it is not known; see lost
        LOST = 8,
    }
}

numbers! {
    /// `ct_event_kind`
    EventKind {
        /// the payload was started: ct_spawn(), ct_start()
        STARTED = 1,
        /// its first process has ended; ct_wait() tells how, without waiting
        EXITED = 2,
        /// a process in there was killed because memory ran out
        OOM_KILL = 3,
        /// CT_LIMIT_MEMORY_MAX was reached; v2
        MEMORY_MAX = 4,
        /// CT_LIMIT_MEMORY_HIGH was passed; v2
        MEMORY_HIGH = 5,
        /// a fork was refused by CT_LIMIT_PIDS_MAX; v1: told when it has ended
        PIDS_MAX = 6,
        /// all its processes stand still; where v2 is mounted
        FROZEN = 7,
        /// they go on; where v2 is mounted
        THAWED = 8,
        /// it is killed because a limit of its time is over
        TIME_LIMIT = 9,
    }
}

numbers! {
    /// `ct_item`
    Item {
        /// a user namespace of its own; never lacking where it is asked for
        NS_USER = 1,
        /// a mount namespace of its own; never lacking
        NS_MNT = 2,
        /// lacking: it sees the caller's processes, and outlives its first one
        NS_PID = 3,
        /// lacking: the caller's network, with all that listens on loopback
        NS_NET = 4,
        /// lacking: the caller's System V objects and message queues
        NS_IPC = 5,
        /// lacking: the caller's host name, which is left as it is
        NS_UTS = 6,
        /// lacking: the caller's view of cgroups
        NS_CGROUP = 7,
        /// lacking: the caller's clocks
        NS_TIME = 8,
        /// ids inside that are others outside; never lacking
        IDMAP = 9,
        /// lacking: owners as they are on disk; without being asked where the caller has no right to map them: see ct_spec_set_rootfs()
        IDMAPPED_ROOT = 10,
        /// a root that was pivoted to, the old one gone; never lacking
        ROOT = 11,
        /// lacking: the rootfs is read-only, with memory on /tmp, /var/tmp, /run
        EPHEMERAL = 12,
        /// a /proc of its own; lacking: the caller's, read-only
        PROC = 13,
        /// a /sys of its own; lacking: the caller's, read-only
        SYS = 14,
        /// lacking: there is no /dev/mqueue
        MQUEUE = 15,
        /// masked paths; lacking: one or more of them can be read
        MASKED = 16,
        /// read-only paths; lacking: one or more of them can be written
        READONLY = 17,
        /// the capability sets; lacking: more, or fewer, than was asked for
        CAPS = 18,
        /// lacking: setuid programs give rights; and the kernel takes no filter then
        NO_NEW_PRIVS = 19,
        /// none of the caller's groups. Lacking, without being asked, where the kernel lets nobody drop a group: see ct_spec_set_groups()
        GROUPS = 20,
        /// lacking: the caller's session keyring
        KEYRING = 21,
        /// lacking: as high as the caller's hard limit allows
        RLIMITS = 22,
        /// lacking: the caller's
        OOM_SCORE = 23,
        /// lacking: the kernel's default for one or more
        SYSCTLS = 24,
        /// host and domain name; lacking: the caller's
        HOSTNAME = 25,
        /// lacking: the loopback interface is down
        LOOPBACK = 26,
        /// lacking: no filter of system calls but the caller's
        SECCOMP = 27,
        /// landlock rules; lacking: those that the kernel does not know, or all
        LANDLOCK = 28,
        /// a cgroup of its own; lacking: that of the caller, and no limit of it
        CGROUP = 29,
        /// the label of a security module; lacking: the caller's, or what the policy says
        LABEL = 30,
    }
}

numbers! {
    /// `ct_item_state`
    ItemState {
        /// the spec does not ask for it, or gives the caller's own
        NOT_ASKED = 0,
        ENFORCED = 1,
        /// asked for and not enforced, or not all of it
        LACKING = 2,
    }
}

numbers! {
    /// `ct_limit`
    Limit {
        /// bytes of memory, page cache included; over it the kernel kills in there
        MEMORY_MAX = 1,
        /// bytes from which on the container is slowed down to free memory; v2
        MEMORY_HIGH = 2,
        /// bytes that others' need takes last; v2
        MEMORY_LOW = 3,
        /// bytes that others' need never takes; v2
        MEMORY_MIN = 4,
        /// bytes of swap; v1: needs CT_LIMIT_MEMORY_MAX beside it
        SWAP_MAX = 5,
        /// 1: when memory runs out all its processes are killed together; v2
        OOM_GROUP = 6,
        /// thousandths of one processor, at least 10: 500 is half of one
        CPU_MAX = 7,
        /// share beside others when processors are short: 1 to 10,000; default 100
        CPU_WEIGHT = 8,
        /// processes and threads
        PIDS_MAX = 9,
        /// share of disks beside others: 1 to 10,000; default 100; v1: over 1,000 as 1,000
        IO_WEIGHT = 10,
        /// bytes a second
        IO_READ_BYTES = 11,
        /// the same of what is written through; v1: not of what is written back later
        IO_WRITE_BYTES = 12,
        /// operations a second
        IO_READS = 13,
        IO_WRITES = 14,
        /// bytes in huge pages; who touches more gets SIGBUS
        HUGETLB_MAX = 15,
    }
}

numbers! {
    /// `ct_time`
    Time {
        /// from the start of the payload on, whatever happens meanwhile: while it is frozen, too; not while the machine is suspended
        WALL = 1,
        /// the cpu time of all its processes together, from the start of the payload on. The container gets a cgroup of its own
        CPU = 2,
    }
}

numbers! {
    /// `ct_seccomp`
    Seccomp {
        /// the default filter
        DEFAULT = 0,
        /// no filter at all: a loosening
        OFF = 1,
        /// everything is allowed: a loosening
        OPEN = 2,
        /// nothing is allowed: EPERM, or ENOSYS for an unknown call
        CLOSED = 3,
    }
}

numbers! {
    /// `ct_seccomp_action`
    SeccompAction {
        /// it is made
        ALLOW = 0,
        /// it is not made, and fails with the errno of the rule
        ERRNO = 1,
        /// the process is killed by SIGSYS
        KILL = 2,
        /// it is not made, and its thread gets SIGSYS, which can be handled
        TRAP = 3,
        /// it is made, and the kernel logs it
        WARN = 4,
        /// it waits until the host has answered: container/notify.h
        NOTIFY = 5,
    }
}

numbers! {
    /// `ct_seccomp_compare`
    SeccompCompare {
        /// equal
        EQ = 0,
        /// not equal
        NE = 1,
        /// less
        LT = 2,
        /// less or equal
        LE = 3,
        /// greater
        GT = 4,
        /// greater or equal
        GE = 5,
    }
}

numbers! {
    /// `ct_ns_keeper`
    NsKeeper {
        /// nothing that was looked at (see CT_NS_LIST_KEEPERS)
        UNKNOWN = 0,
        /// a member: keeper_pid is the lowest
        PROCESS = 1,
        /// the next children of keeper_pid will be in it
        FOR_CHILDREN = 2,
        /// keeper_pid has keeper_fd open on it
        DESCRIPTOR = 3,
        /// a bind mount: ct_ns_list_mount_path()
        MOUNT = 4,
        /// another namespace is its child, or is owned by it
        NAMESPACE = 5,
    }
}

numbers! {
    /// `ct_ns_format`
    NsFormat {
        /// a line for each, for people: NS TYPE NPROCS PID UID COMMAND KEPT BY
        TABLE = 0,
        /// the same, each below its parent (pid, user) or its owner (the others)
        TREE = 1,
        /// as ls -l shows /proc/PID/ns: "pid_for_children -\> pid:\[4026531836\]"
        LINKS = 2,
        /// for programs: one object, valid JSON in UTF-8 whatever the names
        JSON = 3,
    }
}

numbers! {
    /// `ct_fact`
    Fact {
        /// value: its release, "6.1.0-18-amd64"
        KERNEL = 1,
        /// value: "x86_64"
        ARCHITECTURE = 2,
        /// value: those in force, "capability,landlock,apparmor"
        SECURITY_MODULES = 3,
        /// has it in its user namespace
        CAP_SYS_ADMIN = 100,
        /// is not in a chroot, where no user namespace can be made
        OUTSIDE_CHROOT = 101,
        /// its user and group are mapped in its user namespace
        MAPPED_IDS = 102,
        /// these give it rights: no_new_privs is not set
        SETUID_PROGRAMS = 103,
        /// no seccomp filter of an outer container applies to it
        NO_OUTER_FILTER = 104,
        /// can be made
        USER_NS = 200,
        /// ids can be mapped, and root in there has rights
        USER_NS_RIGHTS = 201,
        /// one more can be made in there
        USER_NS_NESTED = 202,
        /// kernel.unprivileged_userns_clone does not forbid it
        USERNS_CLONE = 203,
        /// kernel.apparmor_restrict_unprivileged_userns does not
        APPARMOR_USERNS = 204,
        /// setgroups(2) is not barred in the caller's
        SETGROUPS = 205,
        MAX_USER_NS = 300,
        MAX_MNT_NS = 301,
        MAX_UTS_NS = 302,
        MAX_IPC_NS = 303,
        MAX_NET_NS = 304,
        MAX_CGROUP_NS = 305,
        MAX_TIME_NS = 306,
        MAX_PID_NS = 307,
        MNT_NS = 400,
        UTS_NS = 401,
        IPC_NS = 402,
        NET_NS = 403,
        CGROUP_NS = 404,
        TIME_NS = 405,
        PID_NS = 406,
        USER_MNT_NS = 500,
        USER_UTS_NS = 501,
        USER_IPC_NS = 502,
        USER_NET_NS = 503,
        USER_CGROUP_NS = 504,
        USER_TIME_NS = 505,
        USER_PID_NS = 506,
        /// value: the caller's ranges of /etc/subuid; number: how many ids
        SUBUIDS = 600,
        /// likewise of /etc/subgid
        SUBGIDS = 601,
        /// is there and can give rights; value: its path
        NEWUIDMAP = 602,
        NEWGIDMAP = 603,
        /// value: "v1", "v2", "hybrid"
        CGROUP_VERSION = 700,
        /// value: those of the caller's cgroup
        CGROUP_CONTROLLERS = 701,
        /// the caller may make cgroups below its own; value: where
        CGROUP_DELEGATION = 702,
        /// cgroup.kill (Linux 5.14)
        CGROUP_KILL = 703,
        /// clone3 takes CLONE_INTO_CGROUP (Linux 5.7)
        CLONE_INTO_CGROUP = 704,
        /// open_tree(2) (Linux 5.2)
        OPEN_TREE = 800,
        /// mount_setattr(2) (Linux 5.12)
        MOUNT_SETATTR = 801,
        /// overlayfs, with the rights that the caller has
        OVERLAY = 802,
        /// overlayfs in a new user namespace (Linux 5.11)
        USER_OVERLAY = 803,
        /// a new procfs in new user and pid namespaces
        USER_PROC = 804,
        /// a new sysfs in new user and net namespaces
        USER_SYSFS = 805,
        /// id-mapped mounts of the filesystem of "/"
        IDMAPPED_ROOT = 806,
        /// id-mapped mounts of the filesystem of "/tmp"
        IDMAPPED_TMP = 807,
        /// clone3(2)
        CLONE3 = 900,
        /// the caller may choose the pid of a child (CRIU does)
        CLONE_SET_TID = 901,
        /// pidfd_open(2)
        PIDFD_OPEN = 902,
        /// pidfd_getfd(2) (Linux 5.6)
        PIDFD_GETFD = 903,
        /// setns(2) by a pidfd (Linux 5.8)
        PIDFD_SETNS = 904,
        /// close_range(2) (Linux 5.9)
        CLOSE_RANGE = 905,
        /// openat2(2) (Linux 5.6)
        OPENAT2 = 906,
        /// listns(2) (Linux 6.19)
        LISTNS = 907,
        /// executing from memory: vm.memfd_noexec does not forbid it
        MEMFD_EXEC = 908,
        /// a filter can let calls fail
        SECCOMP_FILTER = 1000,
        /// a filter can ask another process (Linux 5.0)
        SECCOMP_NOTIFY = 1001,
        /// a filter can log calls
        SECCOMP_LOG = 1002,
        /// number: its ABI
        LANDLOCK = 1003,
        /// value: its type, "ext4"
        PATH_FILESYSTEM = 1100,
        /// the caller may write to the directory
        PATH_WRITE = 1101,
        /// programs on it can be executed: no noexec
        PATH_EXEC = 1102,
        /// id-mapped mounts of its filesystem
        PATH_IDMAP = 1103,
        /// files keep user.\* attributes
        PATH_USER_XATTR = 1104,
        /// can take the changes of an overlay
        PATH_UPPER = 1105,
    }
}

numbers! {
    /// `ct_probe_state`
    ProbeState {
        /// it could not be found out; the reason says why
        UNKNOWN = 0,
        WORKS = 1,
        /// it does not work; reason and, where something helps, cure
        LACKS = 2,
    }
}

numbers! {
    /// `ct_trace_who`
    TraceWho {
        /// the program that called the library
        HOST = 0,
        /// the container's process, before it became the payload
        CHILD = 1,
    }
}

flags! {
    /// `CT_NS_*`
    Namespace: u32 {
        TIME = 0x80,
        MNT = 0x20000,
        CGROUP = 0x2000000,
        UTS = 0x4000000,
        IPC = 0x8000000,
        USER = 0x10000000,
        PID = 0x20000000,
        NET = 0x40000000,
        ALL = 0x7e020080,
    }
}

flags! {
    /// `CT_EXTRACT_*`
    Extract: u32 {
        /// make block and character devices; default: left out
        KEEP_DEVICES = 0x1,
        /// keep setuid and setgid bits; default: cleared
        KEEP_SETUID = 0x2,
        /// keep security.capability (with a uid shift: for that root); default: left out
        KEEP_FILE_CAPS = 0x4,
        /// keep every other xattr but trusted.overlay.\* and user.overlay.\*; default: user.\* alone
        KEEP_XATTRS = 0x8,
        /// leave out all xattrs and ACLs, whatever else is asked for; default: user.\* and ACLs are kept
        NO_XATTRS = 0x10,
        /// everything belongs to the caller, and nothing tells whose it was; default: the archive's numbers, real or recorded
        NO_OWNER = 0x20,
        /// the top folder becomes the root if it looks like one (rule: ct_rootfs_extract())
        STRIP_AUTO = 0x40,
        /// also cpio and zip; default: tar alone
        ANY_FORMAT = 0x80,
        /// an existing destination is replaced once the new tree is whole; default: refused with EEXIST
        REPLACE = 0x100,
        /// flush to disk before the tree appears; default: left to the kernel
        SYNC = 0x200,
        /// what cannot be made as asked fails the call; default: it is recorded
        NO_RECORDS = 0x400,
        TRUSTED = 0xf,
    }
}

flags! {
    /// `CT_IMAGE_*`
    Image: u32 {
        /// honour setuid, setgid and file capabilities; default: ignored
        SUID = 0x1,
    }
}

flags! {
    /// `CT_MOUNT_*`
    Mount: u32 {
        /// read-only, submounts included
        READONLY = 0x1,
        /// no program can be executed from it
        NOEXEC = 0x2,
        /// honour setuid, setgid and file capabilities
        SUID = 0x4,
        /// honour device nodes
        DEV = 0x8,
        /// bind: leave out what is mounted below the source; default: included
        NO_SUBMOUNTS = 0x10,
        /// bind: skip the mount if the source is not there; default: an error
        OPTIONAL = 0x20,
        /// bind, layers: owners are those inside: see ct_spec_set_rootfs()
        IDMAP = 0x40,
    }
}

flags! {
    /// `CT_JOIN_*`
    JoinFlag: u32 {
        /// stay in the caller's cgroup; default: the target's, or an error
        NO_CGROUP = 0x1,
        /// join without a filter though the target has one that cannot be copied, since it is not a container of this library given by its handle; default: an error, unless the spec gives a filter
        NO_SECCOMP = 0x2,
    }
}

flags! {
    /// `CT_SECCOMP_*`
    SeccompFlag: u32 {
        /// default filter: let the payload make namespaces, user namespaces among them, and mount in these: a loosening. Default: refused
        NESTED = 0x1,
        /// the kernel logs each call that is not simply allowed, as far as kernel.seccomp.actions_logged says. Default: only kills and logs
        LOG = 0x2,
    }
}

flags! {
    /// `CT_PROC_*`
    ProcFlag: u32 {
        /// all but the processes: no /proc/sys, /proc/meminfo, ...
        SUBSET = 0x1,
        /// processes that who looks may not trace, as those of other users
        HIDE = 0x2,
    }
}

flags! {
    /// `CT_LANDLOCK_*`
    LandlockAccess: u64 {
        /// executing a file; takes reading it as well
        EXECUTE = 0x1,
        /// opening a file for writing
        WRITE_FILE = 0x2,
        /// opening a file for reading
        READ_FILE = 0x4,
        /// listing a directory
        READ_DIR = 0x8,
        /// removing or renaming an empty directory
        REMOVE_DIR = 0x10,
        /// removing or renaming a file
        REMOVE_FILE = 0x20,
        /// making a character device
        MAKE_CHAR = 0x40,
        /// making a directory
        MAKE_DIR = 0x80,
        /// making a regular file
        MAKE_FILE = 0x100,
        /// making a socket
        MAKE_SOCKET = 0x200,
        /// making a FIFO
        MAKE_FIFO = 0x400,
        /// making a block device
        MAKE_BLOCK = 0x800,
        /// making a symbolic link
        MAKE_SYMLINK = 0x1000,
        /// moving and linking to another directory; ABI 2, before it is refused everywhere
        REFER = 0x2000,
        /// shortening a file; ABI 3
        TRUNCATE = 0x4000,
        /// ioctl of a device that is opened by its name; ABI 5
        IOCTL = 0x8000,
        /// reading files, listing directories
        READ = 0xc,
        /// writing, making, moving and removing, of everything but device nodes
        WRITE = 0x77b2,
        /// all that a rule about a file, not a directory, may allow
        FILE = 0xc007,
        ALL = 0xffff,
    }
}

flags! {
    /// `CT_LANDLOCK_*`
    LandlockPort: u32 {
        /// binding a socket to it; port 0: to any free one
        BIND = 0x1,
        /// connecting to it, on whatever machine
        CONNECT = 0x2,
    }
}

flags! {
    /// `CT_LANDLOCK_*`
    Landlock: u32 {
        /// files; ABI 1 to 5
        PATHS = 0x1,
        /// binding to TCP ports; ABI 4
        BIND_PORTS = 0x2,
        /// connecting to TCP ports; ABI 4
        CONNECT_PORTS = 0x4,
        /// connecting to abstract Unix sockets from outside; ABI 6
        ABSTRACT = 0x8,
        /// signals to processes from outside; ABI 6
        SIGNALS = 0x10,
        /// no restriction: what is refused goes to the audit log; ABI 7
        LOG = 0x20,
    }
}

flags! {
    /// `CT_OUTPUT_*`
    OutputFlag: u32 {
        KILL = 0x1,
    }
}

flags! {
    /// `CT_DEVICE_*`
    DeviceAccess: u32 {
        /// a node of it is made
        MKNOD = 0x1,
        READ = 0x2,
        WRITE = 0x4,
    }
}

flags! {
    /// `CT_NS_LIST_*`
    ListFlag: u32 {
        /// search all that may keep a namespace alive: the descriptors and the links for children of every process, the mounts of every mnt namespace; default: not, it may cost more than all the rest
        KEEPERS = 0x1,
        /// of a process or container: look at this one process alone, so that members are not counted; default: all are
        ALONE = 0x2,
    }
}

flags! {
    /// `CT_NS_LINK_*`
    Link: u32 {
        /// a process is in it: "pid"
        OWN = 0x1,
        /// the next children of a process will be in it: "pid_for_children", "time_for_children"
        FOR_CHILDREN = 0x2,
    }
}

flags! {
    /// `CT_NS_UNSEEN_*`
    Unseen: u32 {
        /// not even which namespace it is: only for a process whose links may not be read
        ID = 0x1,
        /// there may be more members: a process was not to be looked at, or /proc hides some
        MEMBERS = 0x2,
        /// command and uid of the lowest member: it has ended meanwhile
        PROCESS = 0x4,
        /// the owning user namespace is outside of the caller's own, or no descriptor could be had
        OWNER = 0x8,
        /// the uid of the owner, for the same reasons
        OWNER_UID = 0x10,
        /// the parent, for the same reasons
        PARENT = 0x20,
        /// nothing was found that keeps it alive
        KEEPER = 0x40,
    }
}
