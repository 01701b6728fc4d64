package container

import (
	"context"
	"errors"
	"os"
	"runtime"
	"sync"
	"syscall"
	"time"
	"unsafe"
)

// #include "glue.h"
import "C"

// Container is a container, created or running or ended. Close it: one that still runs is killed then,
// unless it was detached.
type Container struct {
	handle
	watching sync.Mutex
	watch    *watch // made with the first wait that has to wait
}

func newContainer(ptr *C.ct_container) *Container {
	c := &Container{handle: handle{ptr: unsafe.Pointer(ptr)}}
	// Freeing may take a moment, and there is one goroutine for all finalizers.
	runtime.SetFinalizer(c, func(c *Container) { go c.Close() })
	return c
}

// Close frees the container: one that still runs is killed, unless it was detached. Waits end with
// os.ErrClosed. It blocks until the kernel has ended the container, but no longer than two seconds. Always nil.
func (c *Container) Close() error {
	runtime.SetFinalizer(c, nil)
	ptr := c.close()
	c.watching.Lock()
	if c.watch != nil {
		c.watch.waiter.close()
	}
	c.watching.Unlock()
	C.ct_container_free((*C.ct_container)(ptr))
	return nil
}

func (c *Container) with(f func(box *C.ct_container, err *C.ct_error) C.int) (int, error) {
	return c.call(func(ptr unsafe.Pointer, err *C.ct_error) C.int { return f((*C.ct_container)(ptr), err) })
}

func (c *Container) ask(where string, f func(box *C.ct_container) C.int) (int, error) {
	return c.look(where, func(ptr unsafe.Pointer) C.int { return f((*C.ct_container)(ptr)) })
}

// once is for what C lets be done by one thread at a time: takes of what is there once.
func (c *Container) once(where string, f func(box *C.ct_container) C.int) (int, error) {
	c.alone.Lock()
	defer c.alone.Unlock()
	return c.ask(where, f)
}

// Start executes the payload of a created container.
func (c *Container) Start() error {
	c.alone.Lock()
	defer c.alone.Unlock()
	_, err := c.with(func(box *C.ct_container, err *C.ct_error) C.int { return C.ct_start(box, err) })
	return err
}

// Poll tells at once whether the container has ended, and how.
func (c *Container) Poll() (how ExitStatus, ended bool, err error) {
	record := C.ct_go_exit()
	_, err = c.with(func(box *C.ct_container, err *C.ct_error) C.int { return C.ct_wait(box, 0, &record, err) })
	if errors.Is(err, syscall.ETIMEDOUT) {
		return how, false, nil
	}
	if err != nil {
		return how, false, err
	}
	return exitOf(&record), true, nil
}

// Wait waits until the container has ended, or the context: then it gives the context's error, and the
// container runs on. Any number of goroutines may wait for one container.
func (c *Container) Wait(ctx context.Context) (ExitStatus, error) {
	how, ended, err := c.Poll()
	if ended || err != nil {
		return how, err
	}
	w, err := c.watched()
	if err != nil {
		return how, err
	}
	select {
	case <-w.over:
	case <-ctx.Done():
		return how, ctx.Err()
	}
	how, ended, err = c.Poll()
	if err == nil && !ended {
		err = mistake(syscall.EAGAIN, "the container has told its end and runs still")
	}
	return how, err
}

func (c *Container) watched() (*watch, error) {
	c.watching.Lock()
	defer c.watching.Unlock()
	if c.watch != nil {
		return c.watch, nil
	}
	var failed error
	_, err := c.ask("ct_container_pidfd", func(box *C.ct_container) C.int {
		pidfd := C.ct_container_pidfd(box)
		if pidfd >= 0 {
			c.watch, failed = newWatch(int(pidfd))
		}
		return pidfd
	})
	if err == nil {
		err = failed
	}
	return c.watch, err
}

// Kill sends a signal to the container's first process. SIGKILL ends the whole container.
func (c *Container) Kill(signal syscall.Signal) error {
	_, err := c.with(func(box *C.ct_container, err *C.ct_error) C.int { return C.ct_kill(box, C.int(signal), err) })
	return err
}

// Signal is Kill for a signal of the package os; as of os.Process.
func (c *Container) Signal(signal os.Signal) error {
	number, ok := signal.(syscall.Signal)
	if !ok {
		return mistake(syscall.EINVAL, "a signal that is no syscall.Signal")
	}
	return c.Kill(number)
}

// Stop asks the container to end by a signal, and kills it if it has not ended in time, or when the
// context ends. With a grace below 0 it has all the time of the context.
func (c *Container) Stop(ctx context.Context, signal syscall.Signal, grace time.Duration) (ExitStatus, error) {
	if err := c.Kill(signal); err != nil && !errors.Is(err, syscall.ESRCH) {
		return ExitStatus{}, err
	}
	c.Thaw() // a frozen one would not hear of it; one without a cgroup cannot be frozen
	if grace >= 0 {
		limited, cancel := context.WithTimeout(ctx, grace)
		defer cancel()
		ctx = limited
	}
	how, err := c.Wait(ctx)
	if err == nil || ctx.Err() == nil {
		return how, err
	}
	record := C.ct_go_exit()
	_, err = c.with(func(box *C.ct_container, err *C.ct_error) C.int {
		return C.ct_stop(box, C.int(syscall.SIGKILL), 0, &record, err)
	})
	if err != nil {
		return ExitStatus{}, err
	}
	return exitOf(&record), nil
}

// Detach lets the container outlive its handle and the program.
func (c *Container) Detach() error {
	_, err := c.with(func(box *C.ct_container, err *C.ct_error) C.int { return C.ct_detach(box, err) })
	return err
}

// PID gives the pid of its first process: for showing, not for signals.
func (c *Container) PID() (int, error) {
	return c.ask("ct_container_pid", func(box *C.ct_container) C.int { return C.int(C.ct_container_pid(box)) })
}

// Pidfd gives a pidfd of its first process as a file that the caller owns.
func (c *Container) Pidfd() (*os.File, error) {
	var file *os.File
	_, err := c.ask("ct_container_pidfd", func(box *C.ct_container) C.int {
		var failed error
		file, failed = duplicate(int(C.ct_container_pidfd(box)), "pidfd")
		return code(failed)
	})
	return file, err
}

// UIDMap tells whose user ids those inside are; none if no user namespace was made for it.
func (c *Container) UIDMap() ([]IDRange, error) {
	return c.idMap("ct_container_uid_map", func(box *C.ct_container, ranges *C.ct_id_range, room C.size_t) C.int {
		return C.ct_container_uid_map(box, ranges, room)
	})
}

// GIDMap tells the same of groups.
func (c *Container) GIDMap() ([]IDRange, error) {
	return c.idMap("ct_container_gid_map", func(box *C.ct_container, ranges *C.ct_id_range, room C.size_t) C.int {
		return C.ct_container_gid_map(box, ranges, room)
	})
}

func (c *Container) idMap(where string, f func(*C.ct_container, *C.ct_id_range, C.size_t) C.int) ([]IDRange, error) {
	ranges := make([]C.ct_id_range, 340) // the kernel knows no more
	count, err := c.ask(where, func(box *C.ct_container) C.int { return f(box, &ranges[0], C.size_t(len(ranges))) })
	if err != nil {
		return nil, err
	}
	made := make([]IDRange, count)
	for i := range made {
		made[i] = IDRange{uint32(ranges[i].inside), uint32(ranges[i].outside), uint32(ranges[i].count)}
	}
	return made, nil
}

// Protection tells item by item what is enforced.
func (c *Container) Protection() ([]Protection, error) {
	var made []Protection
	for {
		about := C.ct_go_protection()
		_, err := c.ask("ct_container_protection", func(box *C.ct_container) C.int {
			return C.ct_container_protection(box, C.int(len(made)+1), &about)
		})
		if errors.Is(err, syscall.EINVAL) {
			return made, nil
		}
		if err != nil {
			return nil, err
		}
		item := Protection{Item: Item(about.item), State: ItemState(about.state), Count: int(about.count)}
		if about.why.code != 0 {
			item.Why = errorOf(int(about.why.code), &about.why)
		}
		made = append(made, item)
	}
}

// LandlockABI tells the ABI of landlock that is enforced; 0: none.
func (c *Container) LandlockABI() (int, error) {
	return c.ask("ct_container_landlock_abi", func(box *C.ct_container) C.int { return C.ct_container_landlock_abi(box) })
}
