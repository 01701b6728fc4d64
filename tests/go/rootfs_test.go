package tests

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"libcontainer/container"
)

// place is where a tree shall be; it is removed with the test if it is there.
func place(t *testing.T) string {
	path := filepath.Join(t.TempDir(), "tree")
	t.Cleanup(func() {
		if err := container.RemoveRootfs(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Error(err)
		}
	})
	return path
}

func whole(t *testing.T, root *container.Rootfs, err error, path string) {
	t.Helper()
	ok(t, err)
	defer root.Close()
	stats, err := root.Stats()
	ok(t, err)
	if stats.Entries == 0 || stats.Bytes == 0 {
		t.Errorf("nothing was made: %+v", stats)
	}
	_, err = os.Stat(filepath.Join(path, "bin/busybox"))
	ok(t, err)
}

func nothingThere(t *testing.T, path string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	ok(t, err)
	same(t, len(entries), 0)
}

func TestArchiveOfAPathBecomesATree(t *testing.T) {
	nothingLeft(t)
	path := place(t)
	root, err := container.ExtractRootfs(long(t), tarball, path, nil)
	whole(t, root, err, path)
}

func TestArchiveIsReadFromFilesMemoryAndReaders(t *testing.T) {
	nothingLeft(t)
	file, err := os.Open(tarball)
	ok(t, err)
	defer file.Close()
	data, err := os.ReadFile(tarball)
	ok(t, err)
	path := place(t)
	root, err := container.ExtractRootfsFrom(long(t), file, path, nil)
	whole(t, root, err, path)
	path = place(t)
	root, err = container.ExtractRootfsBytes(long(t), data, path, nil)
	whole(t, root, err, path)
	reader, writer := io.Pipe()
	go func() {
		writer.Write(data)
		writer.Close()
	}()
	path = place(t)
	root, err = container.ExtractRootfsFrom(long(t), reader, path, nil)
	whole(t, root, err, path)
}

func TestErrorOfAReaderComesOutAndNothingIsLeft(t *testing.T) {
	nothingLeft(t)
	file, err := os.Open(tarball)
	ok(t, err)
	defer file.Close()
	broken := errors.New("the line is broken")
	reader, writer := io.Pipe()
	go func() {
		io.CopyN(writer, file, 70000)
		writer.CloseWithError(broken)
	}()
	path := place(t)
	_, err = container.ExtractRootfsFrom(long(t), reader, path, nil)
	is(t, err, broken)
	nothingThere(t, path)
}

func TestContextEndsAnExtraction(t *testing.T) {
	nothingLeft(t)
	ctx, cancel := context.WithCancel(context.Background())
	path := place(t)
	_, err := container.ExtractRootfs(ctx, tarball, path,
		&container.ExtractOptions{Progress: func(container.Progress) { cancel() }})
	is(t, err, context.Canceled)
	nothingThere(t, path)
}

func TestPanicOfACallbackGoesOnInTheCaller(t *testing.T) {
	nothingLeft(t)
	path := place(t)
	defer func() {
		if thrown := recover(); thrown != "enough" {
			t.Errorf("%v was thrown", thrown)
		}
		nothingThere(t, path)
	}()
	container.ExtractRootfs(long(t), tarball, path, &container.ExtractOptions{Progress: func(p container.Progress) {
		if p.Entries > 2 {
			panic("enough")
		}
	}})
}

func TestQuotaIsKept(t *testing.T) {
	nothingLeft(t)
	path := place(t)
	_, err := container.ExtractRootfs(long(t), tarball, path, &container.ExtractOptions{MaxEntries: 2})
	var failure *container.Error
	if !errors.As(err, &failure) || failure.Step != container.StepQuota {
		t.Fatal(err)
	}
	nothingThere(t, path)
}

func TestErrorTellsStepErrnoAndCure(t *testing.T) {
	nothingLeft(t)
	_, err := container.ExtractRootfs(long(t), "/nowhere/rootfs.tar.gz", place(t), nil)
	is(t, err, fs.ErrNotExist)
	var failure *container.Error
	if !errors.As(err, &failure) {
		t.Fatal(err)
	}
	same(t, failure.Step, container.StepArchive)
	same(t, failure.Step.String(), "archive")
	same(t, failure.Object, "/nowhere/rootfs.tar.gz")
	if failure.Sentence == "" || failure.Cure == "" {
		t.Errorf("%+v", failure)
	}
}

func TestStringWithANULIsRefused(t *testing.T) {
	nothingLeft(t)
	_, err := container.OpenRootfs("/\x00tmp")
	is(t, err, syscall.EINVAL)
	_, err = command(t, "true").SetHostname("a\x00b").Spawn()
	is(t, err, syscall.EINVAL)
}

// image packs the root filesystem as one.
func image(t *testing.T) string {
	path := filepath.Join(t.TempDir(), "image")
	tree := filepath.Join(filepath.Dir(tarball), "rootfs")
	err := exec.Command("mksquashfs", tree, path, "-noappend", "-no-progress", "-noD", "-noF").Run()
	if errors.Is(err, exec.ErrNotFound) {
		t.Skip("needs mksquashfs")
	}
	ok(t, err)
	return path
}

func TestProgramsRunFromAnImage(t *testing.T) {
	nothingLeft(t)
	path := image(t)
	file, err := os.Open(path)
	ok(t, err)
	mounted, err := container.OpenRootfsImageFile(file, 0)
	file.Close()
	var refused *container.Error
	if errors.As(err, &refused) && refused.Step == container.StepRootfs {
		t.Skipf("needs the right and a kernel to mount images: %s", refused.Sentence)
	}
	ok(t, err)
	defer mounted.Close()
	again, err := container.OpenRootfsImage(path, container.ImageSuid)
	ok(t, err)
	defer again.Close()
	for _, root := range []*container.Rootfs{mounted, again} {
		out, err := container.Run(long(t), root, "head", "-c", "4", "/etc/passwd")
		ok(t, err)
		same(t, string(out.Stdout), "root")
		_, err = container.Run(long(t), root, "touch", "/new")
		var exit *container.ExitError
		if !errors.As(err, &exit) {
			t.Fatalf("%v: it was written to", err)
		}
	}
}

func TestWhatIsNoImageIsRefused(t *testing.T) {
	nothingLeft(t)
	_, err := container.OpenRootfsImage(tarball, 0)
	var refused *container.Error
	if !errors.As(err, &refused) {
		t.Fatal(err)
	}
	same(t, refused.Step, container.StepRootfs)
	_, err = container.OpenRootfsImage(t.TempDir(), 0)
	is(t, err, syscall.EISDIR)
	_, err = container.OpenRootfsImage("/\x00image", 0)
	is(t, err, syscall.EINVAL)
	_, err = container.OpenRootfsImageFile(nil, 0)
	is(t, err, os.ErrInvalid)
}
