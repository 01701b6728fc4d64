package container

import (
	"strings"
	"syscall"
)

// #include "glue.h"
import "C"

// Error is the account of one failure: ct_error.
//
// errors.Is(err, syscall.ENOENT) and errors.Is(err, fs.ErrNotExist) look at its errno.
type Error struct {
	Step     Step          // where it failed
	Errno    syscall.Errno // why
	Call     string        // the kernel or library call that failed: "move_mount"
	Object   string        // what it failed on: a path, an entry, a setting
	Sentence string        // all of that as one sentence
	Cure     string        // what usually helps; empty where nothing is known
}

// Error gives the sentence, and the cure in a second line where one is known.
func (e *Error) Error() string {
	if e.Cure == "" {
		return e.Sentence
	}
	return e.Sentence + "\n" + e.Cure
}

// Unwrap gives the errno.
func (e *Error) Unwrap() error {
	return e.Errno
}

// String gives the name of a step, as in "working directory".
func (s Step) String() string {
	return C.GoString(C.ct_step_name(C.int(s)))
}

func errorOf(code int, err *C.ct_error) *Error {
	return &Error{
		Step:     Step(err.step),
		Errno:    syscall.Errno(-code),
		Call:     C.GoString(&err.call[0]),
		Object:   C.GoString(&err.object[0]),
		Sentence: C.GoString(&err.sentence[0]),
		Cure:     C.GoString(&err.cure[0]),
	}
}

// checked makes a call that returns a count or a negative errno and fills a ct_error.
func checked(f func(err *C.ct_error) C.int) (int, error) {
	err := C.ct_error{size: C.sizeof_ct_error}
	code := int(f(&err))
	if code >= 0 {
		return code, nil
	}
	if err.code == 0 { // a mistake that has no words of its own
		return 0, mistake(syscall.Errno(-code), "")
	}
	return 0, errorOf(code, &err)
}

// result is for calls that have no ct_error.
func result(where string, code C.int) (int, error) {
	if code >= 0 {
		return int(code), nil
	}
	return 0, mistake(syscall.Errno(-code), where)
}

// mistake is a failure that was found on this side of the library.
func mistake(errno syscall.Errno, parts ...string) *Error {
	var words []string
	for _, part := range append(parts, errno.Error()) {
		if part != "" {
			words = append(words, part)
		}
	}
	e := &Error{Step: StepArgument, Errno: errno, Sentence: strings.Join(words, ": ")}
	if len(parts) > 0 {
		e.Object = parts[0]
	}
	return e
}
