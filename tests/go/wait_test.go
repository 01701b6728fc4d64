package tests

import (
	"context"
	"errors"
	"os"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"libcontainer/container"
)

// goroutines runs it in so many at once, and waits for all.
func goroutines(count int, f func(number int)) {
	var done sync.WaitGroup
	for number := 0; number < count; number++ {
		done.Add(1)
		go func(number int) {
			defer done.Done()
			f(number)
		}(number)
	}
	done.Wait()
}

// sleeper is a container that ends when its stdin is closed.
func sleeper(t *testing.T) (*container.Container, *os.File) {
	t.Helper()
	box := spawn(t, command(t, "cat").SetStdio(container.Stdin, container.StdioPipe))
	input, err := box.Take(container.Stdin)
	ok(t, err)
	t.Cleanup(func() { input.Close() })
	return box, input
}

func TestHundredsOfGoroutinesStartContainersFromOneSpec(t *testing.T) {
	nothingLeft(t)
	spec := command(t, "sh", "-c", "read n; exit $n").SetPipes()
	goroutines(scaled(300), func(number int) {
		_, err := spec.Run(long(t), strings.NewReader(string(rune('0'+number%10))+"\n"))
		var exit *container.ExitError
		code := 0
		if errors.As(err, &exit) {
			code = exit.Code
		} else if err != nil {
			t.Error(err)
		}
		if code != number%10 {
			t.Errorf("goroutine %d got %d: %v", number, code, err)
		}
	})
}

func TestContainerOutlivesTheThreadThatStartedIt(t *testing.T) {
	nothingLeft(t)
	started := make(chan *container.Container)
	thread := make(chan int)
	go func() {
		runtime.LockOSThread() // and never unlocked: the runtime ends the thread with the goroutine
		box, err := command(t, "cat").SetPipes().Spawn()
		if err != nil {
			t.Error(err)
		}
		started <- box
		thread <- syscall.Gettid()
	}()
	box := <-started
	defer box.Close()
	for tid := <-thread; syscall.Tgkill(os.Getpid(), tid, 0) == nil; {
		time.Sleep(time.Millisecond)
	}
	var out strings.Builder
	how, err := box.Communicate(long(t), strings.NewReader("still here"), &out, nil)
	ok(t, err)
	same(t, how.Code, 0)
	same(t, out.String(), "still here")
}

func TestWaitEndsWithItsContextAndTheContainerRunsOn(t *testing.T) {
	nothingLeft(t)
	box, input := sleeper(t)
	ctx, cancel := context.WithCancel(context.Background())
	go cancel()
	_, err := box.Wait(ctx)
	is(t, err, context.Canceled)
	late, stop := context.WithTimeout(context.Background(), time.Millisecond)
	defer stop()
	_, err = box.Wait(late)
	is(t, err, context.DeadlineExceeded)
	input.Close()
	how, err := box.Wait(long(t))
	ok(t, err)
	same(t, how.Code, 0)
	how, err = box.Wait(long(t)) // the answer is kept
	ok(t, err)
	same(t, how.Code, 0)
}

func TestWaitsUseNoThreads(t *testing.T) {
	nothingLeft(t)
	const waiters = 400
	var inputs []*os.File
	var boxes []*container.Container
	for i := 0; i < 8; i++ {
		box, input := sleeper(t)
		boxes, inputs = append(boxes, box), append(inputs, input)
	}
	threads := func() int {
		found, _ := os.ReadDir("/proc/self/task")
		return len(found)
	}
	begun := make(chan bool, waiters)
	before, most := threads(), 0 // threads that starts have needed stay
	goroutines(waiters+1, func(number int) {
		if number < waiters {
			begun <- true
			if _, err := boxes[number%len(boxes)].Wait(long(t)); err != nil {
				t.Error(err)
			}
			return
		}
		for i := 0; i < waiters; i++ {
			<-begun
		}
		time.Sleep(50 * time.Millisecond)
		most = threads()
		for _, input := range inputs {
			input.Close()
		}
	})
	if most-before > waiters/4 {
		t.Errorf("%d waits had %d threads more than %d", waiters, most, before)
	}
}

func TestCloseEndsTheWaits(t *testing.T) {
	nothingLeft(t)
	box, _ := sleeper(t)
	goroutines(20, func(number int) {
		if number == 0 {
			time.Sleep(10 * time.Millisecond)
			box.Close()
		} else if _, err := box.Wait(long(t)); !errors.Is(err, os.ErrClosed) {
			t.Error(err)
		}
	})
}

func TestContainerIsClosedWhileOthersUseIt(t *testing.T) {
	nothingLeft(t)
	for round := 0; round < scaled(20); round++ {
		box := spawn(t, command(t, "sleep", "1000"))
		goroutines(16, func(number int) {
			var err error
			switch number % 4 {
			case 0:
				box.Close()
			case 1:
				_, err = box.Wait(long(t))
			case 2:
				_, err = box.PID()
			default:
				_, _, err = box.Poll()
			}
			if err != nil && !errors.Is(err, os.ErrClosed) {
				t.Error(err)
			}
		})
	}
}

func TestContainerThatNobodyRefersToIsKilled(t *testing.T) {
	nothingLeft(t)
	pidfd := func() *os.File {
		box, err := command(t, "sleep", "1000").Spawn()
		ok(t, err)
		late, stop := context.WithTimeout(context.Background(), time.Millisecond)
		defer stop()
		_, err = box.Wait(late) // whose watch does not keep it
		is(t, err, context.DeadlineExceeded)
		file, err := box.Pidfd()
		ok(t, err)
		return file
	}()
	defer pidfd.Close()
	for alive := true; alive; {
		runtime.GC()
		time.Sleep(time.Millisecond)
		_, _, errno := syscall.Syscall6(424, pidfd.Fd(), 0, 0, 0, 0, 0) // pidfd_send_signal
		alive = errno == 0
	}
}

func TestContainerThatWasClosedCanBeRemovedFromASet(t *testing.T) {
	nothingLeft(t)
	events, err := container.NewEvents()
	ok(t, err)
	defer events.Close()
	box := spawn(t, command(t, "sleep", "100"))
	ok(t, events.Add(box))
	ok(t, box.Close())
	is(t, events.Remove(box), os.ErrClosed)
	same(t, events.Len(), 0)
}
