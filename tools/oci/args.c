/* SPDX-License-Identifier: MIT */
/* Options of the commands, numbers and names of signals. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ct-oci.h"

#define OPTIONS_LIMIT 32
#define LETTERS_FROM 256 /* for options without a letter */

static void add_to_list(const char ***list, const char *text)
{
	size_t count = 0;
	const char **grown;

	while (*list && (*list)[count])
		count++;
	grown = reallocarray(*list, count + 2, sizeof(*grown));
	if (!grown)
		return;
	grown[count] = text;
	grown[count + 1] = NULL;
	*list = grown;
}

static bool take(const struct option_row *options, size_t count, int option)
{
	for (size_t i = 0; i < count; i++) {
		const struct option_row *row = &options[i];

		if (option != (row->letter ? row->letter : (int)(LETTERS_FROM + i)))
			continue;
		if (row->flag)
			*row->flag = true;
		else if (row->list)
			add_to_list(row->list, optarg);
		else
			*row->text = optarg;
		return true;
	}
	return false;
}

int take_options(int argc, char **argv, const struct option_row *options, int least, int most)
{
	struct option table[OPTIONS_LIMIT] = {0};
	char letters[2 * OPTIONS_LIMIT + 2] = "+";
	size_t count = 0, used = 1;
	int option;

	for (; options[count].name && count < OPTIONS_LIMIT - 1; count++) {
		const struct option_row *row = &options[count];

		table[count] = (struct option){row->name,
			row->flag ? no_argument : required_argument, NULL,
			row->letter ? row->letter : (int)(LETTERS_FROM + count)};
		if (row->letter)
			letters[used++] = row->letter;
		if (row->letter && !row->flag)
			letters[used++] = ':';
	}
	optind = 0; /* the GNU way to begin anew */
	while ((option = getopt_long(argc, argv, letters, table, NULL)) != -1)
		if (!take(options, count, option)) {
			complain("%s: see ct-oci --help", argv[0]);
			return -1;
		}
	if (argc - optind < least || (most >= 0 && argc - optind > most)) {
		complain("%s: there are too %s arguments", argv[0],
			argc - optind < least ? "few" : "many");
		return -1;
	}
	return optind;
}

bool to_number(const char *text, int64_t least, int64_t most, int64_t *ret_number)
{
	char *end;
	long long number;

	errno = 0;
	number = strtoll(text, &end, 10);
	if (errno || end == text || *end || number < least || number > most)
		return false;
	*ret_number = number;
	return true;
}

int to_signal(const char *text)
{
	int64_t number;

	if (to_number(text, 1, 64, &number))
		return (int)number;
	if (strncasecmp(text, "SIG", 3) == 0)
		text += 3;
	for (int i = 1; i < 32; i++)
		if (sigabbrev_np(i) && strcasecmp(sigabbrev_np(i), text) == 0)
			return i;
	return 0;
}
