/* SPDX-License-Identifier: MIT */
/* From spec to plan: labels of security modules, if the kernel has the module. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "compile.h"
#include "error/error.h"
#include "lack.h"
#include "sys/procfs.h"
#include "trace/trace.h"

#define LSM_LIST_MODULES 461 /* on every architecture */

struct module {
	uint64_t id; /* LSM_ID_* */
	const char *name;
	const char *file, *word; /* before Linux 6.8: the file has the word if it is on */
	const char *attribute;	 /* below the process's own directory of /proc */
	const char *verb;	 /* before the label */
	const char *lacking;
};

static const struct module apparmor = {104, "apparmor", "/sys/module/apparmor/parameters/enabled", "Y",
	"thread-self/attr/apparmor/exec", "exec ",
	"the kernel has no AppArmor, or it is not switched on"};
static const struct module selinux = {101, "selinux", "/proc/filesystems", "selinuxfs",
	"thread-self/attr/exec", "", "the kernel has no SELinux, or it is not switched on"};

/* 1 or 0; or a negative errno: the kernel does not tell. */
static int is_listed(const struct module *module)
{
	uint64_t ids[64];
	uint32_t room = sizeof(ids);
	long count = syscall(LSM_LIST_MODULES, ids, &room, 0);

	if (count < 0)
		return -errno;
	for (long i = 0; i < count; i++)
		if (ids[i] == module->id)
			return 1;
	return 0;
}

static bool is_on(struct compiler *c, const struct module *module)
{
	char text[4096];
	int listed = ct__traced(c->trace, CT_STEP_LABEL, "lsm_list_modules", is_listed(module),
		"for %s", module->name);
	ssize_t size;

	if (listed >= 0)
		return listed;
	size = ct__procfs_read(AT_FDCWD, module->file, text, sizeof(text) - 1);
	if (size < 0)
		return false;
	text[size] = '\0';
	return strstr(text, module->word) != NULL;
}

static int add_label(struct compiler *c, const struct module *module, const char *label)
{
	struct plan_op *op;
	char *words;

	if (!label)
		return 0;
	if (!is_on(c, module)) {
		if (!ct__may_lack(c, CT_ITEM_LABEL)) {
			c->explained = true;
			return ct__fail_because(c->err, CT_STEP_LABEL, -EOPNOTSUPP, module->lacking,
				"%s: %s", module->name, label);
		}
		ct__lack_note(c, CT_ITEM_LABEL, CT_STEP_LABEL, -EOPNOTSUPP, module->lacking, "%s: %s",
			module->name, label);
		return 0;
	}
	if (asprintf(&words, "%s: %s", module->name, label) < 0)
		return -ENOMEM;
	op = ct__block_op(&c->block, OP_LABEL, CT_STEP_LABEL, words);
	free(words);
	if (asprintf(&words, "%s%s", module->verb, label) < 0)
		return -ENOMEM;
	op->path = ct__block_string(&c->block, module->attribute);
	op->size = (uint32_t)strlen(words);
	op->data = ct__block_data(&c->block, words, op->size);
	free(words);
	return 0;
}

int ct__compile_labels(struct compiler *c)
{
	int ret = add_label(c, &apparmor, c->spec->apparmor);

	return ret < 0 ? ret : add_label(c, &selinux, c->spec->selinux);
}
