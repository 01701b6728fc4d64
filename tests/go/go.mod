module libcontainer/tests

go 1.19

require libcontainer v0.1.0

replace libcontainer => ../../bindings/go
