/* SPDX-License-Identifier: MIT */
/* From spec to plan: the id map of a new user namespace. How it is written is in lib/idmap. */
#include "compile.h"
#include "error/error.h"
#include "idmap/idmap.h"

int ct__compile_idmap(struct compiler *c)
{
	struct ct__idmap *map = &c->plan->idmap;
	int ret;

	if (!(c->ns_new & CT_NS_USER))
		return 0;
	ret = ct__idmap_copy(&c->spec->uid_map, &map->uids);
	if (ret >= 0)
		ret = ct__idmap_copy(&c->spec->gid_map, &map->gids);
	if (ret >= 0)
		ret = ct__idmap_default_own(map);
	if (ret < 0)
		return ct__fail(c->err, CT_STEP_MEMORY, ret, NULL, "id maps");
	ct__idmap_decide(map);
	return 0;
}
