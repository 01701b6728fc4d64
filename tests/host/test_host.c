/* SPDX-License-Identifier: MIT */
/* No call changes the host's process: for root. The uses are in uses_*.c, see host.h. */
#include "host.h"

int main(void)
{
	need_root();
	return suite_run(host_suite("host"));
}
