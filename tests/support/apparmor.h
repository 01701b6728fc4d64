/* SPDX-License-Identifier: MIT */
/*
 * The AppArmor profiles of apparmor.profiles, for the time of one test program. They are the
 * machine's while it runs: their names begin with "ct-test-", and nobody comes under one unasked.
 */
#ifndef TEST_APPARMOR_H
#define TEST_APPARMOR_H

/*
 * For main(), first of all and as root: loads the profiles, and takes them off again when this program
 * has ended, however it does. Ends the program with 77 and the reason where that cannot be.
 */
void need_profiles(void);

/* From now on this process is under a profile. */
void change_profile(const char *profile);

#endif
