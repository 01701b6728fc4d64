package tests

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"libcontainer/container"
)

func TestEventsTellOfStartsAndEnds(t *testing.T) {
	nothingLeft(t)
	events, err := container.NewEvents()
	ok(t, err)
	defer events.Close()
	told := map[*container.Container]string{}
	for i := 0; i < 10; i++ {
		box := spawn(t, command(t, "true"))
		ok(t, events.Add(box))
		told[box] = ""
	}
	for events.Len() > 0 {
		event, err := events.Next(long(t))
		ok(t, err)
		told[event.Box] += map[container.EventKind]string{container.EventStarted: "s", container.EventExited: "e"}[event.Kind]
	}
	for _, kinds := range told {
		same(t, kinds, "se")
	}
	same(t, len(told), 10)
}

func TestEventsOfOneThatWasTakenOutAreForgotten(t *testing.T) {
	nothingLeft(t)
	events, err := container.NewEvents()
	ok(t, err)
	defer events.Close()
	box, _ := sleeper(t)
	ok(t, events.Add(box))
	is(t, events.Add(box), syscall.EBUSY)
	ok(t, events.Remove(box))
	same(t, events.Len(), 0)
	_, told, err := events.Poll()
	ok(t, err)
	same(t, told, false)
	is(t, events.Remove(box), syscall.ENOENT)
}

func TestNextEndsWithItsContextAndWithTheSet(t *testing.T) {
	nothingLeft(t)
	events, err := container.NewEvents()
	ok(t, err)
	late, stop := context.WithTimeout(context.Background(), time.Millisecond)
	defer stop()
	_, err = events.Next(late)
	is(t, err, context.DeadlineExceeded)
	goroutines(5, func(number int) {
		if number == 0 {
			time.Sleep(10 * time.Millisecond)
			events.Close()
		} else if _, err := events.Next(long(t)); !errors.Is(err, os.ErrClosed) {
			t.Error(err)
		}
	})
}

func TestPoolGivesEachPayloadASandboxOfItsOwn(t *testing.T) {
	nothingLeft(t)
	spec := command(t, "true").SetStdio(container.Stdout, container.StdioPipe)
	pool, err := container.NewPool(spec, 2)
	ok(t, err)
	defer pool.Close()
	spec.Close()
	reader, writer, err := os.Pipe()
	ok(t, err)
	defer reader.Close()
	box, err := pool.Take(container.Payload{
		Argv: []string{"sh", "-c", "echo $WORD >&7; exit 3"}, Env: []string{"WORD=hello", "PATH=/bin"},
		Files: map[int]*os.File{7: writer},
	})
	ok(t, err)
	writer.Close()
	defer box.Close()
	how, err := box.Wait(long(t))
	ok(t, err)
	same(t, how.Code, 3)
	said, err := io.ReadAll(reader)
	ok(t, err)
	same(t, string(said), "hello\n")
	ok(t, pool.WaitMissing(long(t)))
	made, err := pool.Refill(0)
	ok(t, err)
	same(t, made, 1)
	count, err := pool.Ready()
	ok(t, err)
	same(t, count, 2)
}

func TestPoolRefusesBadPayloads(t *testing.T) {
	nothingLeft(t)
	pool, err := container.NewPool(command(t, "true"), 1)
	ok(t, err)
	_, err = pool.Take(container.Payload{Argv: []string{"a\x00b"}})
	is(t, err, syscall.EINVAL)
	_, err = pool.Take(container.Payload{Argv: []string{"no-such-program"}})
	is(t, err, syscall.ENOENT)
	_, err = pool.Take(container.Payload{Files: map[int]*os.File{7: nil}})
	is(t, err, os.ErrInvalid)
	pool.Close()
	_, err = pool.Take(container.Payload{})
	is(t, err, os.ErrClosed)
	is(t, pool.WaitMissing(long(t)), os.ErrClosed)
	_, err = container.NewPool(command(t, "true").SetCwd("relative"), 1)
	is(t, err, syscall.EINVAL)
}

func TestNamespacesOfAContainerAreItsOwn(t *testing.T) {
	nothingLeft(t)
	box, _ := sleeper(t)
	inside, err := box.Namespaces(container.NSPID, container.ListAlone)
	ok(t, err)
	ours, err := container.ListNamespacesOf(os.Getpid(), container.NSPID, container.ListAlone)
	ok(t, err)
	if len(inside.Rows) == 0 || inside.Rows[0].ID == ours.Rows[0].ID {
		t.Errorf("inside %+v, outside %+v", inside.Rows, ours.Rows)
	}
	all, err := container.ListNamespaces(0, 0)
	ok(t, err)
	row, found := all.Find(inside.Rows[0].ID)
	same(t, found, true)
	same(t, row.Kind.String(), "pid")
	for format, part := range map[container.ListFormat]string{container.FormatTable: "cat", container.FormatJSON: "{"} {
		text, err := all.Text(format)
		ok(t, err)
		if !strings.Contains(text, part) {
			t.Error(text)
		}
	}
	_, err = all.Text(99)
	is(t, err, syscall.EINVAL)
	_, err = container.ListNamespacesOf(-1, 0, 0)
	is(t, err, syscall.EINVAL)
}

func TestProbeTellsOfTheMachine(t *testing.T) {
	nothingLeft(t)
	facts, err := container.Probe()
	ok(t, err)
	kernel, found := facts.Find(container.FactKernel)
	same(t, found, true)
	same(t, kernel.State, container.ProbeWorks)
	text := facts.String() + facts.JSON()
	if kernel.Value == "" || !strings.Contains(text, kernel.Value) || !strings.Contains(text, `"facts"`) {
		t.Errorf("%+v", kernel)
	}
	path, err := container.ProbePath(t.TempDir())
	ok(t, err)
	_, found = path.Find(container.FactPathWrite)
	same(t, found, true)
	_, err = container.ProbePath("/nowhere")
	is(t, err, syscall.ENOENT)
}
