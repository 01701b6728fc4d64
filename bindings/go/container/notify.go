package container

import (
	"context"
	"errors"
	"os"
	"sync"
	"syscall"
	"unsafe"
)

// #include "glue.h"
import "C"

// Notifications is where a container's system calls are told that wait for an answer (SeccompNotify).
// Close it: such calls fail with ENOSYS then. The container may be hostile: see ct_container_take_notify(3).
type Notifications struct {
	file  *os.File // of the kernel's descriptor
	pidfd *os.File
	gate  gate
	alone sync.Mutex // two that both see a call would get one, and wait in the kernel for the next
}

// Notification is a call that waits: ct_notification.
type Notification struct {
	PID    int // of the thread, as this process sees it; 0: it does not
	Args   [6]uint64
	Number int
	Call   string // its name; empty: it is not known here
	c      C.ct_notification
}

// TakeNotify takes the descriptor on which the container's calls are told.
func (c *Container) TakeNotify() (*Notifications, error) {
	pidfd, err := c.Pidfd()
	if err != nil {
		return nil, err
	}
	number, err := c.once("ct_container_take_notify", func(box *C.ct_container) C.int {
		return C.ct_container_take_notify(box)
	})
	if err != nil {
		pidfd.Close()
		return nil, err
	}
	return &Notifications{file: os.NewFile(uintptr(number), "notify"), pidfd: pidfd, gate: newGate()}, nil
}

// Close gives the descriptor back; who waits in Receive gets os.ErrClosed.
func (n *Notifications) Close() error {
	n.gate.close()
	n.pidfd.Close()
	return n.file.Close()
}

// receive asks for a call without waiting.
func (n *Notifications) receive() (*Notification, error) {
	n.alone.Lock()
	defer n.alone.Unlock()
	made := &Notification{}
	made.c.size = C.sizeof_ct_notification
	err := n.with(func(fd C.int, err *C.ct_error) C.int {
		var ret C.int
		held := hold([]*os.File{n.pidfd}, func(numbers []int) {
			ret = C.ct_notify_receive(fd, C.int(numbers[0]), 0, &made.c, err)
		})
		if held != nil {
			return -C.int(syscall.EBADF)
		}
		return ret
	})
	if err != nil {
		return nil, err
	}
	made.PID, made.Number, made.Call = int(made.c.pid), int(made.c.number), C.GoString(&made.c.call[0])
	for i, arg := range made.c.args {
		made.Args[i] = uint64(arg)
	}
	return made, nil
}

// Receive waits for the next call, the end of all who could make one (ENOTCONN), or that of the context.
func (n *Notifications) Receive(ctx context.Context) (*Notification, error) {
	for {
		call, err := n.receive()
		if !errors.Is(err, syscall.ETIMEDOUT) {
			return call, err
		}
		if err := n.wait(ctx); err != nil {
			return nil, err
		}
	}
}

func (n *Notifications) wait(ctx context.Context) error {
	return n.gate.wait(ctx, func() (w *waiter, err error) {
		held := hold([]*os.File{n.file, n.pidfd}, func(numbers []int) { w, err = newWaiter(numbers...) })
		if held != nil {
			return nil, os.ErrClosed
		}
		return w, err
	})
}

func (n *Notifications) with(f func(fd C.int, err *C.ct_error) C.int) error {
	var failed error
	held := hold([]*os.File{n.file}, func(numbers []int) {
		_, failed = checked(func(err *C.ct_error) C.int { return f(C.int(numbers[0]), err) })
	})
	if held != nil {
		return os.ErrClosed
	}
	return failed
}

// Read copies memory of the program whose call waits; fewer bytes where its memory ends.
func (n *Notifications) Read(call *Notification, address uint64, bytes int) ([]byte, error) {
	data := make([]byte, bytes+1)
	var count C.int
	err := n.with(func(fd C.int, err *C.ct_error) C.int {
		count = C.ct_notify_read(fd, &call.c, C.uint64_t(address), unsafe.Pointer(&data[0]), C.size_t(bytes), err)
		return count
	})
	if err != nil {
		return nil, err
	}
	return data[:count], nil
}

// Answer gives the program the result of its call, which the kernel does not make: an errno, or 0 and a value.
func (n *Notifications) Answer(call *Notification, errno syscall.Errno, value int64) error {
	return n.with(func(fd C.int, err *C.ct_error) C.int {
		return C.ct_notify_answer(fd, &call.c, C.int(errno), C.int64_t(value), err)
	})
}

// Continue lets the kernel make the call after all; never for a decision about more than numbers.
func (n *Notifications) Continue(call *Notification) error {
	return n.with(func(fd C.int, err *C.ct_error) C.int { return C.ct_notify_continue(fd, &call.c, err) })
}

// AddFile gives the program a copy of a descriptor while its call waits; tells its number there.
func (n *Notifications) AddFile(call *Notification, file *os.File) (number int, err error) {
	held := hold([]*os.File{file}, func(numbers []int) {
		err = n.with(func(fd C.int, err *C.ct_error) C.int {
			ret := C.ct_notify_add_fd(fd, &call.c, C.int(numbers[0]), err)
			number = int(ret)
			return ret
		})
	})
	if held != nil {
		err = held
	}
	return number, err
}
