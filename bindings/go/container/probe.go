package container

// #include "glue.h"
import "C"

// FactInfo is what is known of one fact: ct_probe_info.
type FactInfo struct {
	Fact   Fact
	State  ProbeState
	Number uint64 // or NoNumber
	Name   string // "user_ns"
	Group  string // "user namespaces"
	Value  string // what was found
	Reason string // why it lacks or is not known
	Cure   string // what helps
}

// Facts is what works on this machine for this caller, as it was at one moment.
type Facts struct {
	List       []FactInfo
	text, json string
}

// Probe looks at the machine, as the caller. What is found holds for the rights of the calling thread,
// which are those of the program unless a goroutine has changed them for its own.
func Probe() (*Facts, error) {
	var probe *C.ct_probe
	_, err := checked(func(err *C.ct_error) C.int { return C.ct_probe_new(&probe, err) })
	return facts(probe, err)
}

// ProbePath looks at a directory: what its filesystem can do for a root filesystem or a layer.
func ProbePath(path string) (*Facts, error) {
	var m memory
	defer m.free()
	name := m.text(path)
	if m.err != nil {
		return nil, m.err
	}
	var probe *C.ct_probe
	_, err := checked(func(err *C.ct_error) C.int { return C.ct_probe_path(name, &probe, err) })
	return facts(probe, err)
}

// facts copies a probe, with its texts, so that nothing has to be freed later.
func facts(probe *C.ct_probe, err error) (*Facts, error) {
	if err != nil {
		return nil, err
	}
	defer C.ct_probe_free(probe)
	made := &Facts{}
	for i := C.size_t(0); i < C.ct_probe_count(probe); i++ {
		info := C.ct_probe_info{size: C.sizeof_ct_probe_info}
		if _, err := result("ct_probe_get", C.ct_probe_get(probe, i, &info)); err != nil {
			return nil, err
		}
		made.List = append(made.List, FactInfo{
			Fact(info.fact), ProbeState(info.state), uint64(info.number), C.GoString(&info.name[0]),
			C.GoString(&info.group[0]), C.GoString(&info.value[0]), C.GoString(&info.reason[0]), C.GoString(&info.cure[0]),
		})
	}
	var text *C.char
	if _, err := result("ct_probe_to_text", C.ct_probe_to_text(probe, &text)); err != nil {
		return nil, err
	}
	made.text = C.GoString(text)
	C.ct_probe_text_free(text)
	if _, err := result("ct_probe_to_json", C.ct_probe_to_json(probe, &text)); err != nil {
		return nil, err
	}
	made.json = C.GoString(text)
	C.ct_probe_text_free(text)
	return made, nil
}

// Find gives one fact.
func (f *Facts) Find(fact Fact) (FactInfo, bool) {
	for _, info := range f.List {
		if info.Fact == fact {
			return info, true
		}
	}
	return FactInfo{}, false
}

// String gives a table for people.
func (f *Facts) String() string {
	return f.text
}

// JSON gives them for programs.
func (f *Facts) JSON() string {
	return f.json
}
