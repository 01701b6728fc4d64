/* SPDX-License-Identifier: MIT */
/* What the attacks by archives share. */
#ifndef TEST_ATTACKS_ARCHIVES_H
#define TEST_ATTACKS_ARCHIVES_H

#include "attacks/attacks.h"
#include "tar_builder.h"

/* Extracts without a doubt, for the control. */
void extract_naively(const struct tar *tar, const char *dest);

#endif
