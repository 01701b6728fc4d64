package container

import (
	"context"
	"errors"
	"os"
	"runtime"
	"sync"
	"unsafe"
)

// #include "glue.h"
import "C"

// Events is a set of containers whose events are waited for. Close it; the containers go on.
type Events struct {
	handle
	gate   gate
	known  sync.Mutex // guards what follows
	last   uintptr
	boxes  map[uintptr]*Container // what the library has is a number of ours, and no pointer of Go
	tokens map[*Container]uintptr
}

// Event is one event of a container; of a container EventExited is the last.
type Event struct {
	Kind  EventKind
	Box   *Container
	Count uint64 // how often it has happened since it was told last
}

// NewEvents makes an empty set.
func NewEvents() (*Events, error) {
	var events *C.ct_events
	_, err := checked(func(err *C.ct_error) C.int { return C.ct_events_new(&events, err) })
	if err != nil {
		return nil, err
	}
	e := &Events{handle: handle{ptr: unsafe.Pointer(events)}, gate: newGate(),
		boxes: map[uintptr]*Container{}, tokens: map[*Container]uintptr{}}
	runtime.SetFinalizer(e, (*Events).Close)
	return e, nil
}

// Close frees the set; who waits gets os.ErrClosed. Always nil.
func (e *Events) Close() error {
	runtime.SetFinalizer(e, nil)
	e.gate.close()
	C.ct_events_free((*C.ct_events)(e.close()))
	return nil
}

// Add adds a container. It stays in there, and is referred to, until its exit was told or Remove.
func (e *Events) Add(box *Container) error {
	e.known.Lock()
	e.last++
	token := e.last
	e.boxes[token] = box
	e.known.Unlock()
	box.alone.Lock()
	_, err := all([]*handle{&e.handle, &box.handle}, func(pointers []unsafe.Pointer) (int, error) {
		return checked(func(err *C.ct_error) C.int {
			return C.ct_go_events_add((*C.ct_events)(pointers[0]), (*C.ct_container)(pointers[1]), C.uintptr_t(token), err)
		})
	})
	box.alone.Unlock()
	e.known.Lock()
	defer e.known.Unlock()
	if err != nil {
		delete(e.boxes, token)
	} else if e.boxes[token] != nil { // its exit may have been told already
		e.tokens[box] = token
	}
	return err
}

// Remove takes a container out. What was not told of it is forgotten.
func (e *Events) Remove(box *Container) error {
	box.alone.Lock()
	defer box.alone.Unlock()
	_, err := all([]*handle{&e.handle, &box.handle}, func(pointers []unsafe.Pointer) (int, error) {
		return result("ct_events_remove",
			C.ct_events_remove((*C.ct_events)(pointers[0]), (*C.ct_container)(pointers[1])))
	})
	if err == nil || errors.Is(err, os.ErrClosed) { // the library has forgotten one that was closed
		e.forget(box)
	}
	return err
}

func (e *Events) forget(box *Container) {
	e.known.Lock()
	defer e.known.Unlock()
	delete(e.boxes, e.tokens[box])
	delete(e.tokens, box)
}

// Len tells how many containers are in the set.
func (e *Events) Len() int {
	e.known.Lock()
	defer e.known.Unlock()
	return len(e.boxes)
}

// Next waits for the next event, or the end of the context. Several goroutines may take events; each is told once.
func (e *Events) Next(ctx context.Context) (Event, error) {
	for {
		event, told, err := e.Poll()
		if told || err != nil {
			return event, err
		}
		if err := e.gate.wait(ctx, func() (*waiter, error) {
			return e.waiter(func(ptr unsafe.Pointer) C.int { return C.ct_events_fd((*C.ct_events)(ptr)) })
		}); err != nil {
			return Event{}, err
		}
	}
}

// Poll gives the next event, if there is one now.
func (e *Events) Poll() (event Event, told bool, err error) {
	var kind C.uint32_t
	var count C.uint64_t
	var token C.uintptr_t
	n, err := e.call(func(ptr unsafe.Pointer, err *C.ct_error) C.int {
		return C.ct_go_events_next((*C.ct_events)(ptr), &kind, &count, &token, err)
	})
	if err != nil || n == 0 {
		return Event{}, false, err
	}
	e.known.Lock()
	box := e.boxes[uintptr(token)]
	e.known.Unlock()
	event = Event{EventKind(kind), box, uint64(count)}
	if event.Kind == EventExited && box != nil {
		e.known.Lock()
		delete(e.boxes, uintptr(token))
		delete(e.tokens, box)
		e.known.Unlock()
	}
	return event, true, nil
}
