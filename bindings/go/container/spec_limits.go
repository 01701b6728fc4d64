package container

import (
	"unsafe"
)

// #include "glue.h"
import "C"

// SetLimit limits what each container may use, in the unit of that limit; Unlimited: no limit.
func (s *Spec) SetLimit(limit Limit, value uint64) *Spec {
	return s.set(func(spec *C.ct_spec, _ *memory) C.int {
		return C.ct_spec_set_limit(spec, C.ct_limit(limit), C.uint64_t(value))
	})
}

// SetLimitOf limits what each may use of one disk, or of huge pages of one size.
func (s *Spec) SetLimitOf(limit Limit, of, value uint64) *Spec {
	return s.set(func(spec *C.ct_spec, _ *memory) C.int {
		return C.ct_spec_set_limit_of(spec, C.ct_limit(limit), C.uint64_t(of), C.uint64_t(value))
	})
}

// SetCPUs chooses the processors: "0-3,8"; "": all.
func (s *Spec) SetCPUs(cpus string) *Spec {
	return s.set(func(spec *C.ct_spec, m *memory) C.int { return C.ct_spec_set_cpus(spec, m.optional(cpus)) })
}

// SetMems chooses the memory nodes; "": all.
func (s *Spec) SetMems(mems string) *Spec {
	return s.set(func(spec *C.ct_spec, m *memory) C.int { return C.ct_spec_set_mems(spec, m.optional(mems)) })
}

// SetCgroupKey writes to a file of the container's cgroup for which there is no setter.
func (s *Spec) SetCgroupKey(key, value string) *Spec {
	return s.set(func(spec *C.ct_spec, m *memory) C.int {
		return C.ct_spec_set_cgroup_key(spec, m.text(key), m.text(value))
	})
}

// SetCgroup has each container in a cgroup of its own, although nothing is limited.
func (s *Spec) SetCgroup(on bool) *Spec {
	return s.set(func(spec *C.ct_spec, _ *memory) C.int { return C.ct_spec_set_cgroup(spec, truth(on)) })
}

// SetCgroupParent chooses below which cgroup those of the containers are made; "": the caller's own.
func (s *Spec) SetCgroupParent(parent string) *Spec {
	return s.set(func(spec *C.ct_spec, m *memory) C.int {
		return C.ct_spec_set_cgroup_parent(spec, m.optional(parent))
	})
}

// SetCgroupSystemd has them made in a scope that systemd is asked for; "": on the bus of the caller.
func (s *Spec) SetCgroupSystemd(bus string) *Spec {
	return s.set(func(spec *C.ct_spec, m *memory) C.int {
		return C.ct_spec_set_cgroup_systemd(spec, m.text(bus))
	})
}

// SetRlimit sets a resource limit (syscall.RLIMIT_*) of the payload; Unlimited: none.
func (s *Spec) SetRlimit(resource int, soft, hard uint64) *Spec {
	return s.set(func(spec *C.ct_spec, _ *memory) C.int {
		return C.ct_spec_set_rlimit(spec, C.int(resource), C.uint64_t(soft), C.uint64_t(hard))
	})
}

// SetOOMScoreAdj sets how readily the kernel kills the payload when memory is short: -1000 to 1000.
func (s *Spec) SetOOMScoreAdj(value int) *Spec {
	return s.set(func(spec *C.ct_spec, _ *memory) C.int {
		return C.ct_spec_set_oom_score_adj(spec, C.int(value))
	})
}

// Device is a device, or several, and what it may be used for: ct_device.
type Device struct {
	Type         byte // 'c' or 'b'
	Access       DeviceAccess
	Major, Minor int32 // or AnyDevice
}

// SetDevices has the containers use no devices but those of every container, and these.
func (s *Spec) SetDevices(devices ...Device) *Spec {
	return s.set(func(spec *C.ct_spec, m *memory) C.int {
		array := (*C.ct_device)(m.array(len(devices), C.sizeof_ct_device))
		for i, device := range devices {
			unsafe.Slice(array, len(devices))[i] = C.ct_device{
				_type: C.uint32_t(device.Type), access: C.uint32_t(device.Access),
				major: C.int32_t(device.Major), minor: C.int32_t(device.Minor),
			}
		}
		return C.ct_spec_set_devices(spec, array, C.size_t(len(devices)))
	})
}

// SetSeccomp sets what the filter of system calls is: the default one, none, or the rules alone.
func (s *Spec) SetSeccomp(base Seccomp, flags SeccompFlag) *Spec {
	return s.set(func(spec *C.ct_spec, _ *memory) C.int {
		return C.ct_spec_set_seccomp(spec, C.ct_seccomp(base), C.uint32_t(flags))
	})
}

// SeccompArg is a condition on one argument of a call: (argument & Mask) Compare Value. See ct_seccomp_arg.
type SeccompArg struct {
	Index   uint32
	Compare SeccompCompare
	Mask    uint64 // 0: all bits
	Value   uint64
}

// AddSeccompRule says what becomes of a system call, or of some of its uses. errno is for SeccompErrno alone.
func (s *Spec) AddSeccompRule(call string, action SeccompAction, errno int, conditions ...SeccompArg) *Spec {
	return s.set(func(spec *C.ct_spec, m *memory) C.int {
		array := (*C.ct_seccomp_arg)(m.array(len(conditions), C.sizeof_ct_seccomp_arg))
		for i, c := range conditions {
			unsafe.Slice(array, len(conditions))[i] = C.ct_seccomp_arg{
				index: C.uint32_t(c.Index), compare: C.uint32_t(c.Compare),
				mask: C.uint64_t(c.Mask), value: C.uint64_t(c.Value),
			}
		}
		return C.ct_spec_add_seccomp_rule(spec, m.text(call), C.ct_seccomp_action(action), C.int(errno), array,
			C.size_t(len(conditions)))
	})
}

// SetSeccompBPF uses a ready-made filter: a classic BPF program, 8 bytes an instruction. nil: none again.
func (s *Spec) SetSeccompBPF(program []byte) *Spec {
	return s.set(func(spec *C.ct_spec, m *memory) C.int {
		return C.ct_spec_set_seccomp_bpf(spec, m.bytes(program), C.size_t(len(program)))
	})
}

// SetSeccompJSON uses a profile that is JSON, as Docker and OCI have it.
func (s *Spec) SetSeccompJSON(profile []byte) *Spec {
	return s.set(func(spec *C.ct_spec, m *memory) C.int {
		return C.ct_spec_set_seccomp_json(spec, (*C.char)(m.bytes(profile)), C.size_t(len(profile)))
	})
}

// SetLandlock restricts something whether or not there are rules about it.
func (s *Spec) SetLandlock(what Landlock) *Spec {
	return s.set(func(spec *C.ct_spec, _ *memory) C.int { return C.ct_spec_set_landlock(spec, C.uint32_t(what)) })
}

// AddLandlockPath allows something with a file or all below a directory, and nothing elsewhere.
func (s *Spec) AddLandlockPath(path string, access LandlockAccess, flags LandlockFlag) *Spec {
	return s.set(func(spec *C.ct_spec, m *memory) C.int {
		return C.ct_spec_add_landlock_path(spec, m.text(path), C.uint64_t(access), C.uint32_t(flags))
	})
}

// AddLandlockPort allows something with a TCP port, and nothing of that kind with others.
func (s *Spec) AddLandlockPort(port uint16, access LandlockPortAccess) *Spec {
	return s.set(func(spec *C.ct_spec, _ *memory) C.int {
		return C.ct_spec_add_landlock_port(spec, C.uint32_t(port), C.uint32_t(access))
	})
}
