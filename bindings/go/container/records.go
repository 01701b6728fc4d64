package container

import (
	"syscall"
	"time"
)

// #include "glue.h"
import "C"

// ExitStatus is how a container ended: ct_exit.
type ExitStatus struct {
	Code       int            // 0 to 255, or -1 if a signal ended it
	Signal     syscall.Signal // that signal, or 0
	CoreDumped bool
	Lost       bool // nobody knows how: the program has reaped the process itself
	OOM        OOM
	Why        End
	Wall       time.Duration // from its start to its end
	User       time.Duration // cpu time in user mode
	System     time.Duration // and in kernel mode
	MaxRSS     uint64        // bytes; 0: not known, see Spec.SetExactRSS
	Figures    Figures       // of its cgroup, if it had one
	text       string
}

// String says it in words: "killed by signal 9 (SIGKILL): its time was over".
func (e ExitStatus) String() string {
	return e.text
}

// Success tells whether it exited with 0.
func (e ExitStatus) Success() bool {
	return e.Code == 0
}

func exitOf(how *C.ct_exit) ExitStatus {
	var text [256]C.char
	C.ct_exit_to_text(how, &text[0], C.size_t(len(text)))
	return ExitStatus{
		Code: int(how.code), Signal: syscall.Signal(how.signal), CoreDumped: how.core_dumped != 0,
		Lost: how.lost != 0, OOM: OOM(how.oom), Why: End(how.why), Wall: micros(how.wall_us),
		User: micros(how.user_us), System: micros(how.system_us), MaxRSS: uint64(how.max_rss_bytes),
		Figures: figuresOf(&how.figures), text: C.GoString(&text[0]),
	}
}

// Figures is what a container uses and has used, as ct_figures tells it: times in microseconds,
// NotKnown for what this kernel does not tell.
type Figures struct {
	CPUMicros, CPUUserMicros, CPUSystemMicros, CPUThrottledMicros, CPUThrottledCount uint64
	CPUStalledMicros                                                                 uint64
	MemoryBytes, MemoryPeakBytes, MemoryAnonBytes, MemoryFileBytes                   uint64
	MemoryStalledMicros, MemoryMaxCount, MemoryHighCount, OOMKills, SwapBytes        uint64
	PIDs, PIDsPeak, PIDsMaxCount                                                     uint64
	IOReadBytes, IOWrittenBytes, IOReads, IOWrites, IOStalledMicros                  uint64
}

func figuresOf(f *C.ct_figures) Figures {
	return Figures{
		CPUMicros: uint64(f.cpu_us), CPUUserMicros: uint64(f.cpu_user_us), CPUSystemMicros: uint64(f.cpu_system_us),
		CPUThrottledMicros: uint64(f.cpu_throttled_us), CPUThrottledCount: uint64(f.cpu_throttled_count),
		CPUStalledMicros: uint64(f.cpu_stalled_us), MemoryBytes: uint64(f.memory_bytes),
		MemoryPeakBytes: uint64(f.memory_peak_bytes), MemoryAnonBytes: uint64(f.memory_anon_bytes),
		MemoryFileBytes: uint64(f.memory_file_bytes), MemoryStalledMicros: uint64(f.memory_stalled_us),
		MemoryMaxCount: uint64(f.memory_max_count), MemoryHighCount: uint64(f.memory_high_count),
		OOMKills: uint64(f.oom_kills), SwapBytes: uint64(f.swap_bytes), PIDs: uint64(f.pids),
		PIDsPeak: uint64(f.pids_peak), PIDsMaxCount: uint64(f.pids_max_count), IOReadBytes: uint64(f.io_read_bytes),
		IOWrittenBytes: uint64(f.io_written_bytes), IOReads: uint64(f.io_reads), IOWrites: uint64(f.io_writes),
		IOStalledMicros: uint64(f.io_stalled_us),
	}
}

// Disk is what a container has done with one disk: ct_io.
type Disk struct {
	Major, Minor                           uint32
	ReadBytes, WrittenBytes, Reads, Writes uint64
}

// IDRange says that ids from Inside on are those from Outside on.
type IDRange struct {
	Inside, Outside, Count uint32
}

// Protection is how it stands with one item of a container: ct_protection.
type Protection struct {
	Item  Item
	State ItemState
	Count int    // of ItemLacking: how many parts are lacking
	Why   *Error // of the first of them; else nil
}

// String gives the name of an item, as in "masked paths".
func (i Item) String() string {
	return C.GoString(C.ct_item_name(C.int(i)))
}
