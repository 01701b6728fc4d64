// Extract a tarball, run a command in it, and end as that does.
//
//	go run ./examples/run ARCHIVE DIRECTORY COMMAND...
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"

	"libcontainer/container"
)

func run(ctx context.Context, archive, directory string, command []string) (container.ExitStatus, error) {
	root, err := container.ExtractRootfs(ctx, archive, directory, nil)
	if err != nil {
		return container.ExitStatus{}, err
	}
	defer root.Close()
	spec := container.NewSpec(root, command...)
	defer spec.Close()
	box, err := spec.Spawn()
	if err != nil {
		return container.ExitStatus{}, err
	}
	defer box.Close() // ends what still runs
	return box.Wait(ctx)
}

func main() {
	if len(os.Args) < 4 {
		fmt.Fprintln(os.Stderr, "usage: run ARCHIVE DIRECTORY COMMAND...")
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	how, err := run(ctx, os.Args[1], os.Args[2], os.Args[3:])
	var failure *container.Error
	if errors.As(err, &failure) {
		fmt.Fprintf(os.Stderr, "%s\n%s\n", failure.Sentence, failure.Cure)
	} else if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	if err != nil {
		os.Exit(125)
	}
	if how.Signal != 0 {
		os.Exit(128 + int(how.Signal))
	}
	os.Exit(how.Code)
}
