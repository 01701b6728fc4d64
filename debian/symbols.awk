# From lib/libcontainer.map to what dpkg-gensymbols compares the library with: each call, its
# node, and the first version that has it, which is that of the node.

BEGIN {
	print "libcontainer.so.0 libcontainer0 #MINVER#"
	print "* Build-Depends-Package: libcontainer-dev"
}

/^LIBCONTAINER_/ {
	node = $1
	version = substr(node, length("LIBCONTAINER_") + 1)
	print " " node "@" node, version
}

/^\tct_/ {
	print " " substr($1, 1, length($1) - 1) "@" node, version
}
