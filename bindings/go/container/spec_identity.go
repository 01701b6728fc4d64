package container

import (
	"os"
	"time"
	"unsafe"
)

// #include "glue.h"
import "C"

// SetUser sets user and group of the payload, as numbers inside.
func (s *Spec) SetUser(uid, gid uint32) *Spec {
	return s.set(func(spec *C.ct_spec, _ *memory) C.int {
		return C.ct_spec_set_user(spec, C.uid_t(uid), C.gid_t(gid))
	})
}

// SetGroups sets the supplementary groups of the payload. The host's are never passed on.
func (s *Spec) SetGroups(groups ...uint32) *Spec {
	return s.set(func(spec *C.ct_spec, m *memory) C.int {
		array := (*C.gid_t)(m.array(len(groups), C.sizeof_gid_t))
		for i, group := range groups {
			unsafe.Slice(array, len(groups))[i] = C.gid_t(group)
		}
		return C.ct_spec_set_groups(spec, array, C.size_t(len(groups)))
	})
}

// SetNSNew gives the container new namespaces of these kinds.
func (s *Spec) SetNSNew(kinds Namespace) *Spec {
	return s.set(func(spec *C.ct_spec, _ *memory) C.int { return C.ct_spec_set_ns_new(spec, C.uint32_t(kinds)) })
}

// SetNSHost lets the container use the host's namespaces of these kinds: a loosening.
func (s *Spec) SetNSHost(kinds Namespace) *Spec {
	return s.set(func(spec *C.ct_spec, _ *memory) C.int { return C.ct_spec_set_ns_host(spec, C.uint32_t(kinds)) })
}

// SetNSFile puts the container into a given namespace. The file may be closed afterwards.
func (s *Spec) SetNSFile(kind Namespace, file *os.File) *Spec {
	return s.setFile(file, func(spec *C.ct_spec, _ *memory, fd C.int) C.int {
		return C.ct_spec_set_ns_fd(spec, C.uint32_t(kind), fd)
	})
}

// SetNSPath does so by the path of a namespace, which is opened now.
func (s *Spec) SetNSPath(kind Namespace, path string) *Spec {
	return s.set(func(spec *C.ct_spec, m *memory) C.int {
		return C.ct_spec_set_ns_path(spec, C.uint32_t(kind), m.text(path))
	})
}

// SetNSPID does so by a process that is in them.
func (s *Spec) SetNSPID(kinds Namespace, pid int) *Spec {
	return s.set(func(spec *C.ct_spec, _ *memory) C.int {
		return C.ct_spec_set_ns_pid(spec, C.uint32_t(kinds), C.pid_t(pid))
	})
}

// SetIDMap chooses the ids of a new user namespace; count 0: all there are.
func (s *Spec) SetIDMap(kind IDMap, count uint32) *Spec {
	return s.set(func(spec *C.ct_spec, _ *memory) C.int {
		return C.ct_spec_set_idmap(spec, C.ct_idmap(kind), C.uint32_t(count))
	})
}

// AddUIDMap maps a range of user ids of a new user namespace.
func (s *Spec) AddUIDMap(ids IDRange) *Spec {
	return s.set(func(spec *C.ct_spec, _ *memory) C.int {
		return C.ct_spec_add_uid_map(spec, C.uint32_t(ids.Inside), C.uint32_t(ids.Outside), C.uint32_t(ids.Count))
	})
}

// AddGIDMap maps a range of group ids.
func (s *Spec) AddGIDMap(ids IDRange) *Spec {
	return s.set(func(spec *C.ct_spec, _ *memory) C.int {
		return C.ct_spec_add_gid_map(spec, C.uint32_t(ids.Inside), C.uint32_t(ids.Outside), C.uint32_t(ids.Count))
	})
}

// SetTimeOffsets shifts the clocks of a new time namespace.
func (s *Spec) SetTimeOffsets(monotonic, boottime time.Duration) *Spec {
	return s.set(func(spec *C.ct_spec, _ *memory) C.int {
		return C.ct_spec_set_time_offsets(spec, C.int64_t(monotonic), C.int64_t(boottime))
	})
}

// SetHostname sets the host name; without it, it is "container".
func (s *Spec) SetHostname(name string) *Spec {
	return s.set(func(spec *C.ct_spec, m *memory) C.int { return C.ct_spec_set_hostname(spec, m.text(name)) })
}

// SetDomainname sets the NIS domain name.
func (s *Spec) SetDomainname(name string) *Spec {
	return s.set(func(spec *C.ct_spec, m *memory) C.int { return C.ct_spec_set_domainname(spec, m.text(name)) })
}

// SetSysctl sets a kernel parameter of the container's own namespaces.
func (s *Spec) SetSysctl(key, value string) *Spec {
	return s.set(func(spec *C.ct_spec, m *memory) C.int {
		return C.ct_spec_set_sysctl(spec, m.text(key), m.text(value))
	})
}

// SetLoopback brings the loopback interface of a new network namespace up, or leaves it down.
func (s *Spec) SetLoopback(on bool) *Spec {
	return s.set(func(spec *C.ct_spec, _ *memory) C.int { return C.ct_spec_set_loopback(spec, truth(on)) })
}

// AddCap adds a capability to those that root in the container has: a loosening.
func (s *Spec) AddCap(name string) *Spec {
	return s.set(func(spec *C.ct_spec, m *memory) C.int { return C.ct_spec_add_cap(spec, m.text(name)) })
}

// DropCap takes one away; "all": every one.
func (s *Spec) DropCap(name string) *Spec {
	return s.set(func(spec *C.ct_spec, m *memory) C.int { return C.ct_spec_drop_cap(spec, m.text(name)) })
}

// AddAmbientCap lets a payload that is not root have a capability: a loosening.
func (s *Spec) AddAmbientCap(name string) *Spec {
	return s.set(func(spec *C.ct_spec, m *memory) C.int { return C.ct_spec_add_ambient_cap(spec, m.text(name)) })
}

// SetNoNewPrivs says whether programs may gain rights; false is a loosening.
func (s *Spec) SetNoNewPrivs(on bool) *Spec {
	return s.set(func(spec *C.ct_spec, _ *memory) C.int { return C.ct_spec_set_no_new_privs(spec, truth(on)) })
}

// SetCoreDumps says whether payloads that crash may leave a core dump.
func (s *Spec) SetCoreDumps(on bool) *Spec {
	return s.set(func(spec *C.ct_spec, _ *memory) C.int { return C.ct_spec_set_core_dumps(spec, truth(on)) })
}

// SetAppArmor has the payload run under a profile; "": the caller's.
func (s *Spec) SetAppArmor(profile string) *Spec {
	return s.set(func(spec *C.ct_spec, m *memory) C.int {
		return C.ct_spec_set_apparmor(spec, m.optional(profile))
	})
}

// SetSELinux has the payload run in a context; "": what the policy says.
func (s *Spec) SetSELinux(context string) *Spec {
	return s.set(func(spec *C.ct_spec, m *memory) C.int {
		return C.ct_spec_set_selinux(spec, m.optional(context))
	})
}
