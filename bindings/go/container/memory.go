package container

import (
	"math"
	"strings"
	"syscall"
	"time"
	"unsafe"
)

// #include <stdlib.h>
// #include "glue.h"
import "C"

// memory is what a call is given of C's memory: freed when the call has come back, since the
// library copies what it keeps. No pointer into Go's memory is kept by C.
type memory struct {
	blocks []unsafe.Pointer
	err    error // a string that C would cut off
}

func (m *memory) free() {
	for _, block := range m.blocks {
		C.free(block)
	}
	m.blocks = nil
}

func (m *memory) keep(block unsafe.Pointer) unsafe.Pointer {
	m.blocks = append(m.blocks, block)
	return block
}

// text gives a string with a NUL at its end.
func (m *memory) text(s string) *C.char {
	if strings.IndexByte(s, 0) >= 0 && m.err == nil {
		m.err = mistake(syscall.EINVAL, "a string with a NUL in it")
	}
	return (*C.char)(m.keep(unsafe.Pointer(C.CString(s))))
}

// optional is the same, and NULL for "".
func (m *memory) optional(s string) *C.char {
	if s == "" {
		return nil
	}
	return m.text(s)
}

// texts gives an array of strings that ends with NULL.
func (m *memory) texts(list []string) **C.char {
	size := unsafe.Sizeof((*C.char)(nil))
	array := (**C.char)(m.keep(C.calloc(C.size_t(len(list)+1), C.size_t(size))))
	for i, s := range list {
		unsafe.Slice(array, len(list)+1)[i] = m.text(s)
	}
	return array
}

// bytes gives a copy; NULL for none.
func (m *memory) bytes(data []byte) unsafe.Pointer {
	if len(data) == 0 {
		return nil
	}
	return m.keep(C.CBytes(data))
}

// array gives zeroed room for count things.
func (m *memory) array(count int, size uintptr) unsafe.Pointer {
	if count == 0 {
		return nil
	}
	return m.keep(C.calloc(C.size_t(count), C.size_t(size)))
}

func truth(on bool) C.int {
	if on {
		return 1
	}
	return 0
}

// milliseconds rounds up, so that no time limit becomes shorter; below 0 it is C's CT_FOREVER.
func milliseconds(d time.Duration) C.int {
	if d < 0 {
		return C.CT_FOREVER
	}
	ms := (d + time.Millisecond - 1) / time.Millisecond
	if ms > math.MaxInt32 {
		return math.MaxInt32
	}
	return C.int(ms)
}

// NoLimit is the duration that takes a limit of time away.
const NoLimit time.Duration = -1

// limitOf is a limit of time in milliseconds; it is at least one, unless it is 0.
func limitOf(d time.Duration) C.uint64_t {
	if d < 0 {
		return C.CT_UNLIMITED
	}
	return C.uint64_t((d + time.Millisecond - 1) / time.Millisecond)
}

func micros(us C.uint64_t) time.Duration {
	return time.Duration(us) * time.Microsecond
}
