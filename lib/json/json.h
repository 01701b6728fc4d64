/* SPDX-License-Identifier: MIT */
/*
 * Reading JSON that others wrote: bounded, each member once, and whatever is refused is
 * named by its JSON pointer (RFC 6901). Pure. It is only built with the feature "json", and so
 * is what includes this; elsewhere something else has to say what is lacking.
 *
 *     struct ct__json_doc doc = {.what = "profile", .step = CT_STEP_ARGUMENT, .err = err};
 *     struct ct__json top, value;
 *     int ret = ct__json_open(&doc, text, size, &top);
 *
 *     if (ret == 0)
 *             ret = ct__json_member(&top, "name", CT_JSON_STRING, &value);
 *     if (ret > 0)
 *             use(ct__json_get_string(&value));
 *     ct__json_close(&doc);
 */
#ifndef CT_JSON_JSON_H
#define CT_JSON_JSON_H

#include <stddef.h>
#include <stdint.h>

#include <container/error.h>

#define CT__JSON_SIZE_MAX (1u << 20) /* bytes of a document */
#define CT__JSON_DEPTH_MAX 32	     /* arrays and objects within each other */

/* What kind of value it has to be; bits, where there may be several. */
enum ct__json_kind {
	CT_JSON_OBJECT = 1 << 0,
	CT_JSON_ARRAY = 1 << 1,
	CT_JSON_STRING = 1 << 2,
	CT_JSON_INTEGER = 1 << 3,
	CT_JSON_BOOLEAN = 1 << 4,
};

/* A document, and where its refusals go. */
struct ct__json_doc {
	const char *what; /* what it is, for errors: "seccomp profile" */
	ct_step step;	  /* of its errors */
	ct_error *err;	  /* may be NULL */
	void *root;	  /* owned */
};

/*
 * A value, and the way to it: on the stack of whoever walks through the document, each
 * pointing to that which it was taken from. Holds until ct__json_close().
 */
struct ct__json {
	const struct ct__json_doc *doc;
	const struct ct__json *up; /* NULL: the document itself */
	const char *key;	   /* its name in an object, or NULL: */
	size_t index;		   /* its place in an array */
	void *value;
};

struct json_t; /* jansson.h */
struct json_error_t;

/*
 * The parser alone, json_loadb() with these flags: 0; -EBADMSG, and why; or -ENOMEM. Without memory for
 * a string or a number it says that the text is wrong, as of any text that is no JSON.
 */
int ct__json_parse(const char *text, size_t size, size_t flags, struct json_t **ret_root,
	struct json_error_t *ret_why);

/*
 * Reads a document, which has to be an object. -EINVAL: it is no JSON, or a name occurs twice in
 * an object; -E2BIG: too long, or too deep; -ENOMEM. Close in any case, which is harmless twice.
 */
int ct__json_open(struct ct__json_doc *doc, const char *text, size_t size, struct ct__json *ret_top);
void ct__json_close(struct ct__json_doc *doc);

/* Refuses a value by pointer, text and reason; code, so that it can be returned in the same line. */
int ct__json_refuse(const struct ct__json *at, int code, const char *reason);

/* -EINVAL, refused: it is of none of these kinds. */
int ct__json_expect(const struct ct__json *at, unsigned int kinds);

/*
 * A member of an object: 1; 0: there is none, or it is null; -EINVAL, refused: of another kind.
 * The key has to live as long as what is found.
 */
int ct__json_member(const struct ct__json *of, const char *key, unsigned int kinds, struct ct__json *ret);

/* The same, but 0 is refused as well: -EINVAL. */
int ct__json_need(const struct ct__json *of, const char *key, unsigned int kinds, struct ct__json *ret);

/* -EINVAL, refused: the object has a member whose name is not among these, which NULL ends. */
int ct__json_only(const struct ct__json *of, const char *const *keys);

/* The number of an array's items, or of an object's members. */
size_t ct__json_count(const struct ct__json *of);

/* An item of an array, by its place, which exists: 0; -EINVAL, refused: of another kind. */
int ct__json_item(const struct ct__json *of, size_t index, unsigned int kinds, struct ct__json *ret);

/* Calls visit for each member of an object until one returns something else than 0, and returns that. */
int ct__json_each(const struct ct__json *of, int (*visit)(const struct ct__json *member, void *data),
	void *data);

/* What a value says, once its kind is known. */
const char *ct__json_get_string(const struct ct__json *at);
int ct__json_get_boolean(const struct ct__json *at);

/* -EINVAL, refused: the integer is not in this range. */
int ct__json_get_number(const struct ct__json *at, int64_t least, int64_t most, int64_t *ret);

#endif
