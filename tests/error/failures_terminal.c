/* SPDX-License-Identifier: MIT */
/* Failures of terminals; see failures.h. */
#include "failures.h"

#include <container/join.h>
#include <container/terminal.h>

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static ct_spec *with_terminal(bool wrong)
{
	ct_spec *spec = SPEC("/bin/true");

	(void)wrong;
	for (int stream = 0; stream < 3; stream++)
		set(ct_spec_set_stdio(spec, stream, CT_STDIO_INHERIT, -1));
	set(ct_spec_set_terminal(spec, 24, 80));
	return spec;
}

static ct_spec *with_terminal_of_an_unmapped_user(bool wrong)
{
	ct_spec *spec = with_terminal(wrong);

	set(ct_spec_set_ns_new(spec, CT_NS_USER));
	set(ct_spec_set_idmap(spec, CT_IDMAP_OWN, 0));
	if (wrong)
		set(ct_spec_set_user(spec, 1000, 1000));
	return spec;
}

static void lose_terminals(void)
{
	fail_call_with(SYS_ioctl, 1, (int)TIOCGPTPEER, EPERM);
}

static int resize(bool wrong, ct_error *err)
{
	int master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int code = ct_terminal_resize(wrong ? null : master, 24, 80, err);

	close(master);
	close(null);
	return code;
}

static int join_where_there_is_no_devpts(bool wrong, ct_error *err)
{
	ct_spec *spec = pausing(), *guest = VISITOR("/bin/true");
	ct_container *target = NULL, *visitor = NULL;
	int code;

	if (wrong)
		set(ct_spec_add_tmpfs(spec, "/dev/pts", 65536, 0755, 0));
	set(ct_spawn(spec, &target, NULL));
	for (int stream = 0; stream < 3; stream++)
		set(ct_spec_set_stdio(guest, stream, CT_STDIO_INHERIT, -1));
	set(ct_spec_set_terminal(guest, 24, 80));
	code = ct_join(target, 0, 0, guest, &visitor, err);
	ct_container_free(visitor);
	ct_container_free(target);
	ct_spec_free(guest);
	ct_spec_free(spec);
	return code;
}

const struct failure terminal_failures[] = {
	{CT_STEP_TERMINAL, -EPERM, "ioctl", "/dev/pts", "not permitted", NULL, .ask = with_terminal,
		.spoil = lose_terminals},
	{CT_STEP_TERMINAL, -EINVAL, "fchownat", "/dev/pts", "Invalid", "no mapping",
		.ask = with_terminal_of_an_unmapped_user},
	{CT_STEP_TERMINAL, -ENOTTY, "ioctl", "descriptor", "Inappropriate", "isatty",
		.act = resize},
	{CT_STEP_TERMINAL, -ENODEV, "fstatfs", "/dev/pts", "no devpts", "mount a devpts",
		.act = join_where_there_is_no_devpts},
	{0},
};
