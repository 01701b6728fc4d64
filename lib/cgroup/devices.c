/* SPDX-License-Identifier: MIT */
/* Which devices a cgroup may use; see devices.h. */
#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <container/devices.h>

#include "cgroup/devices.h"
#include "cgroup/hierarchy.h"
#include "cgroup/limits.h"
#include "util/fd.h"

#define ALL (CT_DEVICE_MKNOD | CT_DEVICE_READ | CT_DEVICE_WRITE)

/* What every container has in its /dev, makes there, or gets as a terminal. */
static const ct_device own[] = {
	{'c', ALL, 1, 3}, /* null */
	{'c', ALL, 1, 5}, /* zero */
	{'c', ALL, 1, 7}, /* full */
	{'c', ALL, 1, 8}, /* random */
	{'c', ALL, 1, 9}, /* urandom */
	{'c', ALL, 5, 0}, /* tty */
	{'c', ALL, 5, 1}, /* console */
	{'c', ALL, 5, 2}, /* ptmx */
	{'c', ALL, 136, CT_DEVICE_ANY}, /* pts */
};

#define OWN (sizeof(own) / sizeof(own[0]))

/* The device of this number: first those of every container, then those of the spec; or NULL. */
static const ct_device *device_at(const ct__array *devices, size_t i)
{
	if (i < OWN)
		return &own[i];
	return i - OWN < devices->count ? (const ct_device *)devices->items + (i - OWN) : NULL;
}

/* -------------------------------------------------------------------------- v1 */

static void number_text(int32_t number, char text[16])
{
	if (number == CT_DEVICE_ANY)
		strcpy(text, "*");
	else
		snprintf(text, 16, "%d", number);
}

/* First nothing, then one by one. */
int ct__devices_settings(const ct__array *devices, ct__array *settings)
{
	struct ct__setting setting = {
		.controller = CONTROLLER_DEVICES, .file = "devices.deny", .text = "a"};
	int ret = ct__array_add(settings, &setting, sizeof(setting));

	strcpy(setting.file, "devices.allow");
	for (size_t i = 0; device_at(devices, i) && ret == 0; i++) {
		const ct_device *device = device_at(devices, i);
		char major[16], minor[16];

		number_text(device->major, major);
		number_text(device->minor, minor);
		snprintf(setting.text, sizeof(setting.text), "%c %s:%s %s%s%s", (char)device->type, major,
			minor, device->access & CT_DEVICE_READ ? "r" : "",
			device->access & CT_DEVICE_WRITE ? "w" : "",
			device->access & CT_DEVICE_MKNOD ? "m" : "");
		ret = ct__array_add(settings, &setting, sizeof(setting));
	}
	return ret;
}

/* -------------------------------------------------------------------------- v2 */

/* Registers: what is asked for, as the kernel's struct bpf_cgroup_dev_ctx tells it. */
enum { RESULT, CONTEXT, TYPE, ACCESS, MAJOR, MINOR };

static void add(ct__array *program, uint8_t code, unsigned int to, unsigned int from, int offset, int32_t value)
{
	const struct bpf_insn step = {.code = code,
		.dst_reg = to & 0xf,
		.src_reg = from & 0xf,
		.off = (int16_t)offset,
		.imm = value};

	/* Room for all was made at once: see make_program(). */
	(void)ct__array_add(program, &step, sizeof(step));
}

#define LOAD(to, field)                                                                            \
	add(program, BPF_LDX | BPF_MEM | BPF_W, to, CONTEXT,                                       \
		(int)offsetof(struct bpf_cgroup_dev_ctx, field), 0)

static void take_request(ct__array *program)
{
	LOAD(TYPE, access_type); /* the type below, and the access above 16 bits */
	add(program, BPF_ALU64 | BPF_MOV | BPF_X, ACCESS, TYPE, 0, 0);
	add(program, BPF_ALU64 | BPF_AND | BPF_K, TYPE, 0, 0, 0xffff);
	add(program, BPF_ALU64 | BPF_RSH | BPF_K, ACCESS, 0, 0, 16);
	LOAD(MAJOR, major);
	LOAD(MINOR, minor);
}

static void answer(ct__array *program, int32_t allowed)
{
	add(program, BPF_ALU64 | BPF_MOV | BPF_K, RESULT, 0, 0, allowed);
	add(program, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

/* Goes on to the next device at the first thing that does not fit. */
static void check_device(ct__array *program, const ct_device *device)
{
	int left = 5 + (device->major >= 0) + (device->minor >= 0); /* steps behind the one at hand */

	add(program, BPF_JMP | BPF_JNE | BPF_K, TYPE, 0, left--,
		device->type == 'b' ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR);
	add(program, BPF_ALU64 | BPF_MOV | BPF_X, RESULT, ACCESS, 0, 0);
	left--;
	add(program, BPF_ALU64 | BPF_AND | BPF_K, RESULT, 0, 0, (int32_t)(~device->access & ALL));
	left--;
	add(program, BPF_JMP | BPF_JNE | BPF_K, RESULT, 0, left--, 0);
	if (device->major >= 0)
		add(program, BPF_JMP | BPF_JNE | BPF_K, MAJOR, 0, left--, device->major);
	if (device->minor >= 0)
		add(program, BPF_JMP | BPF_JNE | BPF_K, MINOR, 0, left--, device->minor);
	answer(program, 1);
}

static int make_program(const ct__array *devices, ct__array *program)
{
	const size_t room = 6 + 8 * (OWN + devices->count) + 2;

	program->items = calloc(room, sizeof(struct bpf_insn));
	if (!program->items)
		return -ENOMEM;
	program->room = room;
	take_request(program);
	for (size_t i = 0; device_at(devices, i); i++)
		check_device(program, device_at(devices, i));
	answer(program, 0);
	return 0;
}

static int bpf(int command, union bpf_attr *attributes)
{
	int ret = (int)syscall(SYS_bpf, command, attributes, sizeof(*attributes));

	return ret < 0 ? -errno : ret;
}

int ct__devices_load(const ct__array *devices)
{
	union bpf_attr attributes = {0};
	ct__array program = {0};
	int ret = make_program(devices, &program);

	if (ret < 0)
		return ret;
	attributes.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
	attributes.expected_attach_type = BPF_CGROUP_DEVICE;
	attributes.insns = (uint64_t)(uintptr_t)program.items;
	attributes.insn_cnt = (uint32_t)program.count;
	attributes.license = (uint64_t)(uintptr_t)"MIT";
	strcpy(attributes.prog_name, "ct_devices");
	ret = bpf(BPF_PROG_LOAD, &attributes);
	ct__array_done(&program);
	return ct__above_stdio(ret);
}

int ct__devices_attach(int program, int directory)
{
	union bpf_attr attributes = {0};

	attributes.target_fd = (uint32_t)directory;
	attributes.attach_bpf_fd = (uint32_t)program;
	attributes.attach_type = BPF_CGROUP_DEVICE;
	attributes.attach_flags = BPF_F_ALLOW_MULTI;
	return bpf(BPF_PROG_ATTACH, &attributes);
}
