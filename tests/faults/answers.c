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
	return hit && err->code == -EIO &&
	       (err->step == CT_STEP_KEEPER || (hit->who == WHO_KEEPER && err->step == CT_STEP_STAGE));
}

bool answer_allowed(const struct page *page, const struct hit *hit)
{
	/* Never unguarded: what the keeper cannot watch it ends. */
	if (hit->who == WHO_KEEPER && strstr(page->wrong, PAYLOAD_KILLED))
		return true;
	/* Who cannot be asked for rights counts as one without: a user namespace more. */
	return strcmp(hit->call->name, "capget") == 0 && strstr(page->wrong, "ns.user");
}

const char *answer_wrong(const struct page *page, const struct hit *hit)
{
	static char text[1400];
	const ct_error *err = &page->err;
	const char *why = NULL;

	if (err->code != page->code)
		why = "the error has another code";
	else if (err->step <= CT_STEP_NONE || strcmp(ct_step_name(err->step), "unknown step") == 0)
		why = "the error has no step";
	else if (!err->sentence[0])
		why = "the error has no sentence";
	else if (page->code != -(hit ? hit->error : ENOMEM) && !is_death(err, hit))
		why = "it is not the error that was injected";
	if (!why)
		return NULL;
	snprintf(text, sizeof(text), "%s: %s gives %s, step %s, call %s: %s", why, page->doing,
		strerrorname_np(-page->code), ct_step_name(err->step), err->call, err->sentence);
	return text;
}
