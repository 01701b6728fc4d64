package container

import (
	"os"
	"unsafe"
)

// #include "glue.h"
import "C"

// started makes a call that gives a container. It holds a thread for the milliseconds of a start.
func (s *Spec) started(f func(spec *C.ct_spec, box **C.ct_container, err *C.ct_error) C.int) (*Container, error) {
	if err := s.remembered(); err != nil {
		return nil, err
	}
	s.lock.RLock()
	files := s.files
	s.lock.RUnlock()
	var box *C.ct_container
	var failed error
	held := hold(files, func([]int) {
		_, failed = s.call(func(ptr unsafe.Pointer, err *C.ct_error) C.int {
			return f((*C.ct_spec)(ptr), &box, err)
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

// Exec runs one more process inside the container, confined as that is: Join without any choice.
func (c *Container) Exec(spec *Spec) (*Container, error) {
	return c.Join(spec, 0, 0)
}

// Join runs one more process in the container's namespaces of these kinds; 0: in all.
func (c *Container) Join(spec *Spec, kinds Namespace, flags JoinFlag) (*Container, error) {
	c.lock.RLock()
	defer c.lock.RUnlock()
	if c.ptr == nil {
		return nil, os.ErrClosed
	}
	return spec.started(func(what *C.ct_spec, made **C.ct_container, err *C.ct_error) C.int {
		return C.ct_join((*C.ct_container)(c.ptr), C.uint32_t(kinds), C.uint32_t(flags), what, made, err)
	})
}

// JoinPID does so with any process. startTicks, of StartTicks, guards against a reused pid; 0: no guard.
func JoinPID(pid int, startTicks uint64, spec *Spec, kinds Namespace, flags JoinFlag) (*Container, error) {
	return spec.started(func(what *C.ct_spec, made **C.ct_container, err *C.ct_error) C.int {
		return C.ct_join_pid(C.pid_t(pid), C.uint64_t(startTicks), C.uint32_t(kinds), C.uint32_t(flags), what, made, err)
	})
}

// JoinPidfd does so with any process, by its pidfd, which stays open.
func JoinPidfd(pidfd *os.File, spec *Spec, kinds Namespace, flags JoinFlag) (made *Container, err error) {
	held := hold([]*os.File{pidfd}, func(numbers []int) {
		made, err = spec.started(func(what *C.ct_spec, box **C.ct_container, err *C.ct_error) C.int {
			return C.ct_join_pidfd(C.int(numbers[0]), C.uint32_t(kinds), C.uint32_t(flags), what, box, err)
		})
	})
	if held != nil {
		return nil, held
	}
	return made, err
}

// JoinNS does so with namespaces instead of a process; the files stay open.
func JoinNS(namespaces []*os.File, spec *Spec) (made *Container, err error) {
	held := hold(namespaces, func(numbers []int) {
		array := make([]C.int, len(numbers)+1)
		for i, number := range numbers {
			array[i] = C.int(number)
		}
		made, err = spec.started(func(what *C.ct_spec, box **C.ct_container, err *C.ct_error) C.int {
			return C.ct_join_ns(&array[0], C.size_t(len(numbers)), what, box, err)
		})
	})
	if held != nil {
		return nil, held
	}
	return made, err
}

// StartTicks tells when a process was started: with its pid it names the process for good.
func StartTicks(pid int) (uint64, error) {
	var ticks C.uint64_t
	_, err := result("ct_pid_start_ticks", C.ct_pid_start_ticks(C.pid_t(pid), &ticks))
	return uint64(ticks), err
}
