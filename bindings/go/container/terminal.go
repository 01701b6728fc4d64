package container

import (
	"os"
)

// #include "glue.h"
import "C"

// TakeTerminal gives the master of the container's terminal, which the caller owns. Its reads and writes
// use no thread while they wait; the end of the container is EIO.
func (c *Container) TakeTerminal() (*os.File, error) {
	number, err := c.once("ct_container_take_terminal", func(box *C.ct_container) C.int {
		return C.ct_container_take_terminal(box)
	})
	if err != nil {
		return nil, err
	}
	return stream(number, "terminal")
}

// ResizeTerminal changes the size of a container's terminal; its foreground gets SIGWINCH.
func ResizeTerminal(terminal *os.File, rows, columns uint) error {
	return withFile(terminal, func(fd C.int, err *C.ct_error) C.int {
		return C.ct_terminal_resize(fd, C.uint(rows), C.uint(columns), err)
	})
}

// RawTerminal puts the program's own terminal into raw mode; restore gives it back the modes that it had.
func RawTerminal(terminal *os.File) (restore func() error, err error) {
	saved := new(C.struct_termios)
	err = withFile(terminal, func(fd C.int, err *C.ct_error) C.int { return C.ct_terminal_raw(fd, saved, err) })
	if err != nil {
		return nil, err
	}
	return func() error {
		return withFile(terminal, func(fd C.int, err *C.ct_error) C.int { return C.ct_terminal_restore(fd, saved, err) })
	}, nil
}

// withFile makes a call with the descriptor of a file.
func withFile(file *os.File, f func(fd C.int, err *C.ct_error) C.int) error {
	var failed error
	held := hold([]*os.File{file}, func(numbers []int) {
		_, failed = checked(func(err *C.ct_error) C.int { return f(C.int(numbers[0]), err) })
	})
	if held != nil {
		return held
	}
	return failed
}
