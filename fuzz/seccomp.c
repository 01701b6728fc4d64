/* SPDX-License-Identifier: MIT */
/*
 * The compiler of filters against the plain reading of what it was given: rules, later ones
 * first, then the actions by number. And the interpreter, with programs of any bytes.
 */
#include <linux/audit.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "seccomp/seccomp.h"

#if defined(__x86_64__)
#define MACHINE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define MACHINE AUDIT_ARCH_AARCH64
#endif

static const uint32_t answers[] = {SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO | 1, SECCOMP_RET_ERRNO | 38,
	SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_TRAP, SECCOMP_RET_LOG};

static uint32_t take_answer(struct input *input)
{
	return answers[take_below(input, sizeof(answers) / sizeof(answers[0]))];
}

static bool holds(const ct_seccomp_arg *arg, const struct seccomp_data *data)
{
	uint64_t left = data->args[arg->index] & (arg->mask ? arg->mask : UINT64_MAX);

	switch (arg->compare) {
	case CT_SECCOMP_EQ:
		return left == arg->value;
	case CT_SECCOMP_NE:
		return left != arg->value;
	case CT_SECCOMP_LT:
		return left < arg->value;
	case CT_SECCOMP_LE:
		return left <= arg->value;
	case CT_SECCOMP_GT:
		return left > arg->value;
	default:
		return left >= arg->value;
	}
}

static uint32_t expected(const uint32_t actions[CALLS_MAX], uint32_t unknown,
	const ct__array *rules, const struct seccomp_data *data)
{
	const struct ct__seccomp_rule *rule = rules->items;

	for (size_t i = rules->count; i-- > 0;) {
		bool all = rule[i].number == data->nr;

		for (size_t k = 0; k < rule[i].arg_count; k++)
			all = all && holds(&rule[i].args[k], data);
		if (all)
			return rule[i].action;
	}
	return data->nr < CALLS_MAX ? actions[data->nr] : unknown;
}

static void take_rules(struct input *input, ct__array *rules)
{
	uint32_t count = take_below(input, 12);

	for (uint32_t i = 0; i < count; i++) {
		struct ct__seccomp_rule rule = {.number = (uint16_t)take_below(input, CALLS_MAX),
			.arg_count = (uint16_t)take_below(input, RULE_ARGS + 1),
			.action = take_answer(input)};

		if (i > 0 && take_byte(input) & 1)
			rule.number = ((struct ct__seccomp_rule *)rules->items)[i - 1].number;
		for (size_t k = 0; k < rule.arg_count; k++)
			rule.args[k] = (ct_seccomp_arg){take_below(input, 6), take_below(input, 6),
				take_byte(input) & 1 ? take_number(input) : 0, take_number(input)};
		must(ct__array_add(rules, &rule, sizeof(rule)) == 0, "no memory");
	}
}

/* A call near to what the rules are about, or anywhere. */
static struct seccomp_data take_call(struct input *input, const ct__array *rules)
{
	const struct ct__seccomp_rule *rule = rules->items;
	struct seccomp_data data = {.nr = (int)take_below(input, CALLS_MAX + 64), .arch = MACHINE};

	for (int i = 0; i < 6; i++)
		data.args[i] = take_number(input);
	if (rules->count > 0 && take_byte(input) & 3) {
		rule += take_below(input, (uint32_t)rules->count);
		data.nr = rule->number;
		for (size_t k = 0; k < rule->arg_count; k++)
			data.args[rule->args[k].index] =
				rule->args[k].value + take_below(input, 3) - 1;
	}
	return data;
}

static void compare(struct input *input)
{
	uint32_t actions[CALLS_MAX], unknown = take_answer(input);
	struct sock_filter *code;
	ct__array rules = {0};
	size_t count;

	for (int i = 0; i < CALLS_MAX; i++)
		actions[i] = unknown;
	for (uint32_t i = take_below(input, 40); i > 0; i--) {
		uint32_t from = take_below(input, CALLS_MAX), answer = take_answer(input);

		for (uint32_t k = from; k < CALLS_MAX && k < from + 1 + i % 8; k++)
			actions[k] = answer;
	}
	take_rules(input, &rules);
	if (ct__seccomp_program(actions, unknown, &rules, &code, &count) == 0) {
		for (int i = 0; i < 24; i++) {
			struct seccomp_data data = take_call(input, &rules);
			uint32_t said = ct__seccomp_run(code, count, &data);

			must(said == expected(actions, unknown, &rules, &data),
				"call %d is answered with %#x, not %#x", data.nr, said,
				expected(actions, unknown, &rules, &data));
		}
		free(code);
	}
	ct__array_done(&rules);
}

static void run_anything(struct input *input)
{
	size_t count = (size_t)(input->end - input->at) / sizeof(struct sock_filter);
	struct sock_filter *code = malloc(count * sizeof(*code) + 1);
	struct seccomp_data data = {.nr = 1, .arch = MACHINE};

	must(code != NULL, "no memory");
	memcpy(code, input->at, count * sizeof(*code));
	ct__seccomp_run(code, count, &data);
	free(code);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = input_of(data, size);

	if (take_byte(&input) & 7)
		compare(&input);
	else
		run_anything(&input);
	return 0;
}
