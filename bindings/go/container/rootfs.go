package container

import (
	"context"
	"io"
	"os"
	"runtime"
	"runtime/cgo"
	"syscall"
	"unsafe"
)

// #include "glue.h"
import "C"

// Rootfs is a root filesystem: an open directory, or a mounted image. Close it; the directory stays.
type Rootfs struct {
	handle
}

// ExtractOptions is how an archive is extracted: ct_extract_options. Zero is always the safe default.
type ExtractOptions struct {
	Flags           ExtractFlag
	StripComponents uint32 // leading path components to drop
	MaxDepth        uint32 // components in a path; 0: 256
	MaxBytes        uint64 // file content in all; 0: 64 GiB
	MaxEntries      uint64 // 0: 4,000,000
	MaxFileBytes    uint64 // content of one file, holes included; 0: 16 GiB
	MaxRatio        uint64 // bytes unpacked for each byte of archive; 0: 1,000
	UIDShift        uint32 // added to every uid of the archive
	GIDShift        uint32
	// Progress is called before each entry and between the parts of a large file, by the goroutine
	// that extracts. A panic of it cancels the extraction and goes on in that goroutine.
	Progress func(Progress)
}

// ExtractStats is what an extraction did: ct_extract_stats.
type ExtractStats struct {
	Owners                                       Owners
	Entries, Bytes, ArchiveBytes                 uint64
	DevicesDropped, SetuidCleared, XattrsDropped uint64
	OwnersRecorded, OwnersLost                   uint64
	DevicesRecorded, XattrsRecorded              uint64
}

func newRootfs(ptr *C.ct_rootfs) *Rootfs {
	r := &Rootfs{handle{ptr: unsafe.Pointer(ptr)}}
	runtime.SetFinalizer(r, (*Rootfs).Close)
	return r
}

// ExtractRootfs extracts the archive of a path into a directory that appears only when it is whole.
// The end of the context cancels it, and leaves nothing; while it waits for a path that is a FIFO it does not.
func ExtractRootfs(ctx context.Context, archive, dest string, options *ExtractOptions) (*Rootfs, error) {
	var m memory
	defer m.free()
	path := m.text(archive)
	return extract(ctx, nil, dest, options, &m,
		func(_ cgo.Handle, to *C.char, o *C.ct_extract_options, root **C.ct_rootfs, err *C.ct_error) C.int {
			return C.ct_rootfs_extract(path, to, o, root, err)
		})
}

// ExtractRootfsFrom is the same of an archive that is read from anywhere. A regular file is read by the library
// itself, which decodes ahead; every other reader is asked by the goroutine that extracts, which has a thread
// to itself meanwhile. The reader must not call runtime.Goexit.
func ExtractRootfsFrom(ctx context.Context, archive io.Reader, dest string, options *ExtractOptions) (*Rootfs, error) {
	if file, ok := archive.(*os.File); ok {
		if info, err := file.Stat(); err == nil && info.Mode().IsRegular() {
			return extractFile(ctx, file, dest, options)
		}
	}
	var m memory
	defer m.free()
	return extract(ctx, archive, dest, options, &m,
		func(call cgo.Handle, to *C.char, o *C.ct_extract_options, root **C.ct_rootfs, err *C.ct_error) C.int {
			return C.ct_go_extract_stream(C.uintptr_t(call), to, o, root, err)
		})
}

func extractFile(ctx context.Context, file *os.File, dest string, options *ExtractOptions) (r *Rootfs, err error) {
	var m memory
	defer m.free()
	held := hold([]*os.File{file}, func(numbers []int) {
		r, err = extract(ctx, nil, dest, options, &m,
			func(_ cgo.Handle, to *C.char, o *C.ct_extract_options, root **C.ct_rootfs, e *C.ct_error) C.int {
				return C.ct_rootfs_extract_fd(C.int(numbers[0]), to, o, root, e)
			})
	})
	if held != nil {
		return nil, held
	}
	return r, err
}

// ExtractRootfsBytes is the same of an archive that lies in memory.
func ExtractRootfsBytes(ctx context.Context, archive []byte, dest string, options *ExtractOptions) (*Rootfs, error) {
	data := archive
	if len(data) == 0 {
		data = make([]byte, 1) // no pointer to nothing
	}
	var m memory
	defer m.free()
	return extract(ctx, nil, dest, options, &m,
		func(_ cgo.Handle, to *C.char, o *C.ct_extract_options, root **C.ct_rootfs, err *C.ct_error) C.int {
			return C.ct_rootfs_extract_memory(unsafe.Pointer(&data[0]), C.size_t(len(archive)), to, o, root, err)
		})
}

type extractCall func(cgo.Handle, *C.char, *C.ct_extract_options, **C.ct_rootfs, *C.ct_error) C.int

func extract(ctx context.Context, reader io.Reader, dest string, options *ExtractOptions, m *memory,
	call extractCall) (*Rootfs, error) {
	var root *C.ct_rootfs
	to := m.text(dest)
	if m.err != nil {
		return nil, m.err
	}
	err := extracting(ctx, reader, options, func(h cgo.Handle, o *C.ct_extract_options, err *C.ct_error) C.int {
		return call(h, to, o, &root, err)
	})
	if err != nil {
		return nil, err
	}
	return newRootfs(root), nil
}

// extracting makes a call that has callbacks, and tells of what they met.
func extracting(ctx context.Context, reader io.Reader, options *ExtractOptions,
	call func(cgo.Handle, *C.ct_extract_options, *C.ct_error) C.int) error {
	e := &extraction{ctx: ctx, reader: reader}
	h := cgo.NewHandle(e)
	defer h.Delete()
	o := C.ct_go_options(C.uintptr_t(h))
	if options != nil {
		e.progress = options.Progress
		fill(&o, options)
	}
	_, err := checked(func(err *C.ct_error) C.int { return call(h, &o, err) })
	if e.panicked != nil {
		panic(e.panicked)
	}
	if err != nil && e.err != nil {
		return e.err
	}
	return err
}

func fill(o *C.ct_extract_options, from *ExtractOptions) {
	o.flags = C.uint32_t(from.Flags)
	o.strip_components = C.uint32_t(from.StripComponents)
	o.max_depth = C.uint32_t(from.MaxDepth)
	o.max_bytes = C.uint64_t(from.MaxBytes)
	o.max_entries = C.uint64_t(from.MaxEntries)
	o.max_file_bytes = C.uint64_t(from.MaxFileBytes)
	o.max_ratio = C.uint64_t(from.MaxRatio)
	o.uid_shift = C.uint32_t(from.UIDShift)
	o.gid_shift = C.uint32_t(from.GIDShift)
}

// OpenRootfs opens a directory that is there as a root filesystem.
func OpenRootfs(path string) (*Rootfs, error) {
	var m memory
	defer m.free()
	var root *C.ct_rootfs
	name := m.text(path)
	if m.err != nil {
		return nil, m.err
	}
	_, err := checked(func(err *C.ct_error) C.int { return C.ct_rootfs_open(name, &root, err) })
	if err != nil {
		return nil, err
	}
	return newRootfs(root), nil
}

// OpenRootfsImage mounts an image of squashfs or erofs without unpacking it. Only for images that are trusted: the
// kernel parses them.
func OpenRootfsImage(path string, flags ImageFlag) (*Rootfs, error) {
	var m memory
	defer m.free()
	var root *C.ct_rootfs
	name := m.text(path)
	if m.err != nil {
		return nil, m.err
	}
	_, err := checked(func(err *C.ct_error) C.int {
		return C.ct_rootfs_open_image(name, C.uint32_t(flags), &root, err)
	})
	if err != nil {
		return nil, err
	}
	return newRootfs(root), nil
}

// OpenRootfsImageFile does so of a file that is open for reading, and may be closed afterwards.
func OpenRootfsImageFile(image *os.File, flags ImageFlag) (*Rootfs, error) {
	var root *C.ct_rootfs
	var err error
	held := hold([]*os.File{image}, func(numbers []int) {
		_, err = checked(func(e *C.ct_error) C.int {
			return C.ct_rootfs_open_image_fd(C.int(numbers[0]), C.uint32_t(flags), &root, e)
		})
	})
	if held != nil {
		return nil, held
	}
	if err != nil {
		return nil, err
	}
	return newRootfs(root), nil
}

// RemoveRootfs removes a whole tree, and what killed calls left beside it.
func RemoveRootfs(path string) error {
	var m memory
	defer m.free()
	name := m.text(path)
	if m.err != nil {
		return m.err
	}
	_, err := checked(func(err *C.ct_error) C.int { return C.ct_rootfs_remove(name, err) })
	return err
}

// Restore makes real what records in the tree say: owners, modes, devices, attributes. Stats waits for it, and
// must not be asked by its Progress.
func (r *Rootfs) Restore(ctx context.Context, options *ExtractOptions) error {
	r.alone.Lock()
	defer r.alone.Unlock()
	var failed error
	_, err := r.call(func(root unsafe.Pointer, _ *C.ct_error) C.int {
		failed = extracting(ctx, nil, options, func(_ cgo.Handle, o *C.ct_extract_options, err *C.ct_error) C.int {
			return C.ct_rootfs_restore((*C.ct_rootfs)(root), o, err)
		})
		return 0
	})
	if err != nil {
		return err
	}
	return failed
}

// Stats tells what the extraction, or Restore, did.
func (r *Rootfs) Stats() (ExtractStats, error) {
	r.alone.Lock()
	defer r.alone.Unlock()
	s := C.ct_extract_stats{size: C.sizeof_ct_extract_stats}
	_, err := r.look("ct_rootfs_stats", func(root unsafe.Pointer) C.int {
		return C.ct_rootfs_stats((*C.ct_rootfs)(root), &s)
	})
	if err != nil {
		return ExtractStats{}, err
	}
	return ExtractStats{
		Owners: Owners(s.owners), Entries: uint64(s.entries), Bytes: uint64(s.bytes),
		ArchiveBytes: uint64(s.archive_bytes), DevicesDropped: uint64(s.devices_dropped),
		SetuidCleared: uint64(s.setuid_cleared), XattrsDropped: uint64(s.xattrs_dropped),
		OwnersRecorded: uint64(s.owners_recorded), OwnersLost: uint64(s.owners_lost),
		DevicesRecorded: uint64(s.devices_recorded), XattrsRecorded: uint64(s.xattrs_recorded),
	}, nil
}

// Directory gives the directory as a file of O_PATH, which the caller owns.
func (r *Rootfs) Directory() (*os.File, error) {
	var file *os.File
	_, err := r.look("ct_rootfs_fd", func(root unsafe.Pointer) C.int {
		var failed error
		file, failed = duplicate(int(C.ct_rootfs_fd((*C.ct_rootfs)(root))), "rootfs")
		return code(failed)
	})
	return file, err
}

// Close lets the directory go. RemoveRootfs removes it. Always nil.
func (r *Rootfs) Close() error {
	runtime.SetFinalizer(r, nil)
	C.ct_rootfs_free((*C.ct_rootfs)(r.close()))
	return nil
}

// code is the negative errno of an error that a kernel call gave.
func code(err error) C.int {
	if err == nil {
		return 0
	}
	if errno, ok := err.(syscall.Errno); ok {
		return -C.int(errno)
	}
	return -C.int(syscall.EIO)
}
