/* SPDX-License-Identifier: MIT */
/* The version of the library at run time. */
#include <container/version.h>

const char *ct_version(void)
{
	return CT_VERSION_STRING;
}
