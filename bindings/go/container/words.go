package container

// The numbers of the C headers under their names in Go. Each is taken from the header by the compiler;
// what they mean stands there. A test looks for those that were forgotten.

// #include <container/container.h>
import "C"

// Step is where a call failed: ct_step.
type Step int32

const (
	StepNone        Step = C.CT_STEP_NONE
	StepArgument    Step = C.CT_STEP_ARGUMENT
	StepMemory      Step = C.CT_STEP_MEMORY
	StepArchive     Step = C.CT_STEP_ARCHIVE
	StepEntry       Step = C.CT_STEP_ENTRY
	StepWrite       Step = C.CT_STEP_WRITE
	StepQuota       Step = C.CT_STEP_QUOTA
	StepCancel      Step = C.CT_STEP_CANCEL
	StepDestination Step = C.CT_STEP_DESTINATION
	StepCommit      Step = C.CT_STEP_COMMIT
	StepRemove      Step = C.CT_STEP_REMOVE
	StepRootfs      Step = C.CT_STEP_ROOTFS
	StepPlan        Step = C.CT_STEP_PLAN
	StepStdio       Step = C.CT_STEP_STDIO
	StepClone       Step = C.CT_STEP_CLONE
	StepStage       Step = C.CT_STEP_STAGE
	StepIdmap       Step = C.CT_STEP_IDMAP
	StepNamespace   Step = C.CT_STEP_NAMESPACE
	StepSession     Step = C.CT_STEP_SESSION
	StepHostname    Step = C.CT_STEP_HOSTNAME
	StepLoopback    Step = C.CT_STEP_LOOPBACK
	StepSysctl      Step = C.CT_STEP_SYSCTL
	StepPropagation Step = C.CT_STEP_PROPAGATION
	StepRoot        Step = C.CT_STEP_ROOT
	StepMount       Step = C.CT_STEP_MOUNT
	StepDevice      Step = C.CT_STEP_DEVICE
	StepFile        Step = C.CT_STEP_FILE
	StepMask        Step = C.CT_STEP_MASK
	StepReadonly    Step = C.CT_STEP_READONLY
	StepPivot       Step = C.CT_STEP_PIVOT
	StepRlimit      Step = C.CT_STEP_RLIMIT
	StepOOMScore    Step = C.CT_STEP_OOM_SCORE
	StepCapability  Step = C.CT_STEP_CAPABILITY
	StepIdentity    Step = C.CT_STEP_IDENTITY
	StepCwd         Step = C.CT_STEP_CWD
	StepDescriptor  Step = C.CT_STEP_DESCRIPTOR
	StepProgram     Step = C.CT_STEP_PROGRAM
	StepExec        Step = C.CT_STEP_EXEC
	StepStart       Step = C.CT_STEP_START
	StepWait        Step = C.CT_STEP_WAIT
	StepKill        Step = C.CT_STEP_KILL
	StepDetach      Step = C.CT_STEP_DETACH
	StepKeeper      Step = C.CT_STEP_KEEPER
	StepList        Step = C.CT_STEP_LIST
	StepTarget      Step = C.CT_STEP_TARGET
	StepCgroup      Step = C.CT_STEP_CGROUP
	StepLimit       Step = C.CT_STEP_LIMIT
	StepProbe       Step = C.CT_STEP_PROBE
	StepOwners      Step = C.CT_STEP_OWNERS
	StepSeccomp     Step = C.CT_STEP_SECCOMP
	StepInside      Step = C.CT_STEP_INSIDE
	StepTerminal    Step = C.CT_STEP_TERMINAL
	StepState       Step = C.CT_STEP_STATE
	StepLandlock    Step = C.CT_STEP_LANDLOCK
	StepLabel       Step = C.CT_STEP_LABEL
)

// OOM tells whose memory ran out: ct_oom.
type OOM uint32

const (
	OOMNone  OOM = C.CT_OOM_NONE
	OOMLimit OOM = C.CT_OOM_LIMIT
	OOMHost  OOM = C.CT_OOM_HOST
)

// End is why a container ended: ct_end.
type End uint32

const (
	EndExit      End = C.CT_END_EXIT
	EndSignal    End = C.CT_END_SIGNAL
	EndAsked     End = C.CT_END_ASKED
	EndWall      End = C.CT_END_WALL
	EndCPU       End = C.CT_END_CPU
	EndOOM       End = C.CT_END_OOM
	EndSeccomp   End = C.CT_END_SECCOMP
	EndUnwatched End = C.CT_END_UNWATCHED
	EndLost      End = C.CT_END_LOST
)

// RootMode is how a container may use its root filesystem: ct_root_mode.
type RootMode uint32

const (
	RootWritable  RootMode = C.CT_ROOT_WRITABLE
	RootReadonly  RootMode = C.CT_ROOT_READONLY
	RootEphemeral RootMode = C.CT_ROOT_EPHEMERAL
)

// IDMap is whose ids those of a container are: ct_idmap.
type IDMap uint32

const (
	IDMapOwn     IDMap = C.CT_IDMAP_OWN
	IDMapSubids  IDMap = C.CT_IDMAP_SUBIDS
	IDMapPrivate IDMap = C.CT_IDMAP_PRIVATE
)

// Stdio is what a standard stream is: ct_stdio.
type Stdio uint32

const (
	StdioInherit Stdio = C.CT_STDIO_INHERIT
	StdioNull    Stdio = C.CT_STDIO_NULL
	StdioFd      Stdio = C.CT_STDIO_FD
	StdioPipe    Stdio = C.CT_STDIO_PIPE
)

// Limit is what a cgroup limits: ct_limit.
type Limit uint32

const (
	LimitMemoryMax    Limit = C.CT_LIMIT_MEMORY_MAX
	LimitMemoryHigh   Limit = C.CT_LIMIT_MEMORY_HIGH
	LimitMemoryLow    Limit = C.CT_LIMIT_MEMORY_LOW
	LimitMemoryMin    Limit = C.CT_LIMIT_MEMORY_MIN
	LimitSwapMax      Limit = C.CT_LIMIT_SWAP_MAX
	LimitOOMGroup     Limit = C.CT_LIMIT_OOM_GROUP
	LimitCPUMax       Limit = C.CT_LIMIT_CPU_MAX
	LimitCPUWeight    Limit = C.CT_LIMIT_CPU_WEIGHT
	LimitPidsMax      Limit = C.CT_LIMIT_PIDS_MAX
	LimitIOWeight     Limit = C.CT_LIMIT_IO_WEIGHT
	LimitIOReadBytes  Limit = C.CT_LIMIT_IO_READ_BYTES
	LimitIOWriteBytes Limit = C.CT_LIMIT_IO_WRITE_BYTES
	LimitIOReads      Limit = C.CT_LIMIT_IO_READS
	LimitIOWrites     Limit = C.CT_LIMIT_IO_WRITES
	LimitHugetlbMax   Limit = C.CT_LIMIT_HUGETLB_MAX
)

// TimeLimit is which time is limited: ct_time.
type TimeLimit uint32

const (
	TimeWall TimeLimit = C.CT_TIME_WALL
	TimeCPU  TimeLimit = C.CT_TIME_CPU
)

// EventKind is what happened: ct_event_kind.
type EventKind uint32

const (
	EventStarted    EventKind = C.CT_EVENT_STARTED
	EventExited     EventKind = C.CT_EVENT_EXITED
	EventOOMKill    EventKind = C.CT_EVENT_OOM_KILL
	EventMemoryMax  EventKind = C.CT_EVENT_MEMORY_MAX
	EventMemoryHigh EventKind = C.CT_EVENT_MEMORY_HIGH
	EventPidsMax    EventKind = C.CT_EVENT_PIDS_MAX
	EventFrozen     EventKind = C.CT_EVENT_FROZEN
	EventThawed     EventKind = C.CT_EVENT_THAWED
	EventTimeLimit  EventKind = C.CT_EVENT_TIME_LIMIT
)

// Seccomp is what holds for calls without a rule: ct_seccomp.
type Seccomp uint32

const (
	SeccompDefault Seccomp = C.CT_SECCOMP_DEFAULT
	SeccompOff     Seccomp = C.CT_SECCOMP_OFF
	SeccompOpen    Seccomp = C.CT_SECCOMP_OPEN
	SeccompClosed  Seccomp = C.CT_SECCOMP_CLOSED
)

// SeccompAction is what becomes of a call: ct_seccomp_action.
type SeccompAction uint32

const (
	SeccompAllow  SeccompAction = C.CT_SECCOMP_ALLOW
	SeccompErrno  SeccompAction = C.CT_SECCOMP_ERRNO
	SeccompKill   SeccompAction = C.CT_SECCOMP_KILL
	SeccompTrap   SeccompAction = C.CT_SECCOMP_TRAP
	SeccompWarn   SeccompAction = C.CT_SECCOMP_WARN
	SeccompNotify SeccompAction = C.CT_SECCOMP_NOTIFY
)

// SeccompCompare is how an argument is compared: ct_seccomp_compare.
type SeccompCompare uint32

const (
	SeccompEq SeccompCompare = C.CT_SECCOMP_EQ
	SeccompNe SeccompCompare = C.CT_SECCOMP_NE
	SeccompLt SeccompCompare = C.CT_SECCOMP_LT
	SeccompLe SeccompCompare = C.CT_SECCOMP_LE
	SeccompGt SeccompCompare = C.CT_SECCOMP_GT
	SeccompGe SeccompCompare = C.CT_SECCOMP_GE
)

// Item is what a container is protected by or limited to: ct_item.
type Item int32

const (
	ItemNSUser       Item = C.CT_ITEM_NS_USER
	ItemNSMnt        Item = C.CT_ITEM_NS_MNT
	ItemNSPID        Item = C.CT_ITEM_NS_PID
	ItemNSNet        Item = C.CT_ITEM_NS_NET
	ItemNSIPC        Item = C.CT_ITEM_NS_IPC
	ItemNSUTS        Item = C.CT_ITEM_NS_UTS
	ItemNSCgroup     Item = C.CT_ITEM_NS_CGROUP
	ItemNSTime       Item = C.CT_ITEM_NS_TIME
	ItemIdmap        Item = C.CT_ITEM_IDMAP
	ItemIdmappedRoot Item = C.CT_ITEM_IDMAPPED_ROOT
	ItemRoot         Item = C.CT_ITEM_ROOT
	ItemEphemeral    Item = C.CT_ITEM_EPHEMERAL
	ItemProc         Item = C.CT_ITEM_PROC
	ItemSys          Item = C.CT_ITEM_SYS
	ItemMqueue       Item = C.CT_ITEM_MQUEUE
	ItemMasked       Item = C.CT_ITEM_MASKED
	ItemReadonly     Item = C.CT_ITEM_READONLY
	ItemCaps         Item = C.CT_ITEM_CAPS
	ItemNoNewPrivs   Item = C.CT_ITEM_NO_NEW_PRIVS
	ItemGroups       Item = C.CT_ITEM_GROUPS
	ItemKeyring      Item = C.CT_ITEM_KEYRING
	ItemRlimits      Item = C.CT_ITEM_RLIMITS
	ItemOOMScore     Item = C.CT_ITEM_OOM_SCORE
	ItemSysctls      Item = C.CT_ITEM_SYSCTLS
	ItemHostname     Item = C.CT_ITEM_HOSTNAME
	ItemLoopback     Item = C.CT_ITEM_LOOPBACK
	ItemSeccomp      Item = C.CT_ITEM_SECCOMP
	ItemLandlock     Item = C.CT_ITEM_LANDLOCK
	ItemCgroup       Item = C.CT_ITEM_CGROUP
	ItemLabel        Item = C.CT_ITEM_LABEL
)

// ItemState is how it stands with an item: ct_item_state.
type ItemState int32

const (
	ItemNotAsked ItemState = C.CT_ITEM_NOT_ASKED
	ItemEnforced ItemState = C.CT_ITEM_ENFORCED
	ItemLacking  ItemState = C.CT_ITEM_LACKING
)

// Owners is how an extraction kept owners: ct_owners.
type Owners uint32

const (
	OwnersCaller   Owners = C.CT_OWNERS_CALLER
	OwnersReal     Owners = C.CT_OWNERS_REAL
	OwnersMapped   Owners = C.CT_OWNERS_MAPPED
	OwnersRecorded Owners = C.CT_OWNERS_RECORDED
)

// Keeper is what keeps a namespace alive: ct_ns_keeper.
type Keeper uint32

const (
	KeeperUnknown     Keeper = C.CT_NS_KEEPER_UNKNOWN
	KeeperProcess     Keeper = C.CT_NS_KEEPER_PROCESS
	KeeperForChildren Keeper = C.CT_NS_KEEPER_FOR_CHILDREN
	KeeperDescriptor  Keeper = C.CT_NS_KEEPER_DESCRIPTOR
	KeeperMount       Keeper = C.CT_NS_KEEPER_MOUNT
	KeeperNamespace   Keeper = C.CT_NS_KEEPER_NAMESPACE
)

// ListFormat is a form in which a list can be written: ct_ns_format.
type ListFormat int32

const (
	FormatTable ListFormat = C.CT_NS_FORMAT_TABLE
	FormatTree  ListFormat = C.CT_NS_FORMAT_TREE
	FormatLinks ListFormat = C.CT_NS_FORMAT_LINKS
	FormatJSON  ListFormat = C.CT_NS_FORMAT_JSON
)

// Fact is what a probe can be asked for: ct_fact.
type Fact uint32

const (
	FactKernel            Fact = C.CT_FACT_KERNEL
	FactArchitecture      Fact = C.CT_FACT_ARCHITECTURE
	FactSecurityModules   Fact = C.CT_FACT_SECURITY_MODULES
	FactCapSysAdmin       Fact = C.CT_FACT_CAP_SYS_ADMIN
	FactOutsideChroot     Fact = C.CT_FACT_OUTSIDE_CHROOT
	FactMappedIds         Fact = C.CT_FACT_MAPPED_IDS
	FactSetuidPrograms    Fact = C.CT_FACT_SETUID_PROGRAMS
	FactNoOuterFilter     Fact = C.CT_FACT_NO_OUTER_FILTER
	FactUserNS            Fact = C.CT_FACT_USER_NS
	FactUserNSRights      Fact = C.CT_FACT_USER_NS_RIGHTS
	FactUserNSNested      Fact = C.CT_FACT_USER_NS_NESTED
	FactUsernsClone       Fact = C.CT_FACT_USERNS_CLONE
	FactApparmorUserns    Fact = C.CT_FACT_APPARMOR_USERNS
	FactSetgroups         Fact = C.CT_FACT_SETGROUPS
	FactMaxUserNS         Fact = C.CT_FACT_MAX_USER_NS
	FactMaxMntNS          Fact = C.CT_FACT_MAX_MNT_NS
	FactMaxUTSNS          Fact = C.CT_FACT_MAX_UTS_NS
	FactMaxIPCNS          Fact = C.CT_FACT_MAX_IPC_NS
	FactMaxNetNS          Fact = C.CT_FACT_MAX_NET_NS
	FactMaxCgroupNS       Fact = C.CT_FACT_MAX_CGROUP_NS
	FactMaxTimeNS         Fact = C.CT_FACT_MAX_TIME_NS
	FactMaxPIDNS          Fact = C.CT_FACT_MAX_PID_NS
	FactMntNS             Fact = C.CT_FACT_MNT_NS
	FactUTSNS             Fact = C.CT_FACT_UTS_NS
	FactIPCNS             Fact = C.CT_FACT_IPC_NS
	FactNetNS             Fact = C.CT_FACT_NET_NS
	FactCgroupNS          Fact = C.CT_FACT_CGROUP_NS
	FactTimeNS            Fact = C.CT_FACT_TIME_NS
	FactPIDNS             Fact = C.CT_FACT_PID_NS
	FactUserMntNS         Fact = C.CT_FACT_USER_MNT_NS
	FactUserUTSNS         Fact = C.CT_FACT_USER_UTS_NS
	FactUserIPCNS         Fact = C.CT_FACT_USER_IPC_NS
	FactUserNetNS         Fact = C.CT_FACT_USER_NET_NS
	FactUserCgroupNS      Fact = C.CT_FACT_USER_CGROUP_NS
	FactUserTimeNS        Fact = C.CT_FACT_USER_TIME_NS
	FactUserPIDNS         Fact = C.CT_FACT_USER_PID_NS
	FactSubuids           Fact = C.CT_FACT_SUBUIDS
	FactSubgids           Fact = C.CT_FACT_SUBGIDS
	FactNewuidmap         Fact = C.CT_FACT_NEWUIDMAP
	FactNewgidmap         Fact = C.CT_FACT_NEWGIDMAP
	FactCgroupVersion     Fact = C.CT_FACT_CGROUP_VERSION
	FactCgroupControllers Fact = C.CT_FACT_CGROUP_CONTROLLERS
	FactCgroupDelegation  Fact = C.CT_FACT_CGROUP_DELEGATION
	FactCgroupKill        Fact = C.CT_FACT_CGROUP_KILL
	FactCloneIntoCgroup   Fact = C.CT_FACT_CLONE_INTO_CGROUP
	FactOpenTree          Fact = C.CT_FACT_OPEN_TREE
	FactMountSetattr      Fact = C.CT_FACT_MOUNT_SETATTR
	FactOverlay           Fact = C.CT_FACT_OVERLAY
	FactUserOverlay       Fact = C.CT_FACT_USER_OVERLAY
	FactUserProc          Fact = C.CT_FACT_USER_PROC
	FactUserSysfs         Fact = C.CT_FACT_USER_SYSFS
	FactIdmappedRoot      Fact = C.CT_FACT_IDMAPPED_ROOT
	FactIdmappedTmp       Fact = C.CT_FACT_IDMAPPED_TMP
	FactClone3            Fact = C.CT_FACT_CLONE3
	FactCloneSetTid       Fact = C.CT_FACT_CLONE_SET_TID
	FactPidfdOpen         Fact = C.CT_FACT_PIDFD_OPEN
	FactPidfdGetfd        Fact = C.CT_FACT_PIDFD_GETFD
	FactPidfdSetns        Fact = C.CT_FACT_PIDFD_SETNS
	FactCloseRange        Fact = C.CT_FACT_CLOSE_RANGE
	FactOpenat2           Fact = C.CT_FACT_OPENAT2
	FactListns            Fact = C.CT_FACT_LISTNS
	FactMemfdExec         Fact = C.CT_FACT_MEMFD_EXEC
	FactSeccompFilter     Fact = C.CT_FACT_SECCOMP_FILTER
	FactSeccompNotify     Fact = C.CT_FACT_SECCOMP_NOTIFY
	FactSeccompLog        Fact = C.CT_FACT_SECCOMP_LOG
	FactLandlock          Fact = C.CT_FACT_LANDLOCK
	FactPathFilesystem    Fact = C.CT_FACT_PATH_FILESYSTEM
	FactPathWrite         Fact = C.CT_FACT_PATH_WRITE
	FactPathExec          Fact = C.CT_FACT_PATH_EXEC
	FactPathIdmap         Fact = C.CT_FACT_PATH_IDMAP
	FactPathUserXattr     Fact = C.CT_FACT_PATH_USER_XATTR
	FactPathUpper         Fact = C.CT_FACT_PATH_UPPER
)

// ProbeState is what is known of a fact: ct_probe_state.
type ProbeState uint32

const (
	ProbeUnknown ProbeState = C.CT_PROBE_UNKNOWN
	ProbeWorks   ProbeState = C.CT_PROBE_WORKS
	ProbeLacks   ProbeState = C.CT_PROBE_LACKS
)

// Namespace is a kind of namespace, or several: CT_NS_*.
type Namespace uint32

const (
	NSTime   Namespace = C.CT_NS_TIME
	NSMnt    Namespace = C.CT_NS_MNT
	NSCgroup Namespace = C.CT_NS_CGROUP
	NSUTS    Namespace = C.CT_NS_UTS
	NSIPC    Namespace = C.CT_NS_IPC
	NSUser   Namespace = C.CT_NS_USER
	NSPID    Namespace = C.CT_NS_PID
	NSNet    Namespace = C.CT_NS_NET
	NSAll    Namespace = C.CT_NS_ALL
)

// ExtractFlag is what an extraction keeps: CT_EXTRACT_*.
type ExtractFlag uint32

const (
	ExtractKeepDevices  ExtractFlag = C.CT_EXTRACT_KEEP_DEVICES
	ExtractKeepSetuid   ExtractFlag = C.CT_EXTRACT_KEEP_SETUID
	ExtractKeepFileCaps ExtractFlag = C.CT_EXTRACT_KEEP_FILE_CAPS
	ExtractKeepXattrs   ExtractFlag = C.CT_EXTRACT_KEEP_XATTRS
	ExtractNoXattrs     ExtractFlag = C.CT_EXTRACT_NO_XATTRS
	ExtractNoOwner      ExtractFlag = C.CT_EXTRACT_NO_OWNER
	ExtractStripAuto    ExtractFlag = C.CT_EXTRACT_STRIP_AUTO
	ExtractAnyFormat    ExtractFlag = C.CT_EXTRACT_ANY_FORMAT
	ExtractReplace      ExtractFlag = C.CT_EXTRACT_REPLACE
	ExtractSync         ExtractFlag = C.CT_EXTRACT_SYNC
	ExtractNoRecords    ExtractFlag = C.CT_EXTRACT_NO_RECORDS
	ExtractTrusted      ExtractFlag = C.CT_EXTRACT_TRUSTED
)

// ImageFlag is how an image is mounted: CT_IMAGE_*.
type ImageFlag uint32

const (
	ImageSuid ImageFlag = C.CT_IMAGE_SUID
)

// MountFlag is how a mount is made: CT_MOUNT_*.
type MountFlag uint32

const (
	MountReadonly    MountFlag = C.CT_MOUNT_READONLY
	MountNoexec      MountFlag = C.CT_MOUNT_NOEXEC
	MountSuid        MountFlag = C.CT_MOUNT_SUID
	MountDev         MountFlag = C.CT_MOUNT_DEV
	MountNoSubmounts MountFlag = C.CT_MOUNT_NO_SUBMOUNTS
	MountOptional    MountFlag = C.CT_MOUNT_OPTIONAL
	MountIdmap       MountFlag = C.CT_MOUNT_IDMAP
)

// JoinFlag loosens a join: CT_JOIN_*.
type JoinFlag uint32

const (
	JoinNoCgroup  JoinFlag = C.CT_JOIN_NO_CGROUP
	JoinNoSeccomp JoinFlag = C.CT_JOIN_NO_SECCOMP
)

// SeccompFlag is a flag of a filter: CT_SECCOMP_*.
type SeccompFlag uint32

const (
	SeccompNested SeccompFlag = C.CT_SECCOMP_NESTED
	SeccompLog    SeccompFlag = C.CT_SECCOMP_LOG
)

// ProcFlag is what /proc leaves out: CT_PROC_*.
type ProcFlag uint32

const (
	ProcSubset ProcFlag = C.CT_PROC_SUBSET
	ProcHide   ProcFlag = C.CT_PROC_HIDE
)

// LandlockAccess is what may be done with files: CT_LANDLOCK_*.
type LandlockAccess uint64

const (
	LandlockExecute     LandlockAccess = C.CT_LANDLOCK_EXECUTE
	LandlockWriteFile   LandlockAccess = C.CT_LANDLOCK_WRITE_FILE
	LandlockReadFile    LandlockAccess = C.CT_LANDLOCK_READ_FILE
	LandlockReadDir     LandlockAccess = C.CT_LANDLOCK_READ_DIR
	LandlockRemoveDir   LandlockAccess = C.CT_LANDLOCK_REMOVE_DIR
	LandlockRemoveFile  LandlockAccess = C.CT_LANDLOCK_REMOVE_FILE
	LandlockMakeChar    LandlockAccess = C.CT_LANDLOCK_MAKE_CHAR
	LandlockMakeDir     LandlockAccess = C.CT_LANDLOCK_MAKE_DIR
	LandlockMakeFile    LandlockAccess = C.CT_LANDLOCK_MAKE_FILE
	LandlockMakeSocket  LandlockAccess = C.CT_LANDLOCK_MAKE_SOCKET
	LandlockMakeFifo    LandlockAccess = C.CT_LANDLOCK_MAKE_FIFO
	LandlockMakeBlock   LandlockAccess = C.CT_LANDLOCK_MAKE_BLOCK
	LandlockMakeSymlink LandlockAccess = C.CT_LANDLOCK_MAKE_SYMLINK
	LandlockRefer       LandlockAccess = C.CT_LANDLOCK_REFER
	LandlockTruncate    LandlockAccess = C.CT_LANDLOCK_TRUNCATE
	LandlockIoctl       LandlockAccess = C.CT_LANDLOCK_IOCTL
	LandlockRead        LandlockAccess = C.CT_LANDLOCK_READ
	LandlockWrite       LandlockAccess = C.CT_LANDLOCK_WRITE
	LandlockFile        LandlockAccess = C.CT_LANDLOCK_FILE
	LandlockAll         LandlockAccess = C.CT_LANDLOCK_ALL
)

// LandlockPortAccess is what may be done with a TCP port: CT_LANDLOCK_*.
type LandlockPortAccess uint32

const (
	LandlockBind    LandlockPortAccess = C.CT_LANDLOCK_BIND
	LandlockConnect LandlockPortAccess = C.CT_LANDLOCK_CONNECT
)

// Landlock is what is restricted: CT_LANDLOCK_*.
type Landlock uint32

const (
	LandlockPaths        Landlock = C.CT_LANDLOCK_PATHS
	LandlockBindPorts    Landlock = C.CT_LANDLOCK_BIND_PORTS
	LandlockConnectPorts Landlock = C.CT_LANDLOCK_CONNECT_PORTS
	LandlockAbstract     Landlock = C.CT_LANDLOCK_ABSTRACT
	LandlockSignals      Landlock = C.CT_LANDLOCK_SIGNALS
	LandlockLog          Landlock = C.CT_LANDLOCK_LOG
)

// LandlockFlag is a flag of a rule: CT_LANDLOCK_*.
type LandlockFlag uint32

const (
	LandlockOptional LandlockFlag = C.CT_LANDLOCK_OPTIONAL
)

// DeviceAccess is what a device is used for: CT_DEVICE_*.
type DeviceAccess uint32

const (
	DeviceMknod DeviceAccess = C.CT_DEVICE_MKNOD
	DeviceRead  DeviceAccess = C.CT_DEVICE_READ
	DeviceWrite DeviceAccess = C.CT_DEVICE_WRITE
)

// ListFlag is how much a listing looks at: CT_NS_LIST_*.
type ListFlag uint32

const (
	ListKeepers ListFlag = C.CT_NS_LIST_KEEPERS
	ListAlone   ListFlag = C.CT_NS_LIST_ALONE
)

// Link is how processes use a namespace: CT_NS_LINK_*.
type Link uint32

const (
	LinkOwn         Link = C.CT_NS_LINK_OWN
	LinkForChildren Link = C.CT_NS_LINK_FOR_CHILDREN
)

// Unseen is what of a row could not be seen: CT_NS_UNSEEN_*.
type Unseen uint32

const (
	UnseenId       Unseen = C.CT_NS_UNSEEN_ID
	UnseenMembers  Unseen = C.CT_NS_UNSEEN_MEMBERS
	UnseenProcess  Unseen = C.CT_NS_UNSEEN_PROCESS
	UnseenOwner    Unseen = C.CT_NS_UNSEEN_OWNER
	UnseenOwnerUid Unseen = C.CT_NS_UNSEEN_OWNER_UID
	UnseenParent   Unseen = C.CT_NS_UNSEEN_PARENT
	UnseenKeeper   Unseen = C.CT_NS_UNSEEN_KEEPER
)

// Unlimited takes a limit away; for a quota of an extraction: no limit.
const Unlimited uint64 = C.CT_UNLIMITED

// NotKnown is a figure that this kernel does not tell.
const NotKnown uint64 = C.CT_NOT_KNOWN

// NoNumber is the number of a fact that has none.
const NoNumber uint64 = C.CT_PROBE_NO_NUMBER

// AnyDevice stands for all numbers of a Device.
const AnyDevice = C.CT_DEVICE_ANY

// LackAll is the bit of every item that may be lacking, for Spec.AllowLack.
const LackAll uint64 = C.CT_LACK_ALL

// Lack gives the bit of an item, for Spec.AllowLack.
func Lack(item Item) uint64 {
	return 1 << uint(item)
}
