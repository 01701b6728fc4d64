package container

import "unsafe"

// #include "glue.h"
import "C"

// SpecFromOCI makes a spec of an OCI bundle: of config.json in its directory. A refusal names the JSON
// pointer of its value in Error.Object.
func SpecFromOCI(bundle string) (*Spec, error) {
	return fromOCI(func(m *memory, spec **C.ct_spec, err *C.ct_error) C.int {
		return C.ct_spec_from_oci(m.text(bundle), spec, err)
	})
}

// SpecFromOCIText does so of a configuration in memory. Relative paths of it begin in bundle; "": there may be none.
func SpecFromOCIText(config []byte, bundle string) (*Spec, error) {
	return fromOCI(func(m *memory, spec **C.ct_spec, err *C.ct_error) C.int {
		return C.ct_spec_from_oci_text((*C.char)(m.bytes(config)), C.size_t(len(config)), m.optional(bundle), spec, err)
	})
}

// SpecFromOCIFile does so of a file by its path.
func SpecFromOCIFile(path string) (*Spec, error) {
	return fromOCI(func(m *memory, spec **C.ct_spec, err *C.ct_error) C.int {
		return C.ct_spec_from_oci_file(m.text(path), spec, err)
	})
}

// SpecFromOCIProcess makes a spec of a process alone, for Container.Exec.
func SpecFromOCIProcess(process []byte) (*Spec, error) {
	return fromOCI(func(m *memory, spec **C.ct_spec, err *C.ct_error) C.int {
		return C.ct_spec_from_oci_process((*C.char)(m.bytes(process)), C.size_t(len(process)), spec, err)
	})
}

func fromOCI(f func(m *memory, spec **C.ct_spec, err *C.ct_error) C.int) (*Spec, error) {
	var m memory
	defer m.free()
	var spec *C.ct_spec
	_, err := checked(func(err *C.ct_error) C.int { return f(&m, &spec, err) })
	if err != nil {
		return nil, err
	}
	made := newSpec(spec)
	if m.err != nil {
		made.Close()
		return nil, m.err
	}
	return made, nil
}

// ToOCI writes the spec down as the text of a config.json. What that has no word for is refused by its name.
func (s *Spec) ToOCI() ([]byte, error) {
	if err := s.remembered(); err != nil {
		return nil, err
	}
	var text *C.char
	_, err := s.call(func(spec unsafe.Pointer, err *C.ct_error) C.int {
		return C.ct_spec_to_oci((*C.ct_spec)(spec), &text, err)
	})
	if err != nil {
		return nil, err
	}
	defer C.ct_oci_text_free(text)
	return []byte(C.GoString(text)), nil
}

// SetOCIResources changes the limits of a running container: JSON, as /linux/resources of a configuration has them.
func (c *Container) SetOCIResources(resources []byte) error {
	var m memory
	defer m.free()
	text := (*C.char)(m.bytes(resources))
	_, err := c.with(func(box *C.ct_container, err *C.ct_error) C.int {
		return C.ct_container_set_oci_resources(box, text, C.size_t(len(resources)), err)
	})
	return err
}
