/* SPDX-License-Identifier: MIT */
/*
 * An ordinary user who has subordinate ids, without changing the machine's users: in a
 * mount namespace of the test's own another /etc lies over the machine's.
 */
#ifndef TEST_USER_H
#define TEST_USER_H

#include <sys/types.h>

#define TEST_USER "ct-tester"

/* His first subordinate id, and how many he has, in both files; unless give_subids() says otherwise. */
#define TEST_SUBIDS	 231072u
#define TEST_SUBID_COUNT 65536u

/*
 * For main(): becomes this user for good, or ends the program with 77 and the reason: no
 * root, no newuidmap, no overlay, or no user namespaces for users.
 */
void need_user_with_subids(void);

/* Gives /etc/subuid and /etc/subgid this content; also as the user, whose files they are in that /etc. */
void give_subids(const char *subuid, const char *subgid);

/* For a program that stays root: the same /etc. */
void need_etc_of_my_own(void);

/* The user's id, which is his group's as well. */
uid_t test_user_id(void);

#endif
