package container

import (
	"context"
	"errors"
	"io"
	"runtime/cgo"
	"syscall"
	"unsafe"
)

// #include <stdint.h>
// #include <container/rootfs.h>
// #include <container/spawn.h>
import "C"

// extraction is what the callbacks of one extraction share; C has a cgo.Handle of it, which is a number.
type extraction struct {
	guarded
	ctx      context.Context
	reader   io.Reader
	progress func(Progress)
	pending  error // what the reader said together with its last bytes
	err      error // why it was cancelled, or what the reader said
}

// guarded keeps a panic, which must not run through the frames of C: it goes on behind them.
type guarded struct {
	panicked any
}

// Progress is how far an extraction has come: ct_extract_progress.
type Progress struct {
	ArchiveBytes uint64 // bytes of the archive read so far (compressed)
	ArchiveTotal uint64 // its size in bytes, or 0 where it is not known
	Bytes        uint64 // bytes of file content written so far
	Entries      uint64 // entries made so far
	Path         string // the entry at hand, as in the archive
}

// guard keeps a panic for the goroutine that called the library; tells whether there was none.
func (g *guarded) guard(f func()) (ok bool) {
	defer func() {
		if v := recover(); v != nil {
			g.panicked = v
		}
	}()
	f()
	return true
}

//export ctGoProgress
func ctGoProgress(progress *C.ct_extract_progress, call C.uintptr_t) C.int {
	e := cgo.Handle(call).Value().(*extraction)
	if e.err = e.ctx.Err(); e.err != nil {
		return 1
	}
	if e.progress == nil {
		return 0
	}
	if !e.guard(func() {
		e.progress(Progress{uint64(progress.archive_bytes), uint64(progress.archive_total),
			uint64(progress.bytes), uint64(progress.entries), C.GoString(progress.path)})
	}) {
		return 1
	}
	return 0
}

//export ctGoRead
func ctGoRead(buffer unsafe.Pointer, size C.size_t, call C.uintptr_t) C.ssize_t {
	e := cgo.Handle(call).Value().(*extraction)
	n, err := 0, e.pending
	if !e.guard(func() {
		for n == 0 && err == nil {
			if err = e.ctx.Err(); err == nil {
				n, err = e.reader.Read(unsafe.Slice((*byte)(buffer), int(size)))
			}
		}
	}) {
		return -C.ssize_t(syscall.ECANCELED)
	}
	e.pending = err
	if n > 0 || errors.Is(err, io.EOF) {
		return C.ssize_t(n)
	}
	e.err = err
	return -C.ssize_t(syscall.EIO)
}

//export ctGoPrepare
func ctGoPrepare(call C.uintptr_t, made *C.ct_container) C.int {
	return C.int(cgo.Handle(call).Value().(*turn).take(unsafe.Pointer(made)))
}
