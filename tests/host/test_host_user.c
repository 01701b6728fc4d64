/* SPDX-License-Identifier: MIT */
/* No call changes the host's process: for an ordinary user, with user namespaces. */
#include "host.h"

int main(void)
{
	need_user();
	return suite_run(host_suite("host_user"));
}
