/* SPDX-License-Identifier: MIT */
/* What has gone wrong: on standard error, and in the log that the caller reads. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "ct-oci.h"

static void write_log(const char *text)
{
	FILE *log = fopen(globals.log, "ae");
	char at[64];
	struct tm utc;
	time_t now = time(NULL);
	json_t *line;
	char *json;

	if (!log)
		return;
	gmtime_r(&now, &utc);
	strftime(at, sizeof(at), "%Y-%m-%dT%H:%M:%SZ", &utc);
	if (globals.log_json) {
		line = json_pack("{s:s,s:s,s:s}", "level", "error", "msg", text, "time", at);
		json = line ? json_dumps(line, JSON_COMPACT) : NULL;
		fprintf(log, "%s\n", json ? json : "{}");
		free(json);
		json_decref(line);
	} else {
		fprintf(log, "time=\"%s\" level=error msg=\"%s\"\n", at, text);
	}
	fclose(log);
}

int complain(const char *format, ...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	fprintf(stderr, "ct-oci: %s\n", text);
	if (globals.log)
		write_log(text);
	return 1;
}

/* Callers look for the words of errno where a program could not be executed. */
static const char *words_for_callers(const ct_error *err)
{
	if (err->step != CT_STEP_PROGRAM && err->step != CT_STEP_EXEC)
		return "";
	return err->code == -ENOENT ? ": no such file or directory" :
	       err->code == -EACCES ? ": permission denied" :
				      "";
}

int complain_of(const ct_error *err)
{
	const char *words = words_for_callers(err);

	return err->cure[0] ? complain("%s (%s)%s", err->sentence, err->cure, words) :
			      complain("%s%s", err->sentence, words);
}
