/* SPDX-License-Identifier: MIT */
/*
 * Version of the library, and the two macros every other header needs.
 * Nothing here touches the system.
 */
#ifndef CONTAINER_VERSION_H
#define CONTAINER_VERSION_H

/* Marks a call that the shared library exports. */
#if defined(__GNUC__)
#define CT_API __attribute__((visibility("default")))
#define CT_MUST_CHECK __attribute__((warn_unused_result))
#else
#define CT_API
#define CT_MUST_CHECK
#endif

#define CT_VERSION_MAJOR 0
#define CT_VERSION_MINOR 1
#define CT_VERSION_PATCH 0

/** The version these headers were written for, as "MAJOR.MINOR.PATCH". */
#define CT_VERSION_STRING "0.1.0"

/** The same as one number that compares: 0xMMmmpp. */
#define CT_VERSION_NUMBER ((CT_VERSION_MAJOR << 16) | (CT_VERSION_MINOR << 8) | CT_VERSION_PATCH)

#ifdef __cplusplus
extern "C" {
#endif

/**
 * The version of the library that is linked at run time.
 *
 * @return "MAJOR.MINOR.PATCH", a constant string; never freed.
 *
 * Changes: nothing. Threads: safe. Errors: none. Needs: nothing.
 * Source: CT_VERSION_STRING of the build. Since: 0.1
 */
CT_API const char *ct_version(void);

#ifdef __cplusplus
}
#endif

#endif
