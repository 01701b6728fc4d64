package container

import (
	"os"
	"runtime"
	"syscall"
	"time"
	"unsafe"
)

// #include <stdlib.h>
// #include "glue.h"
import "C"

// Spec is what to run and how isolated. An empty one is the strict one; each loosening is one call.
//
// Setters give the spec back, so that they can be strung together. The first mistake is remembered:
// Err tells it, and so does each start. Any number of goroutines may start containers from one spec at once;
// a setter waits for them.
type Spec struct {
	handle
	mistake error // the first one that the library did not see
	prepare func(*Preparing) error
	files   []*os.File // whose descriptors the payload gets: open at each start
}

// The standard streams, for Spec.SetStdio and Container.Take.
const (
	Stdin  = 0
	Stdout = 1
	Stderr = 2
)

// NewSpec makes a spec of a root filesystem and a command. Without a root filesystem (nil) it is good for joining
// a container, or for the host's mounts (SetNSHost).
func NewSpec(root *Rootfs, argv ...string) *Spec {
	var ptr *C.ct_spec
	if code := C.ct_spec_new(&ptr); code < 0 {
		return &Spec{mistake: mistake(syscall.Errno(-code), "ct_spec_new")}
	}
	s := newSpec(ptr)
	if root != nil {
		s.SetRootfs(root)
	}
	if len(argv) > 0 {
		s.SetArgv(argv...)
	}
	return s
}

func newSpec(ptr *C.ct_spec) *Spec {
	s := &Spec{handle: handle{ptr: unsafe.Pointer(ptr)}}
	runtime.SetFinalizer(s, (*Spec).Close)
	return s
}

// Close frees the spec. Containers made from it live on. Always nil.
func (s *Spec) Close() error {
	runtime.SetFinalizer(s, nil)
	C.ct_spec_free((*C.ct_spec)(s.close()))
	return nil
}

// Err tells the first mistake that a setter met.
func (s *Spec) Err() error {
	if err := s.remembered(); err != nil {
		return err
	}
	_, err := s.call(func(spec unsafe.Pointer, err *C.ct_error) C.int {
		return C.ct_spec_check((*C.ct_spec)(spec), err)
	})
	return err
}

func (s *Spec) remembered() error {
	s.lock.RLock()
	defer s.lock.RUnlock()
	return s.mistake
}

func (s *Spec) remember(err error) {
	if s.mistake == nil {
		s.mistake = err
	}
}

// set makes a call that changes the spec; the library itself remembers what it refuses.
func (s *Spec) set(f func(spec *C.ct_spec, m *memory) C.int) *Spec {
	s.lock.Lock()
	defer s.lock.Unlock()
	var m memory
	defer m.free()
	if s.ptr == nil {
		s.remember(os.ErrClosed)
		return s
	}
	// A string with a NUL comes to the library cut off; as that is remembered, no start ever uses it.
	f((*C.ct_spec)(s.ptr), &m)
	if m.err != nil {
		s.remember(m.err)
	}
	return s
}

// setFile makes a call with the descriptor of a file, which is no longer needed afterwards.
func (s *Spec) setFile(file *os.File, f func(spec *C.ct_spec, m *memory, fd C.int) C.int) *Spec {
	return s.set(func(spec *C.ct_spec, m *memory) C.int {
		if err := hold([]*os.File{file}, func(numbers []int) { f(spec, m, C.int(numbers[0])) }); err != nil {
			m.err = err
		}
		return 0
	})
}

// borrow is for files that the payload gets: their numbers must be right at each start, so the spec refers to them.
// As os/exec does, it takes them out of non-blocking mode, which the payload would not expect.
func (s *Spec) borrow(file *os.File, f func(spec *C.ct_spec, fd C.int) C.int) *Spec {
	return s.set(func(spec *C.ct_spec, m *memory) C.int {
		if file == nil {
			m.err = os.ErrInvalid
			return 0
		}
		number := file.Fd()
		if number == ^uintptr(0) {
			m.err = os.ErrClosed
			return 0
		}
		s.files = append(s.files, file)
		return f(spec, C.int(number))
	})
}

// SetArgv sets the program and its arguments.
func (s *Spec) SetArgv(argv ...string) *Spec {
	return s.set(func(spec *C.ct_spec, m *memory) C.int { return C.ct_spec_set_argv(spec, m.texts(argv)) })
}

// SetProgram has another file executed than argv[0] names; "": argv[0] again.
func (s *Spec) SetProgram(program string) *Spec {
	return s.set(func(spec *C.ct_spec, m *memory) C.int {
		return C.ct_spec_set_program(spec, m.optional(program))
	})
}

// SetEnv sets the whole environment: "NAME=value". Nothing of the host's is passed on.
func (s *Spec) SetEnv(env ...string) *Spec {
	return s.set(func(spec *C.ct_spec, m *memory) C.int { return C.ct_spec_set_env(spec, m.texts(env)) })
}

// SetCwd sets the working directory, an absolute path inside.
func (s *Spec) SetCwd(cwd string) *Spec {
	return s.set(func(spec *C.ct_spec, m *memory) C.int { return C.ct_spec_set_cwd(spec, m.text(cwd)) })
}

// SetUmask sets the umask of the payload.
func (s *Spec) SetUmask(mask os.FileMode) *Spec {
	return s.set(func(spec *C.ct_spec, _ *memory) C.int { return C.ct_spec_set_umask(spec, C.mode_t(mask)) })
}

// SetRootfs sets the root filesystem, which may be closed afterwards.
func (s *Spec) SetRootfs(root *Rootfs) *Spec {
	return s.set(func(spec *C.ct_spec, m *memory) C.int {
		if root == nil {
			return C.ct_spec_set_rootfs(spec, nil)
		}
		_, err := root.look("ct_spec_set_rootfs", func(ptr unsafe.Pointer) C.int {
			return C.ct_spec_set_rootfs(spec, (*C.ct_rootfs)(ptr))
		})
		if err == os.ErrClosed {
			m.err = err
		}
		return 0
	})
}

// SetRootMode sets how the container may use its root filesystem.
func (s *Spec) SetRootMode(mode RootMode) *Spec {
	return s.set(func(spec *C.ct_spec, _ *memory) C.int {
		return C.ct_spec_set_root_mode(spec, C.ct_root_mode(mode))
	})
}

// SetEphemeralSize bounds the memory that the changes to an ephemeral root may take, in bytes.
func (s *Spec) SetEphemeralSize(bytes uint64) *Spec {
	return s.set(func(spec *C.ct_spec, _ *memory) C.int {
		return C.ct_spec_set_ephemeral_size(spec, C.uint64_t(bytes))
	})
}

// SetStdio sets what a standard stream of the payload is: inherited, null or a pipe. See SetStdioFile.
func (s *Spec) SetStdio(stream int, what Stdio) *Spec {
	return s.set(func(spec *C.ct_spec, _ *memory) C.int {
		return C.ct_spec_set_stdio(spec, C.int(stream), C.ct_stdio(what), -1)
	})
}

// SetPipes makes pipes of all three streams, for Spec.Run, Container.Communicate and Container.Take.
func (s *Spec) SetPipes() *Spec {
	return s.SetStdio(Stdin, StdioPipe).SetStdio(Stdout, StdioPipe).SetStdio(Stderr, StdioPipe)
}

// SetStdioFile gives the payload a file as a standard stream. The file stays the caller's, and must be
// open at each start; it is taken out of non-blocking mode, as by os/exec.
func (s *Spec) SetStdioFile(stream int, file *os.File) *Spec {
	return s.borrow(file, func(spec *C.ct_spec, fd C.int) C.int {
		return C.ct_spec_set_stdio(spec, C.int(stream), C.CT_STDIO_FD, fd)
	})
}

// MapFile gives the payload a file under a number of 3 to 1023. It stays the caller's, as for SetStdioFile.
func (s *Spec) MapFile(file *os.File, target int) *Spec {
	return s.borrow(file, func(spec *C.ct_spec, fd C.int) C.int {
		return C.ct_spec_map_fd(spec, fd, C.int(target))
	})
}

// SetTerminal gives each container a terminal of its own: Container.TakeTerminal. 0 and 0: none.
func (s *Spec) SetTerminal(rows, columns uint) *Spec {
	return s.set(func(spec *C.ct_spec, _ *memory) C.int {
		return C.ct_spec_set_terminal(spec, C.uint(rows), C.uint(columns))
	})
}

// SetInit has an init beside the payload that reaps, passes signals on and tells the payload's end exactly.
func (s *Spec) SetInit(on bool) *Spec {
	return s.set(func(spec *C.ct_spec, _ *memory) C.int { return C.ct_spec_set_init(spec, truth(on)) })
}

// SetTimeLimit limits how long a container may last, or compute; NoLimit: no limit.
func (s *Spec) SetTimeLimit(what TimeLimit, most time.Duration) *Spec {
	return s.set(func(spec *C.ct_spec, _ *memory) C.int {
		return C.ct_spec_set_time_limit(spec, C.ct_time(what), limitOf(most))
	})
}

// SetExactRSS has the exit record tell the peak memory of the payload in every case, at the cost of one more fork.
func (s *Spec) SetExactRSS(on bool) *Spec {
	return s.set(func(spec *C.ct_spec, _ *memory) C.int { return C.ct_spec_set_exact_rss(spec, truth(on)) })
}

// AllowLack lets containers start without what this machine cannot give: Lack of each item, or LackAll.
func (s *Spec) AllowLack(items uint64) *Spec {
	return s.set(func(spec *C.ct_spec, _ *memory) C.int {
		return C.ct_spec_allow_lack(spec, C.uint64_t(items))
	})
}
