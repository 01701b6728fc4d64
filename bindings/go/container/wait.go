package container

import (
	"context"
	"os"
	"sync"
	"syscall"
	"time"
)

// A waiter waits until one of some borrowed descriptors is readable, in the runtime's poller: it has
// an epoll of its own around them, since their own flags are not ours to change.
type waiter struct {
	file *os.File
	conn syscall.RawConn
}

func newWaiter(numbers ...int) (*waiter, error) {
	epoll, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("epoll_create1", err)
	}
	for _, number := range numbers {
		event := syscall.EpollEvent{Events: syscall.EPOLLIN, Fd: int32(number)}
		if err := syscall.EpollCtl(epoll, syscall.EPOLL_CTL_ADD, number, &event); err != nil {
			syscall.Close(epoll)
			return nil, os.NewSyscallError("epoll_ctl", err)
		}
	}
	file, err := stream(epoll, "epoll")
	if err != nil {
		return nil, err
	}
	conn, err := file.SyscallConn()
	if err != nil {
		file.Close()
		return nil, err
	}
	return &waiter{file, conn}, nil
}

// ready says at once whether one is readable.
func ready(epoll int) bool {
	var events [1]syscall.EpollEvent
	for {
		n, err := syscall.EpollWait(epoll, events[:], 0)
		if err != syscall.EINTR {
			return n != 0
		}
	}
}

// wait parks the goroutine. One at a time.
func (w *waiter) wait(ctx context.Context) error {
	stopped := make(chan struct{})
	cancelled := make(chan struct{})
	go func() {
		defer close(cancelled)
		select {
		case <-ctx.Done():
			w.file.SetReadDeadline(time.Unix(1, 0))
		case <-stopped:
		}
	}()
	err := w.conn.Read(func(epoll uintptr) bool { return ready(int(epoll)) })
	close(stopped)
	<-cancelled
	if ctx.Err() != nil {
		w.file.SetReadDeadline(time.Time{})
		if err != nil {
			err = ctx.Err()
		}
	}
	return err
}

// close ends the wait that there may be.
func (w *waiter) close() {
	w.file.Close()
}

// A watch tells any number of goroutines that a container has ended. It does not refer to the
// container, which may so be collected while the watch waits.
type watch struct {
	waiter *waiter
	over   chan struct{} // closed when it has ended, or the watch was closed
}

func newWatch(pidfd int) (*watch, error) {
	w, err := newWaiter(pidfd)
	if err != nil {
		return nil, err
	}
	made := &watch{w, make(chan struct{})}
	go made.run()
	return made, nil
}

func (w *watch) run() {
	w.waiter.conn.Read(func(epoll uintptr) bool { return ready(int(epoll)) })
	w.waiter.close()
	close(w.over)
}

// A gate lets goroutines wait for descriptors of one object, by turns.
type gate struct {
	turn   chan struct{}
	lock   sync.Mutex
	now    *waiter
	closed bool
}

func newGate() gate {
	return gate{turn: make(chan struct{}, 1)}
}

// wait waits in what open gives, until it is readable.
func (g *gate) wait(ctx context.Context, open func() (*waiter, error)) error {
	select {
	case g.turn <- struct{}{}:
		defer func() { <-g.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	w, err := open()
	if err != nil {
		return err
	}
	defer w.close()
	if !g.enter(w) {
		return os.ErrClosed
	}
	err = w.wait(ctx)
	if !g.enter(nil) {
		return os.ErrClosed
	}
	return err
}

// enter says in which waiter somebody waits now, unless the gate is closed.
func (g *gate) enter(w *waiter) bool {
	g.lock.Lock()
	defer g.lock.Unlock()
	g.now = w
	return !g.closed
}

// close ends the waits; later ones end at once.
func (g *gate) close() {
	g.lock.Lock()
	defer g.lock.Unlock()
	g.closed = true
	if g.now != nil {
		g.now.close()
	}
}
