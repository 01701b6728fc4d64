package tests

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"

	"libcontainer/container"
)

func TestFunctionHasItsTurnInEachStart(t *testing.T) {
	nothingLeft(t)
	var seen []int
	var kept *container.Preparing
	spec := command(t, "true").SetPrepare(func(made *container.Preparing) error {
		pid, err := made.PID()
		seen, kept = append(seen, pid), made
		pidfd, wrong := made.Pidfd()
		if wrong == nil {
			pidfd.Close()
		}
		_, uids := made.UIDMap()
		_, gids := made.GIDMap()
		_, cgroup := made.Cgroup()
		for _, failed := range []error{wrong, uids, gids, cgroup} {
			if failed != nil {
				return failed
			}
		}
		return err
	})
	first := spawn(t, spec)
	second, err := spec.Create()
	ok(t, err)
	defer second.Close()
	for i, box := range []*container.Container{first, second} {
		pid, err := box.PID()
		ok(t, err)
		same(t, seen[i], pid)
	}
	_, err = kept.PID() // its turn is over
	is(t, err, os.ErrClosed)
	how, err := first.Wait(long(t))
	ok(t, err)
	same(t, how.Code, 0)
	spawn(t, spec.SetPrepare(nil))
	same(t, len(seen), 2)
}

func TestWhatIsMountedInItsTurnIsInTheContainerAlone(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root, to whom the host's tree is within reach in there")
	}
	nothingLeft(t)
	place := filepath.Join(filepath.Dir(tarball), "rootfs")
	visitor := container.NewSpec(nil, "/bin/sh", "-ec", "mount -t tmpfs none $ROOT/home; echo word > $ROOT/home/file").
		SetEnv("PATH=/bin:/usr/bin:/sbin:/usr/sbin", "ROOT="+place)
	defer visitor.Close()
	spec := command(t, "cat", "/home/file").SetPipes().SetPrepare(func(made *container.Preparing) error {
		box, err := made.Join(visitor, 0, container.JoinNoSeccomp)
		if err != nil {
			return err
		}
		defer box.Close()
		how, err := box.Wait(long(t))
		if err == nil && !how.Success() {
			err = errors.New(how.String())
		}
		return err
	})
	out, err := spec.Run(long(t), nil)
	ok(t, err)
	same(t, string(out.Stdout), "word\n")
	_, err = os.Stat(filepath.Join(place, "home/file"))
	is(t, err, fs.ErrNotExist)
}

func TestErrorOfAFunctionIsThatOfTheStart(t *testing.T) {
	nothingLeft(t)
	mine := errors.New("not today")
	for _, refusal := range []error{mine, syscall.EXDEV, fmt.Errorf("%w: %v", mine, syscall.EXDEV)} {
		_, err := command(t, "true").SetPrepare(func(*container.Preparing) error { return refusal }).Spawn()
		if err != refusal {
			t.Errorf("%v is not %v", err, refusal)
		}
	}
	spec := command(t, "true").SetPrepare(func(*container.Preparing) error { return nil })
	_, err := container.NewPool(spec, 1)
	is(t, err, syscall.EINVAL)
}

func TestPanicOfAFunctionGoesOnInTheStarter(t *testing.T) {
	nothingLeft(t)
	spec := command(t, "sleep", "1000").SetPrepare(func(*container.Preparing) error { panic("not with me") })
	for i := 0; i < 2; i++ {
		func() {
			defer func() {
				if thrown := recover(); thrown != "not with me" {
					t.Errorf("%v was thrown", thrown)
				}
			}()
			spec.Spawn()
		}()
	}
	_, ended, err := spawn(t, spec.SetPrepare(nil)).Poll()
	ok(t, err)
	same(t, ended, false)
}

func TestEachGoroutineHasItsOwnTurn(t *testing.T) {
	nothingLeft(t)
	var lock sync.Mutex
	count := 0
	inner := command(t, "true").SetPrepare(func(*container.Preparing) error { return syscall.EDOM })
	spec := command(t, "true").SetPrepare(func(made *container.Preparing) error {
		if _, err := inner.Spawn(); err != syscall.EDOM { // a start in a start
			return err
		}
		lock.Lock()
		defer lock.Unlock()
		if count++; count%2 == 0 {
			return fs.ErrInvalid
		}
		return nil
	})
	refused := 0
	goroutines(8, func(int) {
		box, err := spec.Spawn()
		if err == nil {
			box.Close()
			return
		}
		lock.Lock()
		defer lock.Unlock()
		if refused++; err != fs.ErrInvalid {
			t.Error(err)
		}
	})
	same(t, refused, 4)
}

func TestSpecIsWrittenDownAndReadAgain(t *testing.T) {
	nothingLeft(t)
	spec := command(t, "sh", "-c", "hostname; exit 6").SetHostname("written").
		SetSeccomp(container.SeccompOff, 0) // the library's filter is more than the list that a configuration has
	config, err := spec.ToOCI()
	var failure *container.Error
	if errors.As(err, &failure) && failure.Object == "configuration" {
		t.Skip("needs a library with jansson")
	}
	ok(t, err)
	again, err := container.SpecFromOCIText(config, "")
	ok(t, err)
	defer again.Close()
	box := spawn(t, again.SetPipes())
	var out bytes.Buffer
	how, err := box.Communicate(long(t), nil, &out, nil)
	ok(t, err)
	same(t, out.String(), "written\n")
	same(t, how.Code, 6)
	_, err = spec.SetPrepare(func(*container.Preparing) error { return nil }).ToOCI()
	if !errors.As(err, &failure) {
		t.Fatal(err)
	}
	same(t, failure.Object, "prepare")
}
