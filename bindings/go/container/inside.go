package container

import (
	"os"
	"syscall"
)

// #include "glue.h"
import "C"

// OpenFile opens a regular file or a directory inside, wherever symlinks in there point; as os.OpenFile.
func (c *Container) OpenFile(path string, flags int, mode uint32) (*os.File, error) {
	var m memory
	defer m.free()
	name := m.text(path)
	if m.err != nil {
		return nil, m.err
	}
	number, err := c.with(func(box *C.ct_container, err *C.ct_error) C.int {
		return C.ct_container_open_file(box, name, C.int(flags&^syscall.O_CLOEXEC), C.mode_t(mode), err)
	})
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(number), path), nil
}

// Open opens a file inside for reading.
func (c *Container) Open(path string) (*os.File, error) {
	return c.OpenFile(path, os.O_RDONLY, 0)
}

// Mount mounts an open file or directory of the host into the running container.
func (c *Container) Mount(source *os.File, target string, flags MountFlag) error {
	var m memory
	defer m.free()
	name := m.text(target)
	if m.err != nil {
		return m.err
	}
	var failed error
	held := hold([]*os.File{source}, func(numbers []int) {
		_, failed = c.with(func(box *C.ct_container, err *C.ct_error) C.int {
			return C.ct_container_mount(box, C.int(numbers[0]), name, C.uint32_t(flags), err)
		})
	})
	if held != nil {
		return held
	}
	return failed
}

// Unmount removes what Mount has mounted there.
func (c *Container) Unmount(target string) error {
	var m memory
	defer m.free()
	name := m.text(target)
	if m.err != nil {
		return m.err
	}
	_, err := c.with(func(box *C.ct_container, err *C.ct_error) C.int {
		return C.ct_container_unmount(box, name, err)
	})
	return err
}

// Processes lists the pids of its processes as the host counts them: for showing.
func (c *Container) Processes() ([]int, error) {
	for room := 64; ; {
		pids := make([]C.pid_t, room)
		count, err := c.with(func(box *C.ct_container, err *C.ct_error) C.int {
			return C.ct_container_processes(box, &pids[0], C.size_t(room), err)
		})
		if err != nil {
			return nil, err
		}
		if count > room {
			room = 2 * count
			continue
		}
		made := make([]int, count)
		for i, pid := range pids[:count] {
			made[i] = int(pid)
		}
		return made, nil
	}
}
