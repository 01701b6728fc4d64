/* SPDX-License-Identifier: MIT */
/*
 * The caller's options: their version, their bounds, their defaults.
 * It does not look at the archive or at the system.
 */
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "error/error.h"
#include "rootfs.h"

#define KNOWN_FLAGS                                                                                \
	(CT_EXTRACT_TRUSTED | CT_EXTRACT_NO_XATTRS | CT_EXTRACT_NO_OWNER | CT_EXTRACT_STRIP_AUTO | \
		CT_EXTRACT_ANY_FORMAT | CT_EXTRACT_REPLACE | CT_EXTRACT_SYNC |          \
		CT_EXTRACT_NO_RECORDS)

/* The oldest caller's struct ends after its flags. */
#define LEAST_SIZE offsetof(ct_extract_options, strip_components)
/* Nobody's struct is larger than this: such a size was never set. */
#define MOST_SIZE 4096

static int copy_known(const ct_extract_options *given, ct_extract_options *ret, ct_error *err)
{
	const unsigned char *bytes = (const unsigned char *)given;
	size_t size = given->size;

	if (size < LEAST_SIZE || size > MOST_SIZE)
		return ct__fail_because(err, CT_STEP_ARGUMENT, -EINVAL,
			"was not set by CT_EXTRACT_OPTIONS_INIT", "options.size %zu", size);
	for (size_t i = sizeof(*ret); i < size; i++) {
		if (bytes[i])
			return ct__fail_because(err, CT_STEP_ARGUMENT, -E2BIG,
				"an option is set that this version of the library does not know",
				"options");
	}
	memset(ret, 0, sizeof(*ret));
	memcpy(ret, given, size < sizeof(*ret) ? size : sizeof(*ret));
	return 0;
}

int ct__options_read(const ct_extract_options *given, ct_extract_options *ret, ct_error *err)
{
	static const ct_extract_options none = CT_EXTRACT_OPTIONS_INIT;
	int rc = copy_known(given ? given : &none, ret, err);

	if (rc < 0)
		return rc;
	if (ret->flags & ~(uint32_t)KNOWN_FLAGS)
		return ct__fail_because(err, CT_STEP_ARGUMENT, -EINVAL, "unknown flag",
			"options.flags 0x%x", ret->flags & ~(uint32_t)KNOWN_FLAGS);
	if ((ret->flags & CT_EXTRACT_STRIP_AUTO) && ret->strip_components)
		return ct__fail_because(err, CT_STEP_ARGUMENT, -EINVAL,
			"give a number or CT_EXTRACT_STRIP_AUTO, not both",
			"options.strip_components");
	if (!ret->max_depth)
		ret->max_depth = 256;
	if (!ret->max_bytes)
		ret->max_bytes = UINT64_C(64) << 30;
	if (!ret->max_entries)
		ret->max_entries = 4000000;
	if (!ret->max_file_bytes)
		ret->max_file_bytes = UINT64_C(16) << 30;
	if (!ret->max_ratio)
		ret->max_ratio = 1000;
	return 0;
}
