/* SPDX-License-Identifier: MIT */
/*
 * Runs a filter in the head, as the kernel would: to know beforehand whether it lets the
 * stage finish its work, and in tests what it answers to any call at all.
 */
#include <linux/seccomp.h>
#include <string.h>

#include "seccomp.h"

struct machine {
	uint32_t a, x;
	uint32_t memory[BPF_MEMWORDS];
	const struct seccomp_data *data;
};

/* The operand of an instruction that has one. */
static uint32_t operand(const struct machine *m, const struct sock_filter *code)
{
	return BPF_SRC(code->code) == BPF_X ? m->x : code->k;
}

static bool calculate(struct machine *m, const struct sock_filter *code)
{
	uint32_t value = operand(m, code);

	switch (BPF_OP(code->code)) {
	case BPF_ADD:
		m->a += value;
		return true;
	case BPF_SUB:
		m->a -= value;
		return true;
	case BPF_MUL:
		m->a *= value;
		return true;
	case BPF_AND:
		m->a &= value;
		return true;
	case BPF_OR:
		m->a |= value;
		return true;
	case BPF_XOR:
		m->a ^= value;
		return true;
	case BPF_NEG:
		m->a = -m->a;
		return true;
	case BPF_LSH:
		m->a = value < 32 ? m->a << value : 0;
		return true;
	case BPF_RSH:
		m->a = value < 32 ? m->a >> value : 0;
		return true;
	case BPF_DIV:
		if (value == 0)
			return false;
		m->a /= value;
		return true;
	default:
		return false;
	}
}

static bool fetch(struct machine *m, const struct sock_filter *code, uint32_t *to)
{
	switch (BPF_MODE(code->code)) {
	case BPF_IMM:
		*to = code->k;
		return true;
	case BPF_LEN:
		*to = sizeof(*m->data);
		return true;
	case BPF_MEM:
		if (code->k >= BPF_MEMWORDS)
			return false;
		*to = m->memory[code->k];
		return true;
	case BPF_ABS:
		if (code->k > sizeof(*m->data) - sizeof(*to) || code->k % sizeof(*to))
			return false;
		memcpy(to, (const char *)m->data + code->k, sizeof(*to));
		return true;
	default:
		return false;
	}
}

static bool store(struct machine *m, const struct sock_filter *code, uint32_t value)
{
	if (code->k >= BPF_MEMWORDS)
		return false;
	m->memory[code->k] = value;
	return true;
}

/* How many instructions to leave out. */
static uint32_t jump(const struct machine *m, const struct sock_filter *code)
{
	uint32_t value = operand(m, code);
	bool yes;

	switch (BPF_OP(code->code)) {
	case BPF_JA:
		return code->k;
	case BPF_JEQ:
		yes = m->a == value;
		break;
	case BPF_JGT:
		yes = m->a > value;
		break;
	case BPF_JGE:
		yes = m->a >= value;
		break;
	default:
		yes = m->a & value;
		break; /* BPF_JSET */
	}
	return yes ? code->jt : code->jf;
}

uint32_t ct__seccomp_run(
	const struct sock_filter *code, size_t count, const struct seccomp_data *data)
{
	struct machine m = {.data = data};

	/* No jump leads back: the end comes after count instructions at the latest. */
	for (size_t i = 0; i < count; i++) {
		bool sound = true;

		switch (BPF_CLASS(code[i].code)) {
		case BPF_LD:
			sound = fetch(&m, &code[i], &m.a);
			break;
		case BPF_LDX:
			sound = fetch(&m, &code[i], &m.x);
			break;
		case BPF_ST:
			sound = store(&m, &code[i], m.a);
			break;
		case BPF_STX:
			sound = store(&m, &code[i], m.x);
			break;
		case BPF_ALU:
			sound = calculate(&m, &code[i]);
			break;
		case BPF_JMP:
			i += jump(&m, &code[i]);
			break;
		case BPF_RET:
			return BPF_RVAL(code[i].code) == BPF_A ? m.a : code[i].k;
		default: /* BPF_MISC */
			if (BPF_MISCOP(code[i].code) == BPF_TXA)
				m.a = m.x;
			else
				m.x = m.a;
		}
		if (!sound)
			break;
	}
	return SECCOMP_RET_KILL_PROCESS;
}
