package container

import (
	"errors"
	"os"
	"runtime/cgo"
	"syscall"
	"unsafe"
)

// #include "glue.h"
//
// // Of which start the function of a spec is called: a spec is started by many threads at once.
// static _Thread_local uintptr_t current;
//
// static int take_turn(void *data, ct_container *made, ct_error *err)
// {
//	(void)data;
//	(void)err;
//	return ctGoPrepare(current, made);
// }
//
// static int set_prepare(ct_spec *spec, int on)
// {
//	return ct_spec_set_prepare(spec, on ? take_turn : NULL, NULL);
// }
//
// // Read once in each start, before its function may start others.
// static int spawn(uintptr_t call, ct_spec *spec, ct_container **box, ct_error *err)
// {
//	current = call;
//	return ct_spawn(spec, box, err);
// }
//
// static int create(uintptr_t call, ct_spec *spec, ct_container **box, ct_error *err)
// {
//	current = call;
//	return ct_create(spec, box, err);
// }
import "C"

// Preparing is a container that is being made: its root is ready, and the host's is still in its place.
// It is good until the function returns that got it; later calls give os.ErrClosed.
type Preparing struct {
	box *Container
}

// PID gives the pid of its only process: for showing, not for signals.
func (p *Preparing) PID() (int, error) {
	return p.box.PID()
}

// Pidfd gives a pidfd of that process as a file that the caller owns.
func (p *Preparing) Pidfd() (*os.File, error) {
	return p.box.Pidfd()
}

// Cgroup gives the path of its cgroup; "": it has none of its own.
func (p *Preparing) Cgroup() (string, error) {
	return p.box.Cgroup()
}

// UIDMap tells whose user ids those inside are; none if no user namespace was made for it.
func (p *Preparing) UIDMap() ([]IDRange, error) {
	return p.box.UIDMap()
}

// GIDMap tells whose group ids those inside are.
func (p *Preparing) GIDMap() ([]IDRange, error) {
	return p.box.GIDMap()
}

// Join runs a process of the host's tree in there, as Container.Join; with JoinNoSeccomp.
func (p *Preparing) Join(spec *Spec, kinds Namespace, flags JoinFlag) (*Container, error) {
	return p.box.Join(spec, kinds, flags)
}

// SetPrepare has a function called in each start when the root is ready and the host's is still in its place, to mount
// something in there, say; nil: none. It is called by the goroutine that starts, and must not use the spec. Its error
// is that of the start. A panic of it ends the start and goes on in that goroutine; it must not call runtime.Goexit.
func (s *Spec) SetPrepare(prepare func(*Preparing) error) *Spec {
	return s.set(func(spec *C.ct_spec, _ *memory) C.int {
		s.prepare = prepare
		return C.set_prepare(spec, truth(prepare != nil))
	})
}

// turn is what SetPrepare's function meets in one start; C has a cgo.Handle of it.
type turn struct {
	guarded
	prepare func(*Preparing) error
	err     error
}

// take calls the function, and gives what C is to get.
func (t *turn) take(made unsafe.Pointer) C.int {
	box := &Container{handle: handle{ptr: made}}
	defer box.close() // and not Close: C goes on with it
	if !t.guard(func() { t.err = t.prepare(&Preparing{box}) }) {
		return -C.int(syscall.ECANCELED)
	}
	var errno syscall.Errno
	switch {
	case t.err == nil:
		return 0
	case errors.As(t.err, &errno) && errno != 0:
		return -C.int(errno)
	}
	return -C.int(syscall.ECANCELED)
}

// inTurn makes a start in which SetPrepare's function may be called, and tells of what that met.
func (s *Spec) inTurn(start func(call C.uintptr_t, spec *C.ct_spec, box **C.ct_container, err *C.ct_error) C.int) (
	*Container, error) {
	t := &turn{}
	box, err := s.started(func(spec *C.ct_spec, box **C.ct_container, err *C.ct_error) C.int {
		t.prepare = s.prepare
		call := cgo.NewHandle(t)
		defer call.Delete()
		return start(C.uintptr_t(call), spec, box, err)
	})
	if t.panicked != nil {
		panic(t.panicked)
	}
	if err != nil && t.err != nil {
		return nil, t.err
	}
	return box, err
}

// Spawn starts a container, and returns when its payload is executed, or says which step failed.
func (s *Spec) Spawn() (*Container, error) {
	return s.inTurn(func(call C.uintptr_t, spec *C.ct_spec, box **C.ct_container, err *C.ct_error) C.int {
		return C.spawn(call, spec, box, err)
	})
}

// Create makes a container whose payload waits for Container.Start.
func (s *Spec) Create() (*Container, error) {
	return s.inTurn(func(call C.uintptr_t, spec *C.ct_spec, box **C.ct_container, err *C.ct_error) C.int {
		return C.create(call, spec, box, err)
	})
}
