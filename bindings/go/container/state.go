package container

import (
	"os"
)

// #include "glue.h"
import "C"

// Save writes down, in a file of that open directory, what it takes to Load the container again.
func (c *Container) Save(directory *os.File, name string) error {
	return named(directory, name, func(fd C.int, name *C.char) error {
		_, err := c.with(func(box *C.ct_container, err *C.ct_error) C.int {
			return C.ct_container_save(box, fd, name, err)
		})
		return err
	})
}

// Load opens a container that was saved. Close leaves it running.
func Load(directory *os.File, name string) (*Container, error) {
	var box *C.ct_container
	err := named(directory, name, func(fd C.int, name *C.char) error {
		_, err := checked(func(err *C.ct_error) C.int { return C.ct_container_load(fd, name, &box, err) })
		return err
	})
	if err != nil {
		return nil, err
	}
	return newContainer(box), nil
}

// RemoveState removes what was saved of a container that has ended, and its cgroup.
func RemoveState(directory *os.File, name string) error {
	return named(directory, name, func(fd C.int, name *C.char) error {
		_, err := checked(func(err *C.ct_error) C.int { return C.ct_state_remove(fd, name, err) })
		return err
	})
}

func named(directory *os.File, name string, f func(fd C.int, name *C.char) error) (err error) {
	var m memory
	defer m.free()
	text := m.text(name)
	if m.err != nil {
		return m.err
	}
	held := hold([]*os.File{directory}, func(numbers []int) { err = f(C.int(numbers[0]), text) })
	if held != nil {
		return held
	}
	return err
}
