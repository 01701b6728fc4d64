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
#include "sys/openat2.h"
#include "sys/procfs.h"
#include "trace/trace.h"
#include "util/fd.h"

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

#define QUERY	    "/sys/kernel/security/apparmor/.access"
#define END_SIGNAL  "\x0a\x09" /* AA_CLASS_SIGNAL, and SIGKILL as AppArmor numbers it */
#define MAY_RECEIVE 4ul

/* The profile of the calling thread, without its mode: "name (enforce)". */
static bool own_profile(char *ret_name, size_t size)
{
	ssize_t length =
		ct__procfs_read(AT_FDCWD, "/proc/thread-self/attr/apparmor/current", ret_name, size - 1);
	char *end;

	if (length <= 0)
		return false;
	ret_name[length] = '\0';
	end = strrchr(ret_name, '(');
	if (end && end > ret_name && end[-1] == ' ')
		end[-1] = '\0';
	ret_name[strcspn(ret_name, "\n")] = '\0';
	return true;
}

/* The kernel's answer to a question; 0 or a negative errno. */
static int ask(const char *question, size_t size, char *ret_answer, size_t room)
{
	CT__AUTO_CLOSE int fd = ct__openat(AT_FDCWD, QUERY, O_RDWR, 0);
	ssize_t length;

	if (fd < 0)
		return fd;
	if (write(fd, question, size) < 0)
		return -errno;
	length = read(fd, ret_answer, room - 1);
	if (length < 0)
		return -errno;
	ret_answer[length] = '\0';
	return 0;
}

/*
 * AppArmor wants a rule for signals in the receiver's profile, for root's SIGKILL as well. Under a profile
 * without one the payload would outlive its handle and its host. Where the kernel does not tell, because
 * securityfs is not mounted or there is no such profile, true.
 */
static bool may_end(struct compiler *c, const char *profile, const char *own)
{
	char question[3 * 4096], answer[256] = "";
	int size = snprintf(question, sizeof(question), "label%c%s%c" END_SIGNAL "%s", 0, profile, 0, own);
	int told = ct__traced(c->trace, CT_STEP_LABEL, "openat",
		ask(question, (size_t)size, answer, sizeof(answer)),
		"AT_FDCWD, \"" QUERY "\", O_RDWR|O_CLOEXEC");
	unsigned long allowed;

	return told < 0 || sscanf(answer, "allow %lx", &allowed) != 1 || (allowed & MAY_RECEIVE);
}

/* An init has no label of its own, and takes the payload with it when it is killed. */
static int check_end(struct compiler *c, const char *profile)
{
	char own[4096], cure[sizeof(own) + 128];

	if (c->plan->init || !own_profile(own, sizeof(own)) || may_end(c, profile, own))
		return 0;
	snprintf(cure, sizeof(cure), "add \"signal (receive) peer=%s,\" to the profile, or ask for an init",
		own);
	c->explained = true;
	ct__fail(c->err, CT_STEP_LABEL, -EACCES, NULL, "%s: %s", apparmor.name, profile);
	ct__error_explain(c->err, "it lets the caller send no SIGKILL", cure);
	return -EACCES;
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
	if (module == &apparmor && check_end(c, label) < 0)
		return -EACCES;
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
