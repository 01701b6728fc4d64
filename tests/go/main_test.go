// Package tests is what the Go package promises.
package tests

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sort"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"libcontainer/container"
)

var (
	source  = "../.."         // from here, where go runs the tests
	tarball string            // a small root filesystem, packed
	root    *container.Rootfs // and unpacked
)

var skip = errors.New("SKIP")

func TestMain(m *testing.M) {
	work, err := os.MkdirTemp("", "ct-go-")
	if err != nil {
		panic(err)
	}
	status := 0
	if err := prepare(work); errors.Is(err, skip) {
		fmt.Println(err) // run.py looks for that
	} else if err != nil {
		fmt.Println(err)
		status = 1
	} else {
		status = m.Run()
		root.Close()
		if err := container.RemoveRootfs(filepath.Join(work, "rootfs")); err != nil {
			fmt.Println(err)
			status = 1
		}
	}
	os.RemoveAll(work)
	os.Exit(status)
}

func prepare(work string) error {
	tarball = filepath.Join(work, "rootfs.tar.gz")
	if err := exec.Command(filepath.Join(source, "examples/rootfs.sh"), tarball).Run(); err != nil {
		return fmt.Errorf("%w: needs a static busybox, tar and gzip", skip)
	}
	var err error
	if root, err = container.ExtractRootfs(context.Background(), tarball, filepath.Join(work, "rootfs"), nil); err != nil {
		return err
	}
	var refused *container.Error
	_, err = container.Run(context.Background(), root, "true")
	if errors.As(err, &refused) && errors.Is(err, syscall.EPERM) {
		return fmt.Errorf("%w: needs the right to start containers: %s", skip, refused.Sentence)
	}
	return err
}

// scaled divides a count, for builds and machines in which a start is dear.
func scaled(count int) int {
	if scale, err := strconv.Atoi(os.Getenv("CT_TEST_SCALE")); err == nil && count > scale {
		return count / scale
	}
	return count
}

// long is for what must not take for ever; nothing is timed.
func long(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func listed(pattern string, content bool) string {
	var found []string
	names, _ := filepath.Glob(pattern)
	for _, name := range names {
		if !content {
			found = append(found, filepath.Base(name))
		} else if text, err := os.ReadFile(name); err == nil { // else the thread has ended
			found = append(found, strings.Fields(string(text))...)
		}
	}
	sort.Strings(found)
	return strings.Join(found, " ")
}

// nothingLeft has a test fail that leaves a descriptor or a child.
func nothingLeft(t *testing.T) {
	t.Helper()
	look := func() string {
		return "descriptors " + listed("/proc/self/fd/*", false) + ", children " + listed("/proc/self/task/*/children", true)
	}
	before := look()
	t.Cleanup(func() {
		now := ""
		for i := 0; i < 1000; i++ { // goroutines that are on their way out may still close something
			if now = look(); now == before {
				return
			}
			runtime.GC()
			time.Sleep(10 * time.Millisecond)
		}
		t.Errorf("before: %s\nnow:    %s", before, now)
	})
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func is(t *testing.T, err, target error) {
	t.Helper()
	if !errors.Is(err, target) {
		t.Fatalf("%v is not %v", err, target)
	}
}

func same[T comparable](t *testing.T, got, want T) {
	t.Helper()
	if got != want {
		t.Fatalf("%v is not %v", got, want)
	}
}

// spawn starts a container that is closed with the test.
func spawn(t *testing.T, spec *container.Spec) *container.Container {
	t.Helper()
	box, err := spec.Spawn()
	ok(t, err)
	t.Cleanup(func() { box.Close() })
	return box
}

// command gives a spec that is closed with the test.
func command(t *testing.T, argv ...string) *container.Spec {
	spec := container.NewSpec(root, argv...)
	t.Cleanup(func() { spec.Close() })
	return spec
}

// needsCgroup skips where no cgroup may be made.
func needsCgroup(t *testing.T) {
	t.Helper()
	box, err := command(t, "true").SetCgroup(true).Spawn()
	if err != nil {
		t.Skipf("needs a cgroup in which others may be made: %v", err)
	}
	box.Close()
}
