/* SPDX-License-Identifier: MIT */
/* What protects a container, as a table, and the setter that lets items be lacking. */
#include <errno.h>

#include "items.h"
#include "spec.h"

const struct ct__item ct__items[ITEM_COUNT] = {
	[CT_ITEM_NS_USER] = {"user namespace", CT_NS_USER},
	[CT_ITEM_NS_MNT] = {"mnt namespace", CT_NS_MNT},
	[CT_ITEM_NS_PID] = {"pid namespace", CT_NS_PID},
	[CT_ITEM_NS_NET] = {"net namespace", CT_NS_NET},
	[CT_ITEM_NS_IPC] = {"ipc namespace", CT_NS_IPC},
	[CT_ITEM_NS_UTS] = {"uts namespace", CT_NS_UTS},
	[CT_ITEM_NS_CGROUP] = {"cgroup namespace", CT_NS_CGROUP},
	[CT_ITEM_NS_TIME] = {"time namespace", CT_NS_TIME},
	[CT_ITEM_IDMAP] = {"id map", 0},
	[CT_ITEM_IDMAPPED_ROOT] = {"id-mapped root", 0},
	[CT_ITEM_ROOT] = {"root of its own", 0},
	[CT_ITEM_EPHEMERAL] = {"ephemeral root", 0},
	[CT_ITEM_PROC] = {"/proc of its own", 0},
	[CT_ITEM_SYS] = {"/sys of its own", 0},
	[CT_ITEM_MQUEUE] = {"/dev/mqueue", 0},
	[CT_ITEM_MASKED] = {"masked paths", 0},
	[CT_ITEM_READONLY] = {"read-only paths", 0},
	[CT_ITEM_CAPS] = {"capabilities", 0},
	[CT_ITEM_NO_NEW_PRIVS] = {"no_new_privs", 0},
	[CT_ITEM_GROUPS] = {"supplementary groups", 0},
	[CT_ITEM_KEYRING] = {"keyring", 0},
	[CT_ITEM_RLIMITS] = {"resource limits", 0},
	[CT_ITEM_OOM_SCORE] = {"oom score", 0},
	[CT_ITEM_SYSCTLS] = {"kernel parameters", 0},
	[CT_ITEM_HOSTNAME] = {"host name", 0},
	[CT_ITEM_LOOPBACK] = {"loopback", 0},
	[CT_ITEM_SECCOMP] = {"seccomp filter", 0},
	[CT_ITEM_LANDLOCK] = {"landlock", 0},
	[CT_ITEM_CGROUP] = {"cgroup limits", 0},
	[CT_ITEM_LABEL] = {"security label", 0},
};

const char *ct_item_name(int item)
{
	if (item <= 0 || item >= ITEM_COUNT)
		return "unknown item";
	return ct__items[item].name;
}

uint32_t ct__items_kinds(uint64_t items)
{
	uint32_t kinds = 0;

	for (int item = 1; item < ITEM_COUNT; item++)
		if (items & CT_LACK(item))
			kinds |= ct__items[item].kind;
	return kinds;
}

int ct_spec_allow_lack(ct_spec *spec, uint64_t items)
{
	if (!spec)
		return -EINVAL;
	for (int item = 0; item < 64; item++) {
		if (!(items & ~CT_LACK_ALL & CT_LACK(item)))
			continue;
		return ct__spec_mistake(spec, -EINVAL,
			item > 0 && item < ITEM_COUNT ? "no container starts without it" :
							"there is no such item",
			"lack: %d: %s", item, ct_item_name(item));
	}
	ct__spec_changed(spec);
	spec->may_lack = items;
	return 0;
}
