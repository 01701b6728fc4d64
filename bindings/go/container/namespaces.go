package container

import (
	"runtime"
	"unsafe"
)

// #include "glue.h"
import "C"

// NamespaceInfo is one namespace: ct_ns_info.
type NamespaceInfo struct {
	Kind              Namespace
	ID                uint64 // its inode number
	OwnerNS           uint64 // id of the user namespace that owns it; 0: none or unseen
	Parent            uint64 // of a pid or user namespace; 0: other kind, none or unseen
	OwnerUID          uint32
	Links             Link
	NProcs            uint32 // processes that are in it
	NProcsForChildren uint32
	PID               int // the lowest of its members; 0: none
	UID               uint32
	Keeper            Keeper
	KeeperPID         int
	KeeperFD          int
	Unseen            Unseen
	Name              string // "pid:[4026531836]"
	Command           string // of the lowest member
	MountPath         string // where it is mounted; "": nowhere that was seen
}

// NamespaceList is a picture of one moment, ordered by id. It is memory alone, and needs no Close.
type NamespaceList struct {
	Rows  []NamespaceInfo
	Stats NamespaceStats
	handle
}

// NamespaceStats tells how a list was made, and what was out of sight: ct_ns_stats.
type NamespaceStats struct {
	Processes, Vanished, Denied, Unopened uint32
	Hidden, Listns                        bool
}

// String gives the name of a kind, as in "pid".
func (n Namespace) String() string {
	return C.GoString(C.ct_ns_kind_name(C.uint32_t(n)))
}

// ListNamespaces lists the namespaces of the whole system, as far as the caller can see them. kinds 0: all.
func ListNamespaces(kinds Namespace, flags ListFlag) (*NamespaceList, error) {
	var list *C.ct_ns_list
	_, err := checked(func(err *C.ct_error) C.int {
		return C.ct_ns_list_system(C.uint32_t(kinds), C.uint32_t(flags), &list, err)
	})
	return listed(list, err)
}

// ListNamespacesOf lists those of one process; 0: the caller, as the thread that it is on at that moment.
func ListNamespacesOf(pid int, kinds Namespace, flags ListFlag) (*NamespaceList, error) {
	var list *C.ct_ns_list
	_, err := checked(func(err *C.ct_error) C.int {
		return C.ct_ns_list_pid(C.pid_t(pid), C.uint32_t(kinds), C.uint32_t(flags), &list, err)
	})
	return listed(list, err)
}

// Namespaces lists those of the container's first process.
func (c *Container) Namespaces(kinds Namespace, flags ListFlag) (*NamespaceList, error) {
	var list *C.ct_ns_list
	_, err := c.with(func(box *C.ct_container, err *C.ct_error) C.int {
		return C.ct_ns_list_container(box, C.uint32_t(kinds), C.uint32_t(flags), &list, err)
	})
	return listed(list, err)
}

// listed copies the rows of a list; the list itself is kept for its texts.
func listed(list *C.ct_ns_list, err error) (*NamespaceList, error) {
	if err != nil {
		return nil, err
	}
	made := &NamespaceList{handle: handle{ptr: unsafe.Pointer(list)}}
	runtime.SetFinalizer(made, func(l *NamespaceList) { C.ct_ns_list_free((*C.ct_ns_list)(l.close())) })
	for i := C.size_t(0); i < C.ct_ns_list_count(list); i++ {
		info := C.ct_ns_info{size: C.sizeof_ct_ns_info}
		if _, err := result("ct_ns_list_get", C.ct_ns_list_get(list, i, &info)); err != nil {
			return nil, err
		}
		row := infoOf(&info)
		row.MountPath = C.GoString(C.ct_ns_list_mount_path(list, i))
		made.Rows = append(made.Rows, row)
	}
	stats := C.ct_ns_stats{size: C.sizeof_ct_ns_stats}
	_, err = made.look("ct_ns_list_stats", func(ptr unsafe.Pointer) C.int {
		return C.ct_ns_list_stats((*C.ct_ns_list)(ptr), &stats)
	})
	made.Stats = NamespaceStats{uint32(stats.processes), uint32(stats.vanished), uint32(stats.denied),
		uint32(stats.unopened), stats.hidden != 0, stats.listns != 0}
	return made, err
}

func infoOf(info *C.ct_ns_info) NamespaceInfo {
	return NamespaceInfo{
		Kind: Namespace(info.kind), ID: uint64(info.id), OwnerNS: uint64(info.owner_ns), Parent: uint64(info.parent),
		OwnerUID: uint32(info.owner_uid), Links: Link(info.links), NProcs: uint32(info.nprocs),
		NProcsForChildren: uint32(info.nprocs_for_children), PID: int(info.pid), UID: uint32(info.uid),
		Keeper: Keeper(info.keeper), KeeperPID: int(info.keeper_pid), KeeperFD: int(info.keeper_fd),
		Unseen: Unseen(info.unseen), Name: C.GoString(&info.name[0]), Command: C.GoString(&info.command[0]),
	}
}

// Text gives the list as a table, a tree, links or JSON.
func (l *NamespaceList) Text(format ListFormat) (string, error) {
	var text *C.char
	_, err := l.look("ct_ns_list_to_text", func(ptr unsafe.Pointer) C.int {
		return C.ct_ns_list_to_text((*C.ct_ns_list)(ptr), C.int(format), &text)
	})
	defer C.ct_ns_text_free(text)
	return C.GoString(text), err
}

// Find gives the row of an id: the way from a row to that of its parent or owner.
func (l *NamespaceList) Find(id uint64) (NamespaceInfo, bool) {
	for _, row := range l.Rows {
		if row.ID == id && id != 0 {
			return row, true
		}
	}
	return NamespaceInfo{}, false
}
