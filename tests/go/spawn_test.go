package tests

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"libcontainer/container"
)

func TestRunGivesWhatWasWritten(t *testing.T) {
	nothingLeft(t)
	out, err := container.Run(long(t), root, "sh", "-c", "echo out; echo wrong >&2")
	ok(t, err)
	same(t, string(out.Stdout), "out\n")
	same(t, string(out.Stderr), "wrong\n")
	same(t, out.Status.String(), "exited with code 0")
}

func TestRunTellsAnExitCodeAsAnError(t *testing.T) {
	nothingLeft(t)
	out, err := container.Run(long(t), root, "sh", "-c", "echo out; exit 3")
	var exit *container.ExitError
	if !errors.As(err, &exit) {
		t.Fatal(err)
	}
	same(t, exit.Code, 3)
	same(t, string(out.Stdout), "out\n")
}

func TestInputIsFedWhateverIsWrittenFirst(t *testing.T) {
	nothingLeft(t)
	input := bytes.Repeat([]byte("0123456789abcdef"), 60000)
	out, err := command(t, "cat").SetPipes().Run(long(t), bytes.NewReader(input))
	ok(t, err)
	if !bytes.Equal(out.Stdout, input) {
		t.Errorf("%d bytes came back of %d", len(out.Stdout), len(input))
	}
}

func TestOutputOverTheLimitIsDropped(t *testing.T) {
	nothingLeft(t)
	out, err := container.Run(long(t), root, "head", "-c", "3000000", "/dev/zero")
	ok(t, err)
	same(t, len(out.Stdout), container.OutputLimit)
	same(t, out.StdoutTotal, 3000000)
}

func TestRunIsKilledWithItsContext(t *testing.T) {
	nothingLeft(t)
	ctx, cancel := context.WithCancel(context.Background())
	reader, writer := io.Pipe()
	go func() {
		io.ReadFull(reader, make([]byte, 1)) // it runs
		cancel()
		io.Copy(io.Discard, reader)
	}()
	box := spawn(t, command(t, "sh", "-c", "echo; exec sleep 1000").SetPipes())
	how, err := box.Communicate(ctx, nil, writer, nil)
	is(t, err, context.Canceled)
	same(t, how.Signal, syscall.SIGKILL)
	same(t, how.Why, container.EndAsked)
}

func TestWriterThatFailsEndsTheContainer(t *testing.T) {
	nothingLeft(t)
	reader, writer := io.Pipe()
	full := errors.New("full")
	reader.CloseWithError(full)
	box := spawn(t, command(t, "sh", "-c", "while true; do echo more; done").SetPipes())
	_, err := box.Communicate(long(t), nil, writer, nil)
	is(t, err, full)
}

func TestMissingProgramIsToldByItsStep(t *testing.T) {
	nothingLeft(t)
	_, err := command(t, "no-such-program").Spawn()
	is(t, err, fs.ErrNotExist)
	var failure *container.Error
	if !errors.As(err, &failure) || failure.Step != container.StepProgram {
		t.Fatal(err)
	}
}

func TestMistakeOfASetterIsTold(t *testing.T) {
	nothingLeft(t)
	spec := command(t, "true").SetCwd("relative").SetHostname("box")
	is(t, spec.Err(), syscall.EINVAL)
	_, err := spec.Spawn()
	is(t, err, syscall.EINVAL)
	is(t, command(t, "true").Err(), nil)
}

func TestClosedHandlesAreRefused(t *testing.T) {
	nothingLeft(t)
	spec := command(t, "true")
	box := spawn(t, spec)
	box.Close()
	_, err := box.Wait(long(t))
	is(t, err, os.ErrClosed)
	_, err = box.Exec(spec)
	is(t, err, os.ErrClosed)
	spec.Close()
	_, err = spec.Spawn()
	is(t, err, os.ErrClosed)
	is(t, spec.SetHostname("box").Err(), os.ErrClosed)
}

func TestSettingsArriveInside(t *testing.T) {
	nothingLeft(t)
	spec := command(t, "sh", "-c", "hostname; pwd; cat /etc/note; echo $WORD; umask").SetPipes().
		SetHostname("box").SetCwd("/tmp").SetEnv("WORD=hello", "PATH=/bin").SetUmask(0o027).
		AddTmpfs("/tmp", 1<<20, 0o1777, 0).AddFile([]byte("by the host\n"), "/etc/note", 0o644)
	out, err := spec.Run(long(t), nil)
	ok(t, err)
	same(t, string(out.Stdout), "box\n/tmp\nby the host\nhello\n0027\n")
}

func TestFileOfTheHostTakesOutput(t *testing.T) {
	nothingLeft(t)
	file, err := os.Create(filepath.Join(t.TempDir(), "out"))
	ok(t, err)
	defer file.Close()
	box := spawn(t, command(t, "sh", "-c", "echo one; echo two >&5").SetStdioFile(container.Stdout, file).MapFile(file, 5))
	_, err = box.Wait(long(t))
	ok(t, err)
	content, err := os.ReadFile(file.Name())
	ok(t, err)
	same(t, string(content), "one\ntwo\n")
}

func TestFileThatWasClosedIsRefused(t *testing.T) {
	nothingLeft(t)
	file, err := os.Create(filepath.Join(t.TempDir(), "out"))
	ok(t, err)
	spec := command(t, "true").SetStdioFile(container.Stdout, file)
	file.Close()
	// Its number may be another file's by now.
	_, err = spec.Spawn()
	is(t, err, os.ErrClosed)
	is(t, command(t, "true").SetStdioFile(container.Stdout, nil).Err(), os.ErrInvalid)
}

func TestCreatedContainerWaitsForItsStart(t *testing.T) {
	nothingLeft(t)
	box, err := command(t, "sh", "-c", "exit 4").Create()
	ok(t, err)
	defer box.Close()
	_, ended, err := box.Poll()
	ok(t, err)
	same(t, ended, false)
	ok(t, box.Start())
	how, err := box.Wait(long(t))
	ok(t, err)
	same(t, how.Code, 4)
}

func TestExecRunsBesideTheContainer(t *testing.T) {
	nothingLeft(t)
	box := spawn(t, command(t, "sleep", "1000").SetHostname("joined"))
	visitor, err := box.Exec(container.NewSpec(nil, "hostname").SetPipes())
	ok(t, err)
	defer visitor.Close()
	var out bytes.Buffer
	_, err = visitor.Communicate(long(t), nil, &out, nil)
	ok(t, err)
	same(t, out.String(), "joined\n")
	pidfd, err := box.Pidfd()
	ok(t, err)
	defer pidfd.Close()
	other, err := container.JoinPidfd(pidfd, container.NewSpec(nil, "true"), 0, container.JoinNoSeccomp)
	ok(t, err)
	defer other.Close()
	how, err := other.Wait(long(t))
	ok(t, err)
	same(t, how.Code, 0)
}

func TestStopAsksAndThenKills(t *testing.T) {
	nothingLeft(t)
	polite := spawn(t, command(t, "sh", "-c", "trap 'exit 5' TERM; echo; while true; do sleep 0.1; done").SetPipes())
	awaits(t, polite)
	how, err := polite.Stop(long(t), syscall.SIGTERM, container.NoLimit)
	ok(t, err)
	same(t, how.Code, 5)
	deaf := spawn(t, command(t, "sh", "-c", "trap '' TERM; echo; while true; do sleep 0.1; done").SetPipes())
	awaits(t, deaf)
	how, err = deaf.Stop(long(t), syscall.SIGTERM, 10*time.Millisecond)
	ok(t, err)
	same(t, how.Signal, syscall.SIGKILL)
	how, err = deaf.Stop(long(t), syscall.SIGTERM, 0) // that it has ended is no error
	ok(t, err)
	same(t, how.Signal, syscall.SIGKILL)
}

// awaits a line of a container.
func awaits(t *testing.T, box *container.Container) {
	t.Helper()
	file, err := box.Take(container.Stdout)
	ok(t, err)
	defer file.Close()
	_, err = file.Read(make([]byte, 1))
	ok(t, err)
}

func TestKillOfOneThatHasEndedIsESRCH(t *testing.T) {
	nothingLeft(t)
	box := spawn(t, command(t, "true"))
	_, err := box.Wait(long(t))
	ok(t, err)
	is(t, box.Signal(os.Interrupt), syscall.ESRCH)
}

func TestTimeLimitIsWhyItEnded(t *testing.T) {
	nothingLeft(t)
	box := spawn(t, command(t, "sleep", "1000").SetTimeLimit(container.TimeWall, 20*time.Millisecond))
	how, err := box.Wait(long(t))
	ok(t, err)
	same(t, how.Why, container.EndWall)
	same(t, how.String(), "killed by signal 9 (SIGKILL): its time was over")
}

func TestFiguresTellWhatWasUsed(t *testing.T) {
	needsCgroup(t)
	nothingLeft(t)
	box := spawn(t, command(t, "cat").SetPipes().SetCgroup(true))
	figures, err := box.Figures()
	ok(t, err)
	many, err := container.FiguresOf(box, box)
	ok(t, err)
	same(t, len(many), 2)
	if most := container.NotKnown; figures.CPUMicros == most && figures.MemoryBytes == most && figures.PIDs == most {
		t.Errorf("nothing is known: %+v", figures)
	}
	path, err := box.Cgroup()
	ok(t, err)
	if !strings.Contains(path, "/ct-") {
		t.Error(path)
	}
	_, err = spawn(t, command(t, "true")).Figures()
	is(t, err, fs.ErrNotExist)
}

func TestProtectionTellsOfEachItem(t *testing.T) {
	nothingLeft(t)
	items, err := spawn(t, command(t, "true")).Protection()
	ok(t, err)
	same(t, len(items), int(container.ItemLabel))
	same(t, items[container.ItemRoot-1].State, container.ItemEnforced)
	same(t, items[container.ItemNSPID-1].Item.String(), "pid namespace")
}

func TestFilesAndProcessesInsideAreWithinReach(t *testing.T) {
	nothingLeft(t)
	box := spawn(t, command(t, "sh", "-c", "echo; exec sleep 1000").SetPipes().
		AddFile([]byte("hello"), "/etc/note", 0o644))
	awaits(t, box)
	file, err := box.Open("/etc/note")
	ok(t, err)
	defer file.Close()
	content, err := io.ReadAll(file)
	ok(t, err)
	same(t, string(content), "hello")
	_, err = box.Open("/proc/uptime")
	is(t, err, fs.ErrPermission)
	pids, err := box.Processes()
	ok(t, err)
	pid, err := box.PID()
	ok(t, err)
	same(t, len(pids), 1)
	same(t, pids[0], pid)
}

func TestContainerIsFoundAgain(t *testing.T) {
	nothingLeft(t)
	directory, err := os.Open(t.TempDir())
	ok(t, err)
	defer directory.Close()
	ok(t, directory.Chmod(0o700))
	box := spawn(t, command(t, "sleep", "1000"))
	ok(t, box.Save(directory, "web"))
	again, err := container.Load(directory, "web")
	ok(t, err)
	defer again.Close()
	is(t, container.RemoveState(directory, "web"), syscall.EBUSY)
	ok(t, again.Kill(syscall.SIGKILL))
	_, err = box.Wait(long(t))
	ok(t, err)
	ok(t, container.RemoveState(directory, "web"))
	_, err = container.Load(directory, "web")
	is(t, err, fs.ErrNotExist)
}

func TestTerminalIsReadWithoutAThread(t *testing.T) {
	nothingLeft(t)
	box := spawn(t, command(t, "sh", "-c", "test -t 0 && stty size; read x; echo got $x").SetTerminal(24, 80))
	terminal, err := box.TakeTerminal()
	ok(t, err)
	defer terminal.Close()
	ok(t, container.ResizeTerminal(terminal, 50, 100))
	_, err = terminal.WriteString("word\n")
	ok(t, err)
	said, err := io.ReadAll(terminal)
	is(t, err, syscall.EIO)
	if !strings.Contains(string(said), "got word") {
		t.Errorf("%q", said)
	}
	_, err = box.TakeTerminal()
	is(t, err, fs.ErrNotExist)
}

func TestHostAnswersCallsOfAContainer(t *testing.T) {
	nothingLeft(t)
	spec := command(t, "sh", "-c", "hostname other || exit 9").AddSeccompRule("sethostname", container.SeccompNotify, 0).
		SetStdio(container.Stderr, container.StdioNull)
	box := spawn(t, spec)
	calls, err := box.TakeNotify()
	ok(t, err)
	defer calls.Close()
	call, err := calls.Receive(long(t))
	ok(t, err)
	same(t, call.Call, "sethostname")
	name, err := calls.Read(call, call.Args[0], int(call.Args[1]))
	ok(t, err)
	same(t, string(name), "other")
	ok(t, calls.Answer(call, syscall.ENOSYS, 0))
	_, err = calls.Receive(long(t))
	is(t, err, syscall.ENOTCONN)
	how, err := box.Wait(long(t))
	ok(t, err)
	same(t, how.Code, 9)
}

func TestSpecOfAnOCIProcess(t *testing.T) {
	nothingLeft(t)
	spec, err := container.SpecFromOCIProcess([]byte(`{"args": ["true"], "cwd": "/", "user": {"uid": "x"}}`))
	if errors.Is(err, syscall.EOPNOTSUPP) {
		t.Skip("needs a library with jansson")
	}
	var failure *container.Error
	if !errors.As(err, &failure) || spec != nil {
		t.Fatal(err)
	}
	same(t, failure.Object, "/process/user/uid")
}

// What C wants one at a time, Go does one at a time: of many who start and take, one does.
func TestOneOfManyStartsAndTakes(t *testing.T) {
	nothingLeft(t)
	spec := command(t, "cat").SetPipes()
	for round := 0; round < scaled(30); round++ {
		box, err := spec.Create()
		ok(t, err)
		var started, taken atomic.Int32
		together := func(try func() error, count *atomic.Int32) {
			goroutines(8, func(int) {
				if try() == nil {
					count.Add(1)
				}
			})
		}
		together(box.Start, &started)
		together(func() error {
			file, err := box.Take(container.Stdin)
			if err == nil {
				err = file.Close()
			}
			return err
		}, &taken)
		same(t, started.Load(), 1)
		same(t, taken.Load(), 1)
		_, err = box.Wait(long(t))
		ok(t, err)
		ok(t, box.Close())
	}
}
