/* SPDX-License-Identifier: MIT */
/* What the tests of waiting calls share; see listener.h. */
#include "seccomp/listener.h"

#include <unistd.h>

#include "support/box.h"

ct_error err;
ct_notification call;

ct_spec *told(ct_spec *spec, const char *name)
{
	set(ct_spec_add_seccomp_rule(spec, name, CT_SECCOMP_NOTIFY, 0, NULL, 0));
	return spec;
}

ct_container *start_told(ct_spec *spec, int *ret_fd)
{
	ct_container *container = NULL;

	err = (ct_error)CT_ERROR_INIT;
	call = (ct_notification)CT_NOTIFICATION_INIT;
	ck_assert_msg(ct_spawn(spec, &container, &err) == 0, "%s", err.sentence);
	ct_spec_free(spec);
	*ret_fd = ct_container_take_notify(container);
	ck_assert_int_ge(*ret_fd, 3);
	return container;
}

int receive_within(int timeout_ms, const ct_container *container, int fd)
{
	return ct_notify_receive(fd, ct_container_pidfd(container), timeout_ms, &call, &err);
}

void receive(int fd)
{
	ck_assert_msg(ct_notify_receive(fd, -1, PATIENCE_MS, &call, &err) == 0, "%s", err.sentence);
}

const char *end_of(ct_container *container, int fd)
{
	static char out[4096];
	int from = ct_container_take_stdio(container, 1);
	size_t used = 0;
	ssize_t got;

	while ((got = read(from, out + used, sizeof(out) - 1 - used)) > 0)
		used += (size_t)got;
	out[used] = '\0';
	close(from);
	wait_for(container);
	ct_container_free(container);
	if (fd >= 0)
		close(fd);
	return out;
}
