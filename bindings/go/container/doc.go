// Package container is libcontainer for Go programs: a tarball becomes a directory, and a process runs in
// it, in a world of its own.
//
//	root, err := container.ExtractRootfs(ctx, "rootfs.tar.gz", "rootfs", nil)
//	...
//	out, err := container.Run(ctx, root, "ps", "aux")
//	fmt.Printf("%s", out.Stdout)
//
// Methods have the names of the C calls without their noun, and do what the manual says of these:
// Spec.SetHostname is ct_spec_set_hostname(3). README.md tells what differs, and what is left out.
//
// # Goroutines
//
// Every call may be made from any goroutine, whichever thread it is on: the library changes nothing in
// the thread that calls it, keeps nothing for it, and a handle belongs to the process. So nothing needs
// runtime.LockOSThread. That containers end with the program is the work of the library's keeper, which
// watches the process; it is not tied to a thread that the Go runtime may end at any time.
// A start uses the calling thread's rights and namespaces, though: a goroutine that has locked its
// thread and changed those starts containers with them.
//
// Waits (Container.Wait, Events.Next, Pool.WaitMissing, Notifications.Receive) park the goroutine in the
// runtime's poller, use no thread, and end with their context.
//
// # Lifetime
//
// Containers, specs, root filesystems, pools and sets of events hold something outside of Go's memory:
// Close gives it back, at once and in a known order. The garbage collector does it for those that were
// forgotten; a container that nobody refers to any more is killed then. Close waits for the calls
// that use the handle; later ones fail with os.ErrClosed.
package container

// #cgo pkg-config: container
// #include <container/container.h>
import "C"

// Version gives the version of the library that is linked at run time.
func Version() string {
	return C.GoString(C.ct_version())
}
