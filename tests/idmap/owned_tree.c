/* SPDX-License-Identifier: MIT */
/* The root of the box with files of several owners; see owned_tree.h. */
#include "idmap/owned_tree.h"
#include "support/needs.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

void need_mapped_owners(void)
{
	need_root();
	need_first_root("ids over 65535");
	if (!can_map_ids(getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp")) {
		printf("SKIP: the filesystem of the tests takes no id-mapped mounts\n");
		exit(77);
	}
}

void make_tree(uid_t base)
{
	write_file(in_root("etc/of-root"), "root\n", 0600);
	write_file(in_root("etc/of-user"), "user\n", 0640);
	write_file(in_root("etc/of-nobody"), "nobody\n", 0644);
	ck_assert_int_eq(chown(in_root("etc/of-user"), base + 1000, base + 1001), 0);
	ck_assert_int_eq(chown(in_root("etc/of-nobody"), base + 65534, base + 65534), 0);
	ck_assert_int_eq(chown(in_root("etc/of-root"), base, base), 0);
	ck_assert_int_eq(chown(in_root("tmp"), base, base), 0);
	ck_assert_int_eq(chown(in_root("home"), base + 1000, base + 1000), 0);
	ck_assert_int_eq(chown(box.root, base, base), 0);
}

ct_spec *ranged(const char *script, uint32_t outside)
{
	ct_spec *spec = SPEC("/bin/sh", "-c", script);

	set(ct_spec_add_uid_map(spec, 0, outside, 65536));
	set(ct_spec_add_gid_map(spec, 0, outside, 65536));
	return spec;
}

void expect_owner(const char *name, uid_t uid, gid_t gid)
{
	struct stat about;

	ck_assert_msg(lstat(in_root(name), &about) == 0, "%s: %s", name, strerror(errno));
	ck_assert_msg(about.st_uid == uid && about.st_gid == gid, "%s belongs to %u:%u, not %u:%u",
		name, about.st_uid, about.st_gid, uid, gid);
}
