package container

import (
	"os"
	"sync"
	"unsafe"
)

// #include "glue.h"
import "C"

// A handle owns an object of the C library.
//
// It is freed once, by close, and never while a call uses it: calls hold the lock for reading,
// close takes it for writing. Since a call gives the lock back at its end, it also keeps the Go object alive
// that the handle is part of, as runtime.KeepAlive does; no finalizer runs before.
type handle struct {
	lock  sync.RWMutex
	ptr   unsafe.Pointer
	alone sync.Mutex // for calls that C wants one at a time; taken before lock
}

// call makes a call with the object. An error tells what the library has told.
func (h *handle) call(f func(ptr unsafe.Pointer, err *C.ct_error) C.int) (int, error) {
	h.lock.RLock()
	defer h.lock.RUnlock()
	if h.ptr == nil {
		return 0, os.ErrClosed
	}
	return checked(func(err *C.ct_error) C.int { return f(h.ptr, err) })
}

// look is for calls that have no ct_error; where names the C call.
func (h *handle) look(where string, f func(ptr unsafe.Pointer) C.int) (int, error) {
	h.lock.RLock()
	defer h.lock.RUnlock()
	if h.ptr == nil {
		return 0, os.ErrClosed
	}
	return result(where, f(h.ptr))
}

// waiter gives one for a descriptor that the object lends.
func (h *handle) waiter(descriptor func(ptr unsafe.Pointer) C.int) (*waiter, error) {
	h.lock.RLock()
	defer h.lock.RUnlock()
	if h.ptr == nil {
		return nil, os.ErrClosed
	}
	return newWaiter(int(descriptor(h.ptr)))
}

// close takes the object, after all calls that use it; nil if it was taken before.
func (h *handle) close() unsafe.Pointer {
	h.lock.Lock()
	defer h.lock.Unlock()
	ptr := h.ptr
	h.ptr = nil
	return ptr
}

// all makes a call with the objects of several handles; of a handle that is there twice, twice.
func all(handles []*handle, f func(pointers []unsafe.Pointer) (int, error)) (int, error) {
	pointers := make([]unsafe.Pointer, len(handles))
	locked := map[*handle]bool{}
	defer func() {
		for h := range locked {
			h.lock.RUnlock()
		}
	}()
	for i, h := range handles {
		// A second time in one goroutine would wait for ever if a Close waits in between.
		if !locked[h] {
			h.lock.RLock()
			locked[h] = true
		}
		if h.ptr == nil {
			return 0, os.ErrClosed
		}
		pointers[i] = h.ptr
	}
	return f(pointers)
}
