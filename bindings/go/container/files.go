package container

import (
	"os"
	"syscall"
)

// hold keeps files from being closed while a call uses their descriptors. It does not take them out of
// non-blocking mode, as File.Fd does.
func hold(files []*os.File, f func(numbers []int)) error {
	return holding(files, make([]int, 0, len(files)), f)
}

func holding(files []*os.File, numbers []int, f func(numbers []int)) error {
	if len(files) == 0 {
		f(numbers)
		return nil
	}
	if files[0] == nil {
		return os.ErrInvalid
	}
	conn, err := files[0].SyscallConn()
	if err != nil {
		return err
	}
	var inner error
	if conn.Control(func(number uintptr) {
		inner = holding(files[1:], append(numbers, int(number)), f)
	}) != nil {
		return os.ErrClosed // there is no other reason
	}
	return inner
}

// duplicate gives a file of a copy of a borrowed descriptor, close-on-exec.
func duplicate(number int, name string) (*os.File, error) {
	copied, _, errno := syscall.Syscall(syscall.SYS_FCNTL, uintptr(number), syscall.F_DUPFD_CLOEXEC, 3)
	if errno != 0 {
		return nil, errno
	}
	return os.NewFile(copied, name), nil
}

// stream gives a file of a descriptor that we own and no one else shares: of a pipe or a terminal, whose
// reads and writes then wait in the runtime's poller, and can have deadlines.
func stream(number int, name string) (*os.File, error) {
	if err := syscall.SetNonblock(number, true); err != nil {
		syscall.Close(number)
		return nil, err
	}
	return os.NewFile(uintptr(number), name), nil
}
