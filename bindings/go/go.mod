module libcontainer

go 1.19
