package container

import (
	"context"
	"os"
	"runtime"
	"time"
	"unsafe"
)

// #include "glue.h"
import "C"

// Pool is sandboxes of one spec, made ahead. Close it; containers that were taken go on.
type Pool struct {
	handle
	gate gate
}

// Payload is what a sandbox is to run. What is left out is as in the spec.
type Payload struct {
	Argv    []string
	Program string
	Env     []string // nil: as in the spec; none but not nil: empty
	Stdio   [3]*os.File
	Files   map[int]*os.File // by their numbers in there, 3 to 1023
	Limits  map[Limit]uint64 // for a spec with a cgroup
	Wall    time.Duration    // limits of time; NoLimit; 0: as in the spec
	CPU     time.Duration
}

// NewPool makes a pool with all its sandboxes. The spec may be closed afterwards.
func NewPool(spec *Spec, count int) (*Pool, error) {
	if err := spec.remembered(); err != nil {
		return nil, err
	}
	spec.lock.RLock()
	files := spec.files
	spec.lock.RUnlock()
	var pool *C.ct_pool
	var failed error
	held := hold(files, func([]int) {
		_, failed = spec.call(func(ptr unsafe.Pointer, err *C.ct_error) C.int {
			return C.ct_pool_new((*C.ct_spec)(ptr), C.size_t(count), &pool, err)
		})
	})
	if held != nil {
		return nil, held
	}
	if failed != nil {
		return nil, failed
	}
	p := &Pool{handle{ptr: unsafe.Pointer(pool)}, newGate()}
	runtime.SetFinalizer(p, func(p *Pool) { go p.Close() })
	return p, nil
}

// Close ends the sandboxes that wait; who waits in WaitMissing gets os.ErrClosed. Always nil.
func (p *Pool) Close() error {
	runtime.SetFinalizer(p, nil)
	p.gate.close()
	C.ct_pool_free((*C.ct_pool)(p.close()))
	return nil
}

// Take starts a container in a sandbox. The files of the payload stay the caller's; they are given
// as they are, so one that is non-blocking is that for the payload, too.
func (p *Pool) Take(payload Payload) (*Container, error) {
	var m memory
	defer m.free()
	made := (*C.ct_payload)(m.array(1, C.sizeof_ct_payload))
	*made = C.ct_go_payload()
	payload.fill(made, &m)
	if m.err != nil {
		return nil, m.err
	}
	var box *C.ct_container
	var failed error
	files, place := payload.files()
	held := hold(files, func(numbers []int) {
		place(made, &m, numbers)
		_, failed = p.call(func(ptr unsafe.Pointer, err *C.ct_error) C.int {
			return C.ct_pool_take((*C.ct_pool)(ptr), made, &box, err)
		})
	})
	if held != nil {
		return nil, held
	}
	if failed != nil {
		return nil, failed
	}
	return newContainer(box), nil
}

func (payload *Payload) fill(made *C.ct_payload, m *memory) {
	made.program = m.optional(payload.Program)
	if payload.Argv != nil {
		made.argv = m.texts(payload.Argv)
	}
	if payload.Env != nil {
		made.envp = m.texts(payload.Env)
	}
	count := len(payload.Limits)
	limits := (*C.ct_payload_limit)(m.array(count, C.sizeof_ct_payload_limit))
	i := 0
	for limit, value := range payload.Limits {
		unsafe.Slice(limits, count)[i] = C.ct_payload_limit{limit: C.uint32_t(limit), value: C.uint64_t(value)}
		i++
	}
	made.limits = limits
	made.limit_count = C.size_t(count)
	made.wall_ms = limitOf(payload.Wall)
	made.cpu_ms = limitOf(payload.CPU)
}

// files gives the files, and what puts their descriptors in place.
func (payload *Payload) files() ([]*os.File, func(made *C.ct_payload, m *memory, numbers []int)) {
	var files []*os.File
	var streams, targets []int
	for stream, file := range payload.Stdio {
		if file != nil {
			files = append(files, file)
			streams = append(streams, stream)
		}
	}
	for target, file := range payload.Files {
		files = append(files, file)
		targets = append(targets, target)
	}
	return files, func(made *C.ct_payload, m *memory, numbers []int) {
		for i, stream := range streams {
			made.stdio[stream] = C.int32_t(numbers[i])
		}
		fds := (*C.ct_payload_fd)(m.array(len(targets), C.sizeof_ct_payload_fd))
		for i, target := range targets {
			unsafe.Slice(fds, len(targets))[i] = C.ct_payload_fd{
				fd: C.int32_t(numbers[len(streams)+i]), target: C.int32_t(target),
			}
		}
		made.fds = fds
		made.fd_count = C.size_t(len(targets))
	}
}

// Refill makes sandboxes in the place of those that were taken or have died; most 0: all. Tells how many.
func (p *Pool) Refill(most int) (int, error) {
	return p.call(func(ptr unsafe.Pointer, err *C.ct_error) C.int {
		return C.ct_pool_refill((*C.ct_pool)(ptr), C.size_t(most), err)
	})
}

// Ready tells how many sandboxes wait.
func (p *Pool) Ready() (int, error) {
	return p.look("ct_pool_ready", func(ptr unsafe.Pointer) C.int { return C.ct_pool_ready((*C.ct_pool)(ptr)) })
}

// WaitMissing waits until sandboxes are missing because they were taken: there is something to refill.
func (p *Pool) WaitMissing(ctx context.Context) error {
	return p.gate.wait(ctx, func() (*waiter, error) {
		return p.waiter(func(ptr unsafe.Pointer) C.int { return C.ct_pool_fd((*C.ct_pool)(ptr)) })
	})
}
