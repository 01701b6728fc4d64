/* SPDX-License-Identifier: MIT */
/* Id-mapped mounts: one tree on disk for containers with different ids, owners and all. */
#include "idmap/owned_tree.h"
#include "trace/recorder.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef AT_RECURSIVE
#define AT_RECURSIVE 0x8000
#endif

#define NOBODYS \
	"65534:65534 /\n65534:65534 /etc/of-root\n65534:65534 /etc/of-user\n65534:65534 /etc/of-nobody\n"

START_TEST(owners_inside_are_the_archives)
{
	make_tree(0);
	ck_assert_str_eq(
		output_of(ranged(OWNERS "; cat /etc/of-root", 700000)), ARCHIVES_OWNERS "root\n");
}
END_TEST

START_TEST(files_made_inside_have_the_archives_numbering_on_disk)
{
	make_tree(0);
	output_of(ranged(
		"touch /tmp/by-root; mkdir /home/dir; chown 7:8 /home/dir; su user -c 'touch /home/by-user'",
		700000));
	expect_owner("tmp/by-root", 0, 0);
	expect_owner("home/dir", 7, 8);
	expect_owner("home/by-user", 1000, 1000);
}
END_TEST

START_TEST(one_tree_serves_containers_with_different_ranges_at_once)
{
	ct_spec *one, *other;
	ct_container *container;
	char fifo[] = "mkfifo /tmp/fifo; echo ready; read word < /tmp/fifo; " OWNERS;

	make_tree(0);
	ck_assert_int_eq(symlink("busybox", in_root("bin/mkfifo")), 0);
	one = ranged(fifo, 700000);
	other = ranged(OWNERS "; echo go > /tmp/fifo", 2000000);
	container = start_ready(one);
	ck_assert_str_eq(output_of(other), ARCHIVES_OWNERS);
	ck_assert_int_eq(wait_for(container).code, 0);
	ct_container_free(container);
	ct_spec_free(one);
	expect_owner("tmp/fifo", 0, 0);
}
END_TEST

START_TEST(private_range_sees_the_archives_owners)
{
	ct_spec *spec = SPEC("/bin/sh", "-c", OWNERS "; cat /etc/of-root; touch /tmp/made");

	make_tree(0);
	set(ct_spec_set_idmap(spec, CT_IDMAP_PRIVATE, 0));
	ck_assert_str_eq(output_of(spec), ARCHIVES_OWNERS "root\n");
	expect_owner("tmp/made", 0, 0);
}
END_TEST

/* The disk's numbering is that of another range: composed with the container's. */
START_TEST(shifted_tree_serves_another_range)
{
	make_tree(900000);
	ck_assert_str_eq(
		output_of(ranged(
			OWNERS "; touch /tmp/by-root; su user -c 'touch /home/by-user'", 700000)),
		ARCHIVES_OWNERS);
	expect_owner("tmp/by-root", 900000, 900000);
	expect_owner("home/by-user", 901000, 901000);
}
END_TEST

START_TEST(tree_with_the_containers_own_ids_is_mounted_as_it_is)
{
	make_tree(700000);
	ck_assert_str_eq(
		output_of(ranged(
			"grep ' / / ' /proc/self/mountinfo | grep -c idmapped;" OWNERS, 700000)),
		"0\n" ARCHIVES_OWNERS);
}
END_TEST

START_TEST(map_of_the_hosts_own_ids_needs_no_mount)
{
	ct_spec *spec = SPEC(
		"/bin/sh", "-c", "grep ' / / ' /proc/self/mountinfo | grep -c idmapped; id -u");

	make_tree(0);
	ck_assert_int_eq(chown(box.root, 1000, 1000), 0);
	set(ct_spec_set_idmap(spec, CT_IDMAP_OWN, 0));
	ck_assert_str_eq(output_of(spec), "0\n0\n");
}
END_TEST

START_TEST(small_owner_of_the_root_is_an_id_of_the_archive_and_no_shift)
{
	make_tree(0);
	ck_assert_int_eq(chown(box.root, 1000, 1000), 0);
	ck_assert_str_eq(
		output_of(ranged("stat -c '%u:%g' / /etc/of-root", 700000)), "1000:1000\n0:0\n");
}
END_TEST

START_TEST(several_ranges_are_mapped_each)
{
	ct_spec *spec = SPEC("/bin/sh", "-c", OWNERS);

	make_tree(0);
	set(ct_spec_add_uid_map(spec, 0, 700000, 1000));
	set(ct_spec_add_uid_map(spec, 1000, 3000000, 1));
	set(ct_spec_add_gid_map(spec, 0, 5000000, 65535));
	/* 65534 is no user of the container, and shows as what the kernel has for such. */
	ck_assert_str_eq(output_of(spec), ARCHIVES_OWNERS);
}
END_TEST

START_TEST(readonly_root_shows_owners_and_stays_readonly)
{
	ct_spec *spec;

	make_tree(0);
	spec = ranged(OWNERS "; touch /tmp/made 2>&1", 700000);
	set(ct_spec_set_root_mode(spec, CT_ROOT_READONLY));
	ck_assert_ptr_nonnull(
		strstr(run(spec)->out, ARCHIVES_OWNERS "touch: /tmp/made: Read-only"));
	ct_spec_free(spec);
}
END_TEST

START_TEST(ephemeral_root_shows_owners_and_leaves_the_disk_alone)
{
	ct_spec *spec;
	uint64_t before;

	make_tree(0);
	before = digest_of(box.root);
	spec = ranged(
		"touch /tmp/made; echo more >> /etc/of-user; chown 5:6 /etc/of-nobody;"
		"su user -c 'touch /home/by-user'; stat -c '%u:%g %n' /home/by-user /etc/of-nobody;" OWNERS,
		700000);
	set(ct_spec_set_root_mode(spec, CT_ROOT_EPHEMERAL));
	ck_assert_str_eq(output_of(spec),
		"1000:1000 /home/by-user\n5:6 /etc/of-nobody\n0:0 /\n0:0 /etc/of-root\n1000:1001 /etc/of-user\n"
		"5:6 /etc/of-nobody\n");
	ck_assert(digest_of(box.root) == before);
}
END_TEST

START_TEST(each_start_of_a_spec_has_its_mount)
{
	ct_spec *spec;

	make_tree(0);
	spec = ranged(OWNERS, 700000);
	for (int i = 0; i < 3; i++)
		ck_assert_str_eq(run(spec)->out, ARCHIVES_OWNERS);
	ct_spec_free(spec);
}
END_TEST

START_TEST(what_is_mounted_below_the_tree_keeps_its_owners)
{
	make_tree(0);
	ck_assert_int_eq(mount("tmpfs", in_root("mnt"), "tmpfs", 0, "mode=0755"), 0);
	write_file(in_root("mnt/below"), "x", 0644);
	box_accept_changes();
	ck_assert_str_eq(output_of(ranged("stat -c '%u %n' /etc/of-user /mnt/below", 700000)),
		"1000 /etc/of-user\n65534 /mnt/below\n");
	ck_assert_int_eq(umount2(in_root("mnt"), 0), 0);
	box_accept_changes();
}
END_TEST

/* Not the filesystem of the disk, but memory, which takes such mounts since Linux 6.3. */
START_TEST(tree_in_memory_is_mapped_or_refused_by_its_name)
{
	struct outcome *outcome;
	ct_rootfs *rootfs = NULL;
	ct_spec *spec;

	ck_assert_int_eq(mkdir(in_dir("memory"), 0755), 0);
	ck_assert_int_eq(mount("tmpfs", in_dir("memory"), "tmpfs", 0, "mode=0755"), 0);
	for (size_t i = 0; i < 4; i++) {
		static const char *const names[] = {
			"memory/bin", "memory/proc", "memory/sys", "memory/dev"};

		ck_assert_int_eq(mkdir(in_dir(names[i]), 0755), 0);
	}
	copy_probe(in_dir("memory/bin/probe"), 0755);
	write_file(in_dir("memory/secret"), "x", 0600);
	ck_assert_int_eq(chown(in_dir("memory/secret"), 5, 6), 0);
	box_accept_changes();
	spec = SPEC("/bin/probe", "try", "read=/secret");
	set(ct_spec_set_user(spec, 5, 6));
	set(ct_spec_set_idmap(spec, CT_IDMAP_PRIVATE, 0));
	ck_assert_int_eq(ct_rootfs_open(in_dir("memory"), &rootfs, NULL), 0);
	set(ct_spec_set_rootfs(spec, rootfs));
	ct_rootfs_free(rootfs);
	outcome = attempt(spec);
	if (outcome->code < 0)
		expect_error(outcome->code, &outcome->err, -EINVAL, CT_STEP_ROOT, "memory",
			"type tmpfs");
	else
		ck_assert_str_eq(tried(outcome->out, "read=/secret"), "1");
	ct_spec_free(spec);
	ck_assert_int_eq(umount2(in_dir("memory"), 0), 0);
	box_accept_changes();
}
END_TEST

/* ------------------------------------------------------------------- binds */

static void make_source(void)
{
	ck_assert_int_eq(mkdir(in_dir("source"), 0755), 0);
	ck_assert_int_eq(chmod(in_dir("source"), 0755), 0);
	write_file(in_dir("source/file"), "secret\n", 0600);
	ck_assert_int_eq(chown(in_dir("source/file"), 1000, 1001), 0);
}

#define LOOK "stat -c '%u:%g' /mnt /mnt/file"

START_TEST(bind_maps_owners_only_if_it_is_asked_to)
{
	ct_spec *as_is, *mapped;
	struct stat made;

	make_tree(0);
	make_source();
	as_is = ranged(LOOK, 700000);
	set(ct_spec_add_bind(as_is, in_dir("source"), "/mnt", 0));
	ck_assert_str_eq(output_of(as_is), "65534:65534\n65534:65534\n");
	mapped = ranged(LOOK "; cat /mnt/file; touch /mnt/made", 700000);
	set(ct_spec_add_bind(mapped, in_dir("source"), "/mnt", CT_MOUNT_IDMAP));
	ck_assert_str_eq(output_of(mapped), "0:0\n1000:1001\nsecret\n");
	ck_assert_int_eq(stat(in_dir("source/made"), &made), 0);
	ck_assert(made.st_uid == 0 && made.st_gid == 0);
}
END_TEST

START_TEST(bind_of_a_file_and_without_submounts_is_mapped_as_well)
{
	ct_spec *spec;

	make_tree(0);
	make_source();
	ck_assert_int_eq(chown(in_dir("source/file"), 0, 0), 0);
	spec = ranged("stat -c '%u:%g' /etc/bound /mnt; touch /mnt/made 2>&1", 700000);
	set(ct_spec_add_bind(spec, in_dir("source/file"), "/etc/bound", CT_MOUNT_IDMAP));
	set(ct_spec_add_bind(spec, in_dir("source"), "/mnt",
		CT_MOUNT_IDMAP | CT_MOUNT_NO_SUBMOUNTS | CT_MOUNT_READONLY));
	ck_assert_ptr_nonnull(strstr(run(spec)->out, "0:0\n0:0\ntouch: /mnt/made: Read-only"));
	ct_spec_free(spec);
}
END_TEST

/* ------------------------------------------------------------------ layers */

/* Below the box: lower directories with the archive's numbering and with another one, and upper and work. */
static void make_layers(uid_t upper)
{
	static const char *const names[] = {"low", "shifted", "up", "work"};

	for (size_t i = 0; i < 4; i++)
		ck_assert_int_eq(mkdir(in_dir(names[i]), 0755), 0);
	write_file(in_dir("low/file"), "low\n", 0600);
	write_file(in_dir("shifted/other"), "shifted\n", 0600);
	ck_assert_int_eq(chown(in_dir("low/file"), 1000, 1001), 0);
	ck_assert_int_eq(chown(in_dir("shifted/other"), 901000, 901001), 0);
	ck_assert_int_eq(chown(in_dir("shifted"), 900000, 900000), 0);
	ck_assert_int_eq(chown(in_dir("up"), upper, upper), 0);
	ck_assert_int_eq(chown(in_dir("work"), upper, upper), 0);
}

static ct_spec *layered(const char *script, uint32_t flags)
{
	ct_spec *spec = ranged(script, 700000);

	set(ct_spec_add_overlay(spec, (const char *const[]){in_dir("low"), in_dir("shifted"), NULL},
		in_dir("up"), in_dir("work"), "/mnt", flags));
	return spec;
}

#define LOOK_AT_LAYERS "stat -c '%u:%g' /mnt /mnt/file /mnt/other"

START_TEST(layers_of_an_overlay_are_mapped_only_if_it_is_asked_to)
{
	make_tree(0);
	make_layers(0);
	ck_assert_str_eq(output_of(layered(LOOK_AT_LAYERS, CT_MOUNT_READONLY)),
		"65534:65534\n65534:65534\n65534:65534\n");
	ck_assert_str_eq(output_of(layered(LOOK_AT_LAYERS "; cat /mnt/file /mnt/other",
				 CT_MOUNT_IDMAP)),
		"0:0\n1000:1001\n1000:1001\nlow\nshifted\n");
}
END_TEST

static void expect_in_upper(const char *name, uid_t uid, gid_t gid)
{
	struct stat about;

	ck_assert_msg(stat(in_dir(name), &about) == 0, "%s: %s", name, strerror(errno));
	ck_assert_msg(about.st_uid == uid && about.st_gid == gid, "%s belongs to %u:%u, not %u:%u",
		name, about.st_uid, about.st_gid, uid, gid);
}

/* 0: upper has the archive's numbering; else that of a range. */
START_TEST(changes_in_an_overlay_have_the_numbering_of_its_upper_directory)
{
	uid_t base = _i ? 800000 : 0;

	make_tree(0);
	make_layers(base);
	output_of(layered("touch /mnt/made; echo more >> /mnt/other; chown 5:6 /mnt/file;"
			  "mkdir -m 777 /mnt/dir; su user -c 'touch /mnt/dir/by-user'",
		CT_MOUNT_IDMAP));
	expect_in_upper("up/made", base, base);
	expect_in_upper("up/other", base + 1000, base + 1001);
	expect_in_upper("up/file", base + 5, base + 6);
	expect_in_upper("up/dir/by-user", base + 1000, base + 1000);
	expect_in_upper("low/file", 1000, 1001);
	expect_in_upper("shifted/other", 901000, 901001);
}
END_TEST

/* Unlike a bind, a layer is nothing that the container could change the flags of. */
START_TEST(layer_on_a_limited_mount_is_mapped_for_a_container_with_cap_sys_admin)
{
	ct_spec *spec;

	make_tree(700000);
	make_layers(0);
	ck_assert_int_eq(mount(box.dir, box.dir, NULL, MS_BIND, NULL), 0);
	ck_assert_int_eq(mount(NULL, box.dir, NULL, MS_REMOUNT | MS_BIND | MS_NODEV, NULL), 0);
	box_accept_changes();
	spec = layered(LOOK_AT_LAYERS, CT_MOUNT_IDMAP);
	set(ct_spec_add_cap(spec, "cap_sys_admin"));
	ck_assert_str_eq(output_of(spec), "0:0\n1000:1001\n1000:1001\n");
	ck_assert_int_eq(umount2(box.dir, MNT_DETACH), 0);
	box_accept_changes();
}
END_TEST

/* ---------------------------------------------------------------- refusals */

static void expect_refusal(
	ct_spec *spec, int code, int step, const char *object, const char *words, const char *cure)
{
	struct outcome *outcome = attempt(spec);

	expect_error(outcome->code, &outcome->err, code, step, object, words);
	ck_assert_msg(
		strstr(outcome->err.cure, cure) != NULL, "the cure is: %s", outcome->err.cure);
	ct_spec_free(spec);
}

/* An overlay on the box's root: a filesystem that takes no id-mapped mounts. */
static void hide_root_under_overlay(void)
{
	char options[3 * PATH_MAX];

	ck_assert_int_eq(mkdir(in_dir("over"), 0755), 0);
	snprintf(options, sizeof(options), "lowerdir=%s:%s", in_dir("over"), box.root);
	ck_assert_int_eq(mount("overlay", in_dir("over"), "overlay", 0, options), 0);
	box_accept_changes();
}

START_TEST(filesystem_that_refuses_is_named_with_a_cure)
{
	ct_rootfs *rootfs = NULL;
	ct_spec *root, *bind, *layer;

	make_tree(0);
	hide_root_under_overlay();
	root = ranged("true", 700000);
	ck_assert_int_eq(ct_rootfs_open(in_dir("over"), &rootfs, NULL), 0);
	set(ct_spec_set_rootfs(root, rootfs));
	ct_rootfs_free(rootfs);
	expect_refusal(root, -EINVAL, CT_STEP_ROOT, in_dir("over"), "type overlay", "ext4");
	bind = ranged("true", 700000);
	set(ct_spec_add_bind(bind, in_dir("over"), "/mnt", CT_MOUNT_IDMAP));
	expect_refusal(
		bind, -EINVAL, CT_STEP_MOUNT, in_dir("over"), "type overlay", "CT_MOUNT_IDMAP");
	layer = ranged("true", 700000);
	set(ct_spec_add_overlay(layer, (const char *const[]){in_dir("over"), box.root, NULL}, NULL,
		NULL, "/mnt", CT_MOUNT_IDMAP));
	expect_refusal(
		layer, -EINVAL, CT_STEP_MOUNT, in_dir("over"), "type overlay", "CT_MOUNT_IDMAP");
	ck_assert_int_eq(umount2(in_dir("over"), 0), 0);
	box_accept_changes();
}
END_TEST

START_TEST(bind_is_not_mapped_in_the_hosts_user_namespace)
{
	ct_spec *spec = SPEC("/bin/true");

	make_source();
	set(ct_spec_add_bind(spec, in_dir("source"), "/mnt", CT_MOUNT_IDMAP));
	expect_refusal(spec, -EINVAL, CT_STEP_ARGUMENT, "/mnt",
		"a new or a given user namespace", "");
}
END_TEST

START_TEST(container_that_could_undo_the_mounts_limits_is_refused)
{
	ct_spec *strong, *weak;

	make_tree(0);
	ck_assert_int_eq(mount(box.root, box.root, NULL, MS_BIND, NULL), 0);
	ck_assert_int_eq(mount(NULL, box.root, NULL, MS_REMOUNT | MS_BIND | MS_NOSUID, NULL), 0);
	ct_rootfs_free(box.rootfs);
	ck_assert_int_eq(ct_rootfs_open(box.root, &box.rootfs, NULL), 0);
	box_accept_changes();
	strong = ranged("true", 700000);
	set(ct_spec_add_cap(strong, "cap_sys_admin"));
	expect_refusal(strong, -EPERM, CT_STEP_ROOT, box.root, "could undo", "cap_sys_admin");
	weak = ranged(OWNERS, 700000);
	ck_assert_str_eq(output_of(weak), ARCHIVES_OWNERS);
	ct_rootfs_free(box.rootfs);
	box.rootfs = NULL;
	ck_assert_int_eq(umount2(box.root, MNT_DETACH), 0);
	box_accept_changes();
}
END_TEST

START_TEST(kernel_without_such_mounts_is_named)
{
	make_tree(0);
	fail_call(SYS_mount_setattr, ENOSYS);
	box_accept_changes();
	expect_refusal(ranged("true", 700000), -ENOSYS, CT_STEP_ROOT, box.root, "mount_setattr",
		"Linux 5.12 or later");
}
END_TEST

/* As for a host that has no rights over the filesystem, such as one in a container. */
START_TEST(host_without_rights_over_the_filesystem_shows_owners_as_they_are)
{
	ct_spec *asked, *as_is;

	make_tree(0);
	make_source();
	/* The host's call alone: those of the stage have other flags, but for read-only paths. */
	fail_call_with(SYS_open_tree, 2, OPEN_TREE_CLONE | O_CLOEXEC | AT_EMPTY_PATH | AT_RECURSIVE,
		EPERM);
	box_accept_changes();
	as_is = ranged(OWNERS, 700000);
	set(ct_spec_clear_paths(as_is));
	ck_assert_str_eq(output_of(as_is), NOBODYS);
	asked = ranged("true", 700000);
	set(ct_spec_add_bind(asked, in_dir("source"), "/mnt", CT_MOUNT_IDMAP));
	expect_refusal(asked, -EPERM, CT_STEP_MOUNT, in_dir("source"), "no right", "CAP_SYS_ADMIN");
}
END_TEST

START_TEST(explain_mode_tells_of_the_hosts_calls)
{
	ct_spec *spec;
	const struct told *at;

	make_tree(0);
	spec = ranged("true", 700000);
	listen_to(spec);
	run(spec);
	at = next_call(told, "open_tree");
	ck_assert_int_eq(at->who, CT_TRACE_HOST);
	ck_assert_int_eq(at->step, CT_STEP_ROOT);
	at = next_call(at, "mount_setattr");
	ck_assert_ptr_nonnull(strstr(at->arguments, "MS_PRIVATE"));
	at = next_call(at + 1, "mount_setattr");
	ck_assert_ptr_nonnull(strstr(at->arguments, "MOUNT_ATTR_IDMAP"));
	at = shell_of("mount --rbind -o 'X-mount.idmap=u:0:700000:65536 g:0:700000:65536' ");
	ck_assert_str_eq(at->call, "move_mount");
	ct_spec_free(spec);
}
END_TEST

START_TEST(explain_mode_tells_the_map_of_each_layer)
{
	char command[128];
	ct_spec *spec;

	make_tree(700000);
	make_layers(0);
	spec = layered("true", CT_MOUNT_IDMAP);
	listen_to(spec);
	run(spec);
	for (int i = 0; i < 3; i++) {
		snprintf(command, sizeof(command),
			"mkdir /media/m0l%d && mount --bind -o 'X-mount.idmap=u:%d:700000:65536 ", i,
			i == 1 ? 900000 : 0);
		ck_assert_ptr_nonnull(shell_of(command));
	}
	ct_spec_free(spec);
}
END_TEST

/* ----------------------------------------------------------------------- main */

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("id-mapped mounts", &tc);

	need_mapped_owners();
	tcase_add_test(tc, owners_inside_are_the_archives);
	tcase_add_test(tc, files_made_inside_have_the_archives_numbering_on_disk);
	tcase_add_test(tc, one_tree_serves_containers_with_different_ranges_at_once);
	tcase_add_test(tc, private_range_sees_the_archives_owners);
	tcase_add_test(tc, shifted_tree_serves_another_range);
	tcase_add_test(tc, tree_with_the_containers_own_ids_is_mounted_as_it_is);
	tcase_add_test(tc, map_of_the_hosts_own_ids_needs_no_mount);
	tcase_add_test(tc, small_owner_of_the_root_is_an_id_of_the_archive_and_no_shift);
	tcase_add_test(tc, several_ranges_are_mapped_each);
	tcase_add_test(tc, readonly_root_shows_owners_and_stays_readonly);
	tcase_add_test(tc, ephemeral_root_shows_owners_and_leaves_the_disk_alone);
	tcase_add_test(tc, each_start_of_a_spec_has_its_mount);
	tcase_add_test(tc, what_is_mounted_below_the_tree_keeps_its_owners);
	tcase_add_test(tc, tree_in_memory_is_mapped_or_refused_by_its_name);
	tcase_add_test(tc, bind_maps_owners_only_if_it_is_asked_to);
	tcase_add_test(tc, bind_of_a_file_and_without_submounts_is_mapped_as_well);
	tcase_add_test(tc, layers_of_an_overlay_are_mapped_only_if_it_is_asked_to);
	tcase_add_loop_test(
		tc, changes_in_an_overlay_have_the_numbering_of_its_upper_directory, 0, 2);
	tcase_add_test(tc, layer_on_a_limited_mount_is_mapped_for_a_container_with_cap_sys_admin);
	tcase_add_test(tc, filesystem_that_refuses_is_named_with_a_cure);
	tcase_add_test(tc, bind_is_not_mapped_in_the_hosts_user_namespace);
	tcase_add_test(tc, container_that_could_undo_the_mounts_limits_is_refused);
	tcase_add_test(tc, kernel_without_such_mounts_is_named);
	tcase_add_test(tc, host_without_rights_over_the_filesystem_shows_owners_as_they_are);
	tcase_add_test(tc, explain_mode_tells_of_the_hosts_calls);
	tcase_add_test(tc, explain_mode_tells_the_map_of_each_layer);
	return suite_run(suite);
}
