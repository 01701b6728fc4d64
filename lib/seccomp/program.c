/* SPDX-License-Identifier: MIT */
/*
 * The assembler: from an action for each number, and rules, to a classic BPF program.
 *
 * It is short, because numbers side by side with one action are one range, and the ranges
 * are the leaves of a binary tree: some eight comparisons lead to any of them. Both matter.
 * When a filter is attached, the kernel follows it once for each of its system calls, to
 * find those that are allowed whatever their arguments, which it then never asks the
 * filter about; for the rest the filter runs at each call.
 */
#include <endian.h>
#include <errno.h>
#include <linux/audit.h>
#include <stdlib.h>
#include <string.h>

#include "seccomp.h"

#if defined(__x86_64__)
#define THIS_MACHINE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define THIS_MACHINE AUDIT_ARCH_AARCH64
#else
#error "the filter knows x86-64 and arm64"
#endif

#if __BYTE_ORDER != __LITTLE_ENDIAN
#error "the halves of an argument are in the other order"
#endif

/*
 * The calls of other entries to the kernel have other numbers, of which no rule knows: they
 * are answered as by a kernel without that entry, whatever else is allowed. x32 alone has
 * the machine of the others, and its numbers begin here.
 */
#define FOREIGN	      (SECCOMP_RET_ERRNO | ENOSYS)
#define FOREIGN_FIRST 0x40000000u

#define MATCH UINT8_MAX /* jump targets that are filled in later: the end of a condition ... */
#define OTHER 0xfe	/* ... and the next rule */

struct assembler {
	ct__array code; /* struct sock_filter */
	const ct__array *rules;
	const uint32_t *actions;
	uint32_t unknown;
	const ct_seccomp_arg
		*held; /* whose lower half is loaded, whichever way led here; or NULL */
	ct__array
		starts; /* uint32_t: the first number of each range; the last range goes to the end */
	int error;
};

static size_t emit(struct assembler *a, uint16_t code, uint32_t k, uint8_t jt, uint8_t jf)
{
	const struct sock_filter instruction = {code, jt, jf, k};

	if (!a->error)
		a->error = ct__array_add(&a->code, &instruction, sizeof(instruction));
	return a->code.count - 1;
}

static struct sock_filter *at(struct assembler *a, size_t index)
{
	return (struct sock_filter *)a->code.items + index;
}

static void load(struct assembler *a, size_t offset)
{
	emit(a, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

static void answer(struct assembler *a, uint32_t action)
{
	emit(a, BPF_RET | BPF_K, action, 0, 0);
}

/* ------------------------------------------------------------------- conditions */

/* Loads one half of an argument, as far as it counts. */
static void load_half(struct assembler *a, const ct_seccomp_arg *arg, bool high)
{
	uint64_t mask = arg->mask ? arg->mask : UINT64_MAX;
	uint32_t half = (uint32_t)(high ? mask >> 32 : mask);

	if (!high && a->held && a->held->index == arg->index && a->held->mask == arg->mask)
		return;
	a->held = NULL;
	load(a, offsetof(struct seccomp_data, args) + arg->index * sizeof(uint64_t) +
			(high ? 4 : 0));
	if (half != UINT32_MAX)
		emit(a, BPF_ALU | BPF_AND | BPF_K, half, 0, 0);
}

/* An upper half that does not count is 0 for certain, which is most of them. */
static bool compares_high(const ct_seccomp_arg *arg)
{
	return arg->value >> 32 || !arg->mask || arg->mask >> 32;
}

/*
 * How each comparison goes by halves: where to jump if the upper one is greater, or less,
 * and by what the lower one then decides. LT and LE are GE and GT with the ends exchanged.
 */
static void compare(struct assembler *a, const ct_seccomp_arg *arg)
{
	uint32_t high = (uint32_t)(arg->value >> 32), low = (uint32_t)arg->value;
	bool is_less = arg->compare == CT_SECCOMP_LT || arg->compare == CT_SECCOMP_LE;
	bool is_equal = arg->compare == CT_SECCOMP_EQ, is_unequal = arg->compare == CT_SECCOMP_NE;
	uint8_t yes = is_less || is_unequal ? OTHER : MATCH;
	uint8_t no = is_less || is_unequal ? MATCH : OTHER;
	uint16_t jump =
		arg->compare == CT_SECCOMP_GE || arg->compare == CT_SECCOMP_LT ? BPF_JGE : BPF_JGT;

	if (compares_high(arg)) {
		load_half(a, arg, true);
		if (!is_equal && !is_unequal)
			emit(a, BPF_JMP | BPF_JGT | BPF_K, high, yes, 0);
		emit(a, BPF_JMP | BPF_JEQ | BPF_K, high, 0, no);
	}
	load_half(a, arg, false);
	emit(a, BPF_JMP | (is_equal || is_unequal ? BPF_JEQ : jump) | BPF_K, low, yes, no);
}

/* Gives the jumps of the instructions from first on, that lead to target, their way to the end. */
static void resolve(struct assembler *a, size_t first, uint8_t target)
{
	size_t end = a->code.count;

	for (size_t i = first; i < end && !a->error; i++) {
		struct sock_filter *code = at(a, i);

		if (BPF_CLASS(code->code) != BPF_JMP)
			continue;
		if (code->jt == target)
			code->jt = (uint8_t)(end - i - 1);
		if (code->jf == target)
			code->jf = (uint8_t)(end - i - 1);
	}
}

/* Its action, if all conditions hold; else what follows. At most 43 instructions: no jump is too far. */
static void emit_rule(struct assembler *a, const struct ct__seccomp_rule *rule)
{
	size_t first = a->code.count;

	for (size_t i = 0; i < rule->arg_count; i++) {
		size_t begin = a->code.count;

		compare(a, &rule->args[i]);
		resolve(a, begin, MATCH);
	}
	answer(a, rule->action);
	resolve(a, first, OTHER);
	/* With one condition there is one way to the next rule, which often is about the same. */
	a->held = rule->arg_count == 1 && !compares_high(rule->args) ? rule->args : NULL;
}

/* ------------------------------------------------------------------------ ranges */

static bool has_rule(const struct assembler *a, uint32_t number)
{
	ct__array_for_each(const struct ct__seccomp_rule, rule,
		a->rules) if (rule->number == number) return true;
	return false;
}

/* What is answered for one number: its rules from the last one back, then its action. */
static void emit_number(struct assembler *a, uint32_t number)
{
	const struct ct__seccomp_rule *rules = a->rules->items;

	a->held = NULL;
	for (size_t i = a->rules->count; i > 0; i--) {
		if (rules[i - 1].number != number)
			continue;
		if (!rules[i - 1].arg_count) {
			answer(a, rules[i - 1].action);
			return;
		}
		emit_rule(a, &rules[i - 1]);
	}
	if (number < CALLS_MAX)
		answer(a, a->actions[number]);
	else
		answer(a, number < FOREIGN_FIRST ? a->unknown : FOREIGN);
}

static void start_range(struct assembler *a, uint32_t number)
{
	if (!a->error)
		a->error = ct__array_add(&a->starts, &number, sizeof(number));
}

static void find_ranges(struct assembler *a)
{
	bool was_ruled = true;

	for (uint32_t number = 0; number < CALLS_MAX; number++) {
		bool ruled = has_rule(a, number);

		if (ruled || was_ruled || a->actions[number] != a->actions[number - 1])
			start_range(a, number);
		was_ruled = ruled;
	}
	if (was_ruled || a->actions[CALLS_MAX - 1] != a->unknown)
		start_range(a, CALLS_MAX);
	if (a->unknown != FOREIGN)
		start_range(a, FOREIGN_FIRST);
}

/*
 * A conditional jump reaches 255 instructions. One that has to go further is made to jump
 * over another, unconditional one, which is put in behind it.
 */
static void jump_far(struct assembler *a, size_t branch, size_t distance)
{
	struct sock_filter *code;

	emit(a, BPF_JMP | BPF_JA, 0, 0, 0);
	if (a->error)
		return;
	code = at(a, branch);
	memmove(code + 2, code + 1, distance * sizeof(*code));
	code[0].jf = 1;
	code[1] = (struct sock_filter){BPF_JMP | BPF_JA, 0, 0, (uint32_t)distance};
}

/* The number is in one of the ranges from first to last: halves them until one is left. */
static void emit_tree(struct assembler *a, size_t first, size_t last)
{
	const uint32_t *starts = a->starts.items;
	size_t middle = (first + last + 1) / 2, branch, distance;

	if (a->error)
		return;
	if (first == last) {
		emit_number(a, starts[first]);
		return;
	}
	branch = emit(a, BPF_JMP | BPF_JGE | BPF_K, starts[middle], 0, 0);
	emit_tree(a, first, middle - 1);
	distance = a->code.count - branch - 1;
	if (distance > UINT8_MAX)
		jump_far(a, branch, distance);
	else if (!a->error)
		at(a, branch)->jt = (uint8_t)distance;
	emit_tree(a, middle, last);
}

int ct__seccomp_program(const uint32_t actions[CALLS_MAX], uint32_t unknown, const ct__array *rules,
	struct sock_filter **ret_code, size_t *ret_count)
{
	struct assembler a = {.rules = rules, .actions = actions, .unknown = unknown};

	find_ranges(&a);
	load(&a, offsetof(struct seccomp_data, arch));
	emit(&a, BPF_JMP | BPF_JEQ | BPF_K, THIS_MACHINE, 1, 0);
	answer(&a, FOREIGN);
	load(&a, offsetof(struct seccomp_data, nr));
	if (!a.error)
		emit_tree(&a, 0, a.starts.count - 1);
	ct__array_done(&a.starts);
	if (!a.error && a.code.count > BPF_MAXINSNS)
		a.error = -E2BIG;
	if (a.error) {
		ct__array_done(&a.code);
		return a.error;
	}
	*ret_code = a.code.items;
	*ret_count = a.code.count;
	return 0;
}
