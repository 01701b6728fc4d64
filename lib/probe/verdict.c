/* SPDX-License-Identifier: MIT */
/* What a check says of its fact: it works, it lacks, or it is not known. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "probe.h"

ct_probe_state ct__works(ct_probe_info *info)
{
	(void)info;
	return CT_PROBE_WORKS;
}

ct_probe_state ct__works_with(ct_probe_info *info, const char *value, ...)
{
	va_list args;

	va_start(args, value);
	vsnprintf(info->value, sizeof(info->value), value, args);
	va_end(args);
	return CT_PROBE_WORKS;
}

ct_probe_state ct__lacks(ct_probe_info *info, const struct ct__why *why)
{
	snprintf(info->reason, sizeof(info->reason), "%s", why->reason);
	snprintf(info->cure, sizeof(info->cure), "%s", why->cure);
	return CT_PROBE_LACKS;
}

ct_probe_state ct__lacks_because(ct_probe_info *info, const char *cure, const char *reason, ...)
{
	va_list args;

	va_start(args, reason);
	vsnprintf(info->reason, sizeof(info->reason), reason, args);
	va_end(args);
	snprintf(info->cure, sizeof(info->cure), "%s", cure);
	return CT_PROBE_LACKS;
}

ct_probe_state ct__unknown(ct_probe_info *info, const char *reason, ...)
{
	va_list args;

	va_start(args, reason);
	vsnprintf(info->reason, sizeof(info->reason), reason, args);
	va_end(args);
	return CT_PROBE_UNKNOWN;
}

bool ct__is_exhausted(struct ct__look *look, int code)
{
	bool exhausted = code == -EMFILE || code == -ENFILE || code == -ENOMEM;

	if (exhausted)
		look->fatal = code;
	return exhausted;
}

ct_probe_state ct__untried(ct_probe_info *info, const struct ct__outcome *outcome)
{
	return ct__unknown(info, "it could not be tried: %s: %s", outcome->call,
		strerrordesc_np(-outcome->code));
}
