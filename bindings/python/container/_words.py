"""Numbers that have names in C. Written by declare.py from include/container; do not edit."""
import enum
from typing import Any


class _Known(enum.IntEnum):
    """Numbers of a newer library than this are members too, without a name of their own."""

    @classmethod
    def _missing_(cls, value: object) -> Any:
        if not isinstance(value, int):
            return None
        member = int.__new__(cls, value)
        member._name_ = f"UNKNOWN_{value}"
        member._value_ = value
        return member


class Step(_Known):
    """ct_step"""

    NONE = 0
    ARGUMENT = 1
    MEMORY = 2
    ARCHIVE = 3
    ENTRY = 4
    WRITE = 5
    QUOTA = 6
    CANCEL = 7
    DESTINATION = 8
    COMMIT = 9
    REMOVE = 10
    ROOTFS = 11
    PLAN = 12
    STDIO = 13
    CLONE = 14
    STAGE = 15
    IDMAP = 16
    NAMESPACE = 17
    SESSION = 18
    HOSTNAME = 19
    LOOPBACK = 20
    SYSCTL = 21
    PROPAGATION = 22
    ROOT = 23
    MOUNT = 24
    DEVICE = 25
    FILE = 26
    MASK = 27
    READONLY = 28
    PIVOT = 29
    RLIMIT = 30
    OOM_SCORE = 31
    CAPABILITY = 32
    IDENTITY = 33
    CWD = 34
    DESCRIPTOR = 35
    PROGRAM = 36
    EXEC = 37
    START = 38
    WAIT = 39
    KILL = 40
    DETACH = 41
    KEEPER = 42
    LIST = 43
    TARGET = 44
    CGROUP = 45
    LIMIT = 46
    PROBE = 47
    OWNERS = 48
    SECCOMP = 49
    INSIDE = 50
    TERMINAL = 51
    STATE = 52
    LANDLOCK = 53
    LABEL = 54


class Owners(_Known):
    """ct_owners"""

    CALLER = 0
    REAL = 1
    MAPPED = 2
    RECORDED = 3


class RootMode(_Known):
    """ct_root_mode"""

    WRITABLE = 0
    READONLY = 1
    EPHEMERAL = 2


class Idmap(_Known):
    """ct_idmap"""

    OWN = 0
    SUBIDS = 1
    PRIVATE = 2


class Stdio(_Known):
    """ct_stdio"""

    INHERIT = 0
    NULL = 1
    FD = 2
    PIPE = 3


class Oom(_Known):
    """ct_oom"""

    NONE = 0
    LIMIT = 1
    HOST = 2


class End(_Known):
    """ct_end"""

    EXIT = 0
    SIGNAL = 1
    ASKED = 2
    WALL = 3
    CPU = 4
    OOM = 5
    SECCOMP = 6
    UNWATCHED = 7
    LOST = 8


class EventKind(_Known):
    """ct_event_kind"""

    STARTED = 1
    EXITED = 2
    OOM_KILL = 3
    MEMORY_MAX = 4
    MEMORY_HIGH = 5
    PIDS_MAX = 6
    FROZEN = 7
    THAWED = 8
    TIME_LIMIT = 9


class Item(_Known):
    """ct_item"""

    NS_USER = 1
    NS_MNT = 2
    NS_PID = 3
    NS_NET = 4
    NS_IPC = 5
    NS_UTS = 6
    NS_CGROUP = 7
    NS_TIME = 8
    IDMAP = 9
    IDMAPPED_ROOT = 10
    ROOT = 11
    EPHEMERAL = 12
    PROC = 13
    SYS = 14
    MQUEUE = 15
    MASKED = 16
    READONLY = 17
    CAPS = 18
    NO_NEW_PRIVS = 19
    GROUPS = 20
    KEYRING = 21
    RLIMITS = 22
    OOM_SCORE = 23
    SYSCTLS = 24
    HOSTNAME = 25
    LOOPBACK = 26
    SECCOMP = 27
    LANDLOCK = 28
    CGROUP = 29
    LABEL = 30


class ItemState(_Known):
    """ct_item_state"""

    NOT_ASKED = 0
    ENFORCED = 1
    LACKING = 2


class Limit(_Known):
    """ct_limit"""

    MEMORY_MAX = 1
    MEMORY_HIGH = 2
    MEMORY_LOW = 3
    MEMORY_MIN = 4
    SWAP_MAX = 5
    OOM_GROUP = 6
    CPU_MAX = 7
    CPU_WEIGHT = 8
    PIDS_MAX = 9
    IO_WEIGHT = 10
    IO_READ_BYTES = 11
    IO_WRITE_BYTES = 12
    IO_READS = 13
    IO_WRITES = 14
    HUGETLB_MAX = 15


class Time(_Known):
    """ct_time"""

    WALL = 1
    CPU = 2


class Seccomp(_Known):
    """ct_seccomp"""

    DEFAULT = 0
    OFF = 1
    OPEN = 2
    CLOSED = 3


class SeccompAction(_Known):
    """ct_seccomp_action"""

    ALLOW = 0
    ERRNO = 1
    KILL = 2
    TRAP = 3
    WARN = 4
    NOTIFY = 5


class SeccompCompare(_Known):
    """ct_seccomp_compare"""

    EQ = 0
    NE = 1
    LT = 2
    LE = 3
    GT = 4
    GE = 5


class NsKeeper(_Known):
    """ct_ns_keeper"""

    UNKNOWN = 0
    PROCESS = 1
    FOR_CHILDREN = 2
    DESCRIPTOR = 3
    MOUNT = 4
    NAMESPACE = 5


class NsFormat(_Known):
    """ct_ns_format"""

    TABLE = 0
    TREE = 1
    LINKS = 2
    JSON = 3


class Fact(_Known):
    """ct_fact"""

    KERNEL = 1
    ARCHITECTURE = 2
    SECURITY_MODULES = 3
    CAP_SYS_ADMIN = 100
    OUTSIDE_CHROOT = 101
    MAPPED_IDS = 102
    SETUID_PROGRAMS = 103
    NO_OUTER_FILTER = 104
    USER_NS = 200
    USER_NS_RIGHTS = 201
    USER_NS_NESTED = 202
    USERNS_CLONE = 203
    APPARMOR_USERNS = 204
    SETGROUPS = 205
    MAX_USER_NS = 300
    MAX_MNT_NS = 301
    MAX_UTS_NS = 302
    MAX_IPC_NS = 303
    MAX_NET_NS = 304
    MAX_CGROUP_NS = 305
    MAX_TIME_NS = 306
    MAX_PID_NS = 307
    MNT_NS = 400
    UTS_NS = 401
    IPC_NS = 402
    NET_NS = 403
    CGROUP_NS = 404
    TIME_NS = 405
    PID_NS = 406
    USER_MNT_NS = 500
    USER_UTS_NS = 501
    USER_IPC_NS = 502
    USER_NET_NS = 503
    USER_CGROUP_NS = 504
    USER_TIME_NS = 505
    USER_PID_NS = 506
    SUBUIDS = 600
    SUBGIDS = 601
    NEWUIDMAP = 602
    NEWGIDMAP = 603
    CGROUP_VERSION = 700
    CGROUP_CONTROLLERS = 701
    CGROUP_DELEGATION = 702
    CGROUP_KILL = 703
    CLONE_INTO_CGROUP = 704
    OPEN_TREE = 800
    MOUNT_SETATTR = 801
    OVERLAY = 802
    USER_OVERLAY = 803
    USER_PROC = 804
    USER_SYSFS = 805
    IDMAPPED_ROOT = 806
    IDMAPPED_TMP = 807
    CLONE3 = 900
    CLONE_SET_TID = 901
    PIDFD_OPEN = 902
    PIDFD_GETFD = 903
    PIDFD_SETNS = 904
    CLOSE_RANGE = 905
    OPENAT2 = 906
    LISTNS = 907
    MEMFD_EXEC = 908
    SECCOMP_FILTER = 1000
    SECCOMP_NOTIFY = 1001
    SECCOMP_LOG = 1002
    LANDLOCK = 1003
    PATH_FILESYSTEM = 1100
    PATH_WRITE = 1101
    PATH_EXEC = 1102
    PATH_IDMAP = 1103
    PATH_USER_XATTR = 1104
    PATH_UPPER = 1105


class ProbeState(_Known):
    """ct_probe_state"""

    UNKNOWN = 0
    WORKS = 1
    LACKS = 2


class TraceWho(_Known):
    """ct_trace_who"""

    HOST = 0
    CHILD = 1


class Namespace(enum.IntFlag):
    """CT_NS_*"""

    TIME = 0x80
    MNT = 0x20000
    CGROUP = 0x2000000
    UTS = 0x4000000
    IPC = 0x8000000
    USER = 0x10000000
    PID = 0x20000000
    NET = 0x40000000
    ALL = 0x7e020080


class Extract(enum.IntFlag):
    """CT_EXTRACT_*"""

    KEEP_DEVICES = 0x1
    KEEP_SETUID = 0x2
    KEEP_FILE_CAPS = 0x4
    KEEP_XATTRS = 0x8
    NO_XATTRS = 0x10
    NO_OWNER = 0x20
    STRIP_AUTO = 0x40
    ANY_FORMAT = 0x80
    REPLACE = 0x100
    SYNC = 0x200
    NO_RECORDS = 0x400
    TRUSTED = 0xf


class Image(enum.IntFlag):
    """CT_IMAGE_*"""

    SUID = 0x1


class Mount(enum.IntFlag):
    """CT_MOUNT_*"""

    READONLY = 0x1
    NOEXEC = 0x2
    SUID = 0x4
    DEV = 0x8
    NO_SUBMOUNTS = 0x10
    OPTIONAL = 0x20
    IDMAP = 0x40


class JoinFlag(enum.IntFlag):
    """CT_JOIN_*"""

    NO_CGROUP = 0x1
    NO_SECCOMP = 0x2


class SeccompFlag(enum.IntFlag):
    """CT_SECCOMP_*"""

    NESTED = 0x1
    LOG = 0x2


class ProcFlag(enum.IntFlag):
    """CT_PROC_*"""

    SUBSET = 0x1
    HIDE = 0x2


class LandlockAccess(enum.IntFlag):
    """CT_LANDLOCK_*"""

    EXECUTE = 0x1
    WRITE_FILE = 0x2
    READ_FILE = 0x4
    READ_DIR = 0x8
    REMOVE_DIR = 0x10
    REMOVE_FILE = 0x20
    MAKE_CHAR = 0x40
    MAKE_DIR = 0x80
    MAKE_FILE = 0x100
    MAKE_SOCKET = 0x200
    MAKE_FIFO = 0x400
    MAKE_BLOCK = 0x800
    MAKE_SYMLINK = 0x1000
    REFER = 0x2000
    TRUNCATE = 0x4000
    IOCTL = 0x8000
    READ = 0xc
    WRITE = 0x77b2
    FILE = 0xc007
    ALL = 0xffff


class LandlockPort(enum.IntFlag):
    """CT_LANDLOCK_*"""

    BIND = 0x1
    CONNECT = 0x2


class Landlock(enum.IntFlag):
    """CT_LANDLOCK_*"""

    PATHS = 0x1
    BIND_PORTS = 0x2
    CONNECT_PORTS = 0x4
    ABSTRACT = 0x8
    SIGNALS = 0x10
    LOG = 0x20


class OutputFlag(enum.IntFlag):
    """CT_OUTPUT_*"""

    KILL = 0x1


class DeviceAccess(enum.IntFlag):
    """CT_DEVICE_*"""

    MKNOD = 0x1
    READ = 0x2
    WRITE = 0x4


class ListFlag(enum.IntFlag):
    """CT_NS_LIST_*"""

    KEEPERS = 0x1
    ALONE = 0x2


class Link(enum.IntFlag):
    """CT_NS_LINK_*"""

    OWN = 0x1
    FOR_CHILDREN = 0x2


class Unseen(enum.IntFlag):
    """CT_NS_UNSEEN_*"""

    ID = 0x1
    MEMBERS = 0x2
    PROCESS = 0x4
    OWNER = 0x8
    OWNER_UID = 0x10
    PARENT = 0x20
    KEEPER = 0x40


FOREVER = -1
UNLIMITED = 18446744073709551615
NOT_KNOWN = 18446744073709551615
PROBE_NO_NUMBER = 18446744073709551615
LACK_ALL = 2146432504
