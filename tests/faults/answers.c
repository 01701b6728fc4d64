/* SPDX-License-Identifier: MIT */
/* What a right answer is; see answers.h. */
#include "answers.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/*
 * The keeper has nothing to tell with: it ends before its first word, or ends the container
 * that it cannot watch.
 */
static bool is_death(const ct_error *err, const struct hit *hit)
{
	if (!hit || (hit->who != WHO_KEEPER && err->step != CT_STEP_KEEPER))
		return false;
	return (err->code == -EIO && (err->step == CT_STEP_KEEPER || err->step == CT_STEP_STAGE)) ||
	       (err->code == -ESRCH && err->step == CT_STEP_START) ||
	       (err->code == -EPIPE && err->step == CT_STEP_LIMIT);
}

#define STEP(name) (UINT64_C(1) << CT_STEP_##name)

/* Calls of the stage that are made for one purpose alone, or for few. */
static const struct {
	const char *call;
	uint64_t steps;
} purposes[] = {
	{"capset", STEP(CAPABILITY)},
	{"execve", STEP(EXEC) | STEP(PROGRAM)},
	{"keyctl", STEP(SESSION)},
	{"pivot_root", STEP(PIVOT)},
	{"prctl", STEP(CAPABILITY) | STEP(IDENTITY) | STEP(STAGE)},
	{"prlimit64", STEP(RLIMIT) | STEP(DESCRIPTOR)},
	{"seccomp", STEP(SECCOMP)},
	{"setdomainname", STEP(HOSTNAME)},
	{"setgroups", STEP(IDENTITY) | STEP(IDMAP)},
	{"sethostname", STEP(HOSTNAME)},
	{"setresgid", STEP(IDENTITY) | STEP(IDMAP)},
	{"setresuid", STEP(IDENTITY) | STEP(IDMAP)},
	{"setsid", STEP(SESSION)},
	{"socketpair", STEP(STAGE)},
};

static bool is_other_step(const ct_error *err, const struct hit *hit)
{
	if (err->step == CT_STEP_INSIDE) /* a visit has no other */
		return false;
	for (size_t i = 0; i < sizeof(purposes) / sizeof(purposes[0]); i++)
		if (hit && hit->who == WHO_STAGE && strcmp(purposes[i].call, hit->call->name) == 0)
			return !(purposes[i].steps >> err->step & 1);
	return false;
}

bool answer_allowed(const struct page *page, const struct hit *hit)
{
	/* Never unguarded: what the keeper cannot watch it ends. */
	if (hit->who == WHO_KEEPER && strstr(page->wrong, PAYLOAD_KILLED))
		return true;
	/* Who cannot be asked for rights counts as one without, for the whole plan: never looser. */
	if (strcmp(hit->call->name, "capget") == 0)
		return true;
	/* The owners as they are on disk, which ct_container_protection() tells. */
	if ((strcmp(hit->call->name, "mount_setattr") == 0 || strcmp(hit->call->name, "open_tree") == 0) &&
		hit->who == WHO_HOST)
		return strstr(page->wrong, "idmapped");
	/* Who does not know in which user namespace it is has an overlay fit for any. */
	return strstr(hit->call->name, "stat") && strstr(page->wrong, " overlay ");
}

const char *answer_wrong(const struct page *page, const struct hit *hit)
{
	static char text[1400];
	const ct_error *err = &page->err;
	const char *why = NULL;

	if (hit && strcmp(hit->call->name, "capget") == 0)
		return NULL; /* whatever stands in the way of who has no rights */
	if (!hit && err->step == CT_STEP_ARCHIVE &&
		(err->code == -EINVAL || strstr(err->sentence, ": damaged compression")))
		return NULL; /* libarchive had no memory, and does not say so, as it does not of some damage */
	if (!hit && err->step == CT_STEP_ARGUMENT && (err->code == -EBADMSG || err->code == -EINVAL) &&
		strstr(err->sentence, " line ") && !strstr(err->sentence, " line -1"))
		return NULL; /* nor does jansson, but for "invalid token" and the like at some line */
	if (err->code != page->code)
		why = "the error has another code";
	else if (err->step <= CT_STEP_NONE || strcmp(ct_step_name(err->step), "unknown step") == 0)
		why = "the error has no step";
	else if (!err->sentence[0])
		why = "the error has no sentence";
	else if (page->code != -(hit ? hit->error : ENOMEM) && !is_death(err, hit))
		why = "it is not the error that was injected";
	else if (is_other_step(err, hit))
		why = "it is not the step that failed";
	if (!why)
		return NULL;
	snprintf(text, sizeof(text), "%s: %s gives %s, step %s, call %s: %s", why, page->doing,
		strerrorname_np(-page->code), ct_step_name(err->step), err->call, err->sentence);
	return text;
}
