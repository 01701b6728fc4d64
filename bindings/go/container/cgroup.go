package container

import (
	"time"
	"unsafe"
)

// #include "glue.h"
import "C"

// Figures tells what the container uses and has used; after its end, what it used in all.
func (c *Container) Figures() (Figures, error) {
	figures := C.ct_figures{size: C.sizeof_ct_figures}
	_, err := c.with(func(box *C.ct_container, err *C.ct_error) C.int {
		return C.ct_container_figures(box, &figures, err)
	})
	if err != nil {
		return Figures{}, err
	}
	return figuresOf(&figures), nil
}

// FiguresOf tells it of many containers in one call. Of one without a cgroup all are NotKnown.
func FiguresOf(boxes ...*Container) ([]Figures, error) {
	if len(boxes) == 0 {
		return nil, nil
	}
	var m memory
	defer m.free()
	handles := make([]*handle, len(boxes))
	array := make([]C.ct_figures, len(boxes))
	for i, box := range boxes {
		handles[i] = &box.handle
		array[i].size = C.sizeof_ct_figures
	}
	_, err := all(handles, func(pointers []unsafe.Pointer) (int, error) {
		list := (**C.ct_container)(m.array(len(pointers), unsafe.Sizeof(pointers[0])))
		for i, ptr := range pointers {
			unsafe.Slice(list, len(pointers))[i] = (*C.ct_container)(ptr)
		}
		return checked(func(err *C.ct_error) C.int {
			return C.ct_container_figures_many(list, C.size_t(len(pointers)), &array[0], err)
		})
	})
	if err != nil {
		return nil, err
	}
	made := make([]Figures, len(boxes))
	for i := range array {
		made[i] = figuresOf(&array[i])
	}
	return made, nil
}

// IO tells what the container has done with each disk.
func (c *Container) IO() ([]Disk, error) {
	for room := 16; ; {
		disks := make([]C.ct_io, room)
		count, err := c.with(func(box *C.ct_container, err *C.ct_error) C.int {
			return C.ct_container_io(box, &disks[0], C.size_t(room), err)
		})
		if err != nil {
			return nil, err
		}
		if count > room {
			room = 2 * count
			continue
		}
		made := make([]Disk, count)
		for i, d := range disks[:count] {
			made[i] = Disk{uint32(d.major), uint32(d.minor), uint64(d.read_bytes), uint64(d.written_bytes),
				uint64(d.reads), uint64(d.writes)}
		}
		return made, nil
	}
}

// SetLimit changes a limit while it runs; Unlimited: none.
func (c *Container) SetLimit(limit Limit, value uint64) error {
	_, err := c.with(func(box *C.ct_container, err *C.ct_error) C.int {
		return C.ct_container_set_limit(box, C.ct_limit(limit), C.uint64_t(value), err)
	})
	return err
}

// SetLimitOf changes a limit of one disk, or of huge pages of one size.
func (c *Container) SetLimitOf(limit Limit, of, value uint64) error {
	_, err := c.with(func(box *C.ct_container, err *C.ct_error) C.int {
		return C.ct_container_set_limit_of(box, C.ct_limit(limit), C.uint64_t(of), C.uint64_t(value), err)
	})
	return err
}

// SetTimeLimit changes a limit of time, counted from the start of the payload; NoLimit: none.
func (c *Container) SetTimeLimit(what TimeLimit, most time.Duration) error {
	_, err := c.with(func(box *C.ct_container, err *C.ct_error) C.int {
		return C.ct_container_set_time_limit(box, C.ct_time(what), limitOf(most), err)
	})
	return err
}

// Freeze stops all processes where they are, until Thaw. It blocks a thread until all stand still, for the
// timeout at most; below 0: as long as it takes.
func (c *Container) Freeze(timeout time.Duration) error {
	_, err := c.with(func(box *C.ct_container, err *C.ct_error) C.int {
		return C.ct_container_freeze(box, milliseconds(timeout), err)
	})
	return err
}

// Thaw lets a frozen container go on.
func (c *Container) Thaw() error {
	_, err := c.with(func(box *C.ct_container, err *C.ct_error) C.int { return C.ct_container_thaw(box, err) })
	return err
}

// Cgroup gives the path of its cgroup; "": it has none of its own.
func (c *Container) Cgroup() (string, error) {
	var path string
	_, err := c.ask("ct_container_cgroup", func(box *C.ct_container) C.int {
		path = C.GoString(C.ct_container_cgroup(box))
		return 0
	})
	return path, err
}
