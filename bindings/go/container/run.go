package container

import (
	"context"
	"errors"
	"io"
	"os"
	"sync"
	"syscall"
	"time"
)

// #include "glue.h"
import "C"

// OutputLimit is how many bytes of each stream Run and Spec.Run keep. What is over it is read and dropped.
const OutputLimit = 1 << 20

// Output is what a container has written, and how it ended.
type Output struct {
	Stdout, Stderr           []byte
	StdoutTotal, StderrTotal uint64 // more than was kept: some was dropped
	Status                   ExitStatus
}

// ExitError says that a container did not exit with 0. Its output comes beside it.
type ExitError struct {
	ExitStatus
}

func (e *ExitError) Error() string {
	return e.String()
}

// Run runs a command in a container to its end. The error is an ExitError unless it exits with 0; when the
// context ends the container is killed, and the error is the context's. The output tells what was
// written up to then; it is nil if nothing was started.
func Run(ctx context.Context, root *Rootfs, argv ...string) (*Output, error) {
	spec := NewSpec(root, argv...)
	defer spec.Close()
	return spec.SetPipes().SetStdio(Stdin, StdioNull).Run(ctx, nil)
}

// Run does so with a container of the spec. Those of its streams that are pipes (SetPipes) are fed with the
// input, which may be nil, and kept.
func (s *Spec) Run(ctx context.Context, input io.Reader) (*Output, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	box, err := s.Spawn()
	if err != nil {
		return nil, err
	}
	defer box.Close()
	var out, wrong kept
	how, err := box.Communicate(ctx, input, &out, &wrong)
	made := &Output{out.data, wrong.data, out.total, wrong.total, how}
	if err == nil && !how.Success() {
		err = &ExitError{how}
	}
	return made, err
}

// kept is a writer with a bound.
type kept struct {
	data  []byte
	total uint64
}

func (k *kept) Write(data []byte) (int, error) {
	k.total += uint64(len(data))
	room := OutputLimit - len(k.data)
	if room > len(data) {
		room = len(data)
	}
	k.data = append(k.data, data[:room]...)
	return len(data), nil
}

// Take gives the host's end of a stream that is a pipe. The caller owns the file; its reads and writes
// use no thread while they wait, and can have deadlines.
func (c *Container) Take(which int) (*os.File, error) {
	number, err := c.once("ct_container_take_stdio", func(box *C.ct_container) C.int {
		return C.ct_container_take_stdio(box, C.int(which))
	})
	if err != nil {
		return nil, err
	}
	names := [...]string{"stdin", "stdout", "stderr"}
	return stream(number, names[which])
}

// Communicate feeds the container, copies what it writes, and waits for its end. Streams that are no
// pipes, or were taken, are left out; a writer that is nil drops what it would get. When the context ends, or a writer
// fails, the container is killed. Behind the end it reads what is in the pipes and waits for nobody
// who may still have them open. A reader that blocks for ever then keeps a goroutine, and nobody waits for it.
func (c *Container) Communicate(ctx context.Context, stdin io.Reader, stdout, stderr io.Writer) (ExitStatus, error) {
	t := &talk{box: c}
	defer t.close()
	if err := t.begin(stdin, stdout, stderr); err != nil {
		return ExitStatus{}, err
	}
	how, err := c.Wait(ctx)
	if err != nil && ctx.Err() != nil {
		if status, failed := c.Stop(context.Background(), syscall.SIGKILL, time.Second); failed == nil {
			how = status
		}
	}
	failed := t.end()
	if err == nil {
		err = failed
	}
	return how, err
}

// talk is the pipes of one Communicate, and the goroutines that serve them.
type talk struct {
	box     *Container
	files   []*os.File
	readers []*os.File
	done    sync.WaitGroup
	lock    sync.Mutex
	failed  error
}

func (t *talk) begin(stdin io.Reader, stdout, stderr io.Writer) error {
	for which, to := range []io.Writer{nil, stdout, stderr} {
		file, err := t.box.Take(which)
		if errors.Is(err, syscall.ENOENT) {
			continue
		}
		if err != nil {
			return err
		}
		t.files = append(t.files, file)
		if which == Stdin {
			go feed(file, stdin)
			continue
		}
		t.readers = append(t.readers, file)
		t.done.Add(1)
		go t.copy(file, to)
	}
	return nil
}

// feed ends with the input, or when nobody reads it any more.
func feed(file *os.File, from io.Reader) {
	if from != nil {
		io.Copy(struct{ io.Writer }{file}, from)
	}
	file.Close()
}

func (t *talk) copy(file *os.File, to io.Writer) {
	defer t.done.Done()
	if to == nil {
		to = io.Discard
	}
	_, err := io.Copy(to, struct{ io.Reader }{file})
	if errors.Is(err, os.ErrDeadlineExceeded) {
		err = drain(file, to)
	}
	if err != nil {
		t.lock.Lock()
		if t.failed == nil {
			t.failed = err
		}
		t.lock.Unlock()
		t.box.Kill(syscall.SIGKILL)
	}
}

// drain copies what is in a pipe at this moment: no more than a pipe can hold, if others go on to write.
func drain(file *os.File, to io.Writer) error {
	conn, err := file.SyscallConn()
	if err != nil {
		return err
	}
	buffer := make([]byte, 1<<16)
	for total := 0; total < 1<<20; {
		var n int
		conn.Control(func(fd uintptr) {
			for {
				if n, err = syscall.Read(int(fd), buffer); err != syscall.EINTR {
					return
				}
			}
		})
		if n <= 0 {
			return nil // its end, or nothing more at this moment
		}
		if _, err := to.Write(buffer[:n]); err != nil {
			return err
		}
		total += n
	}
	return nil
}

// end is called when the container has ended; the copies come to their ends, too.
func (t *talk) end() error {
	for _, file := range t.readers {
		file.SetReadDeadline(time.Unix(1, 0))
	}
	t.done.Wait()
	return t.failed
}

func (t *talk) close() {
	for _, file := range t.files {
		file.Close()
	}
}
