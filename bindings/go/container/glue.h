/* SPDX-License-Identifier: MIT */
/* What cgo cannot say: macros that are initialisers, numbers as void *, functions of Go as callbacks. */
#ifndef CT_GO_GLUE_H
#define CT_GO_GLUE_H

#include <container/container.h>

/* In callbacks.go. */
int ctGoProgress(ct_extract_progress *progress, uintptr_t call);
ssize_t ctGoRead(void *buffer, size_t size, uintptr_t call);
int ctGoPrepare(uintptr_t call, ct_container *made);

static inline int ct_go_progress(const ct_extract_progress *progress, void *call)
{
	return ctGoProgress((ct_extract_progress *)progress, (uintptr_t)call);
}

static inline ssize_t ct_go_read(void *buffer, size_t size, void *call)
{
	return ctGoRead(buffer, size, (uintptr_t)call);
}

static inline ct_extract_options ct_go_options(uintptr_t call)
{
	ct_extract_options options = CT_EXTRACT_OPTIONS_INIT;

	if (call) {
		options.progress = ct_go_progress;
		options.progress_data = (void *)call;
	}
	return options;
}

static inline int ct_go_extract_stream(uintptr_t call, const char *dest, const ct_extract_options *options,
	ct_rootfs **ret_rootfs, ct_error *err)
{
	return ct_rootfs_extract_stream(ct_go_read, (void *)call, dest, options, ret_rootfs, err);
}

static inline ct_exit ct_go_exit(void)
{
	ct_exit how = CT_EXIT_INIT;

	return how;
}

static inline ct_protection ct_go_protection(void)
{
	ct_protection about = CT_PROTECTION_INIT;

	return about;
}

static inline ct_payload ct_go_payload(void)
{
	ct_payload payload = CT_PAYLOAD_INIT;

	return payload;
}

static inline int ct_go_events_add(ct_events *events, ct_container *box, uintptr_t token, ct_error *err)
{
	return ct_events_add(events, box, (void *)token, err);
}

static inline int ct_go_events_next(ct_events *events, uint32_t *kind, uint64_t *count, uintptr_t *token,
	ct_error *err)
{
	ct_event event = CT_EVENT_INIT;
	int ret = ct_events_next(events, 0, &event, err);

	*kind = event.kind;
	*count = event.count;
	*token = (uintptr_t)event.data;
	return ret;
}

#endif
