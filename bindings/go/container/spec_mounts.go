package container

import (
	"os"
)

// #include "glue.h"
import "C"

// AddBind binds a file or directory of the host into the container. The source is opened now.
func (s *Spec) AddBind(source, target string, flags MountFlag) *Spec {
	return s.set(func(spec *C.ct_spec, m *memory) C.int {
		return C.ct_spec_add_bind(spec, m.text(source), m.text(target), C.uint32_t(flags))
	})
}

// AddBindFile does so with an open file or directory, which may be closed afterwards.
func (s *Spec) AddBindFile(file *os.File, target string, flags MountFlag) *Spec {
	return s.setFile(file, func(spec *C.ct_spec, m *memory, fd C.int) C.int {
		return C.ct_spec_add_bind_fd(spec, fd, m.text(target), C.uint32_t(flags))
	})
}

// AddTmpfs mounts an empty filesystem in memory; 0 bytes: half of the machine's.
func (s *Spec) AddTmpfs(target string, bytes uint64, mode uint32, flags MountFlag) *Spec {
	return s.set(func(spec *C.ct_spec, m *memory) C.int {
		return C.ct_spec_add_tmpfs(spec, m.text(target), C.uint64_t(bytes), C.mode_t(mode), C.uint32_t(flags))
	})
}

// AddFilesystem mounts a new filesystem of any type that the kernel lets the container mount.
func (s *Spec) AddFilesystem(kind, target, options string, flags MountFlag) *Spec {
	return s.set(func(spec *C.ct_spec, m *memory) C.int {
		return C.ct_spec_add_filesystem(spec, m.text(kind), m.text(target), m.optional(options), C.uint32_t(flags))
	})
}

// AddOverlay mounts what is in upper over what is in the lower directories, the topmost first.
// Without upper and work ("") it is read-only.
func (s *Spec) AddOverlay(lowers []string, upper, work, target string, flags MountFlag) *Spec {
	return s.set(func(spec *C.ct_spec, m *memory) C.int {
		return C.ct_spec_add_overlay(spec, m.texts(lowers), m.optional(upper), m.optional(work), m.text(target),
			C.uint32_t(flags))
	})
}

// AddFile puts a file of the given content at a path inside, over what may be there.
func (s *Spec) AddFile(data []byte, target string, mode uint32) *Spec {
	return s.set(func(spec *C.ct_spec, m *memory) C.int {
		return C.ct_spec_add_file(spec, m.bytes(data), C.size_t(len(data)), m.text(target), C.mode_t(mode))
	})
}

// AddFileFrom does so with what is read from a file, now, up to its end.
func (s *Spec) AddFileFrom(file *os.File, target string, mode uint32) *Spec {
	return s.setFile(file, func(spec *C.ct_spec, m *memory, fd C.int) C.int {
		return C.ct_spec_add_file_fd(spec, fd, m.text(target), C.mode_t(mode))
	})
}

// AddMaskedPath hides a path from the container.
func (s *Spec) AddMaskedPath(path string) *Spec {
	return s.set(func(spec *C.ct_spec, m *memory) C.int { return C.ct_spec_add_masked_path(spec, m.text(path)) })
}

// AddReadonlyPath makes a path read-only for the container.
func (s *Spec) AddReadonlyPath(path string) *Spec {
	return s.set(func(spec *C.ct_spec, m *memory) C.int { return C.ct_spec_add_readonly_path(spec, m.text(path)) })
}

// ClearPaths forgets the masked and read-only paths, the default ones too: a loosening.
func (s *Spec) ClearPaths() *Spec {
	return s.set(func(spec *C.ct_spec, _ *memory) C.int { return C.ct_spec_clear_paths(spec) })
}

// SetProc has the container's /proc show less.
func (s *Spec) SetProc(flags ProcFlag) *Spec {
	return s.set(func(spec *C.ct_spec, _ *memory) C.int { return C.ct_spec_set_proc(spec, C.uint32_t(flags)) })
}
