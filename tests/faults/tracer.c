/* SPDX-License-Identifier: MIT */
/* The subject under ptrace; see tracer.h and README.md. */
#include "tracer.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "calls.h"
#include "stage/plan.h"

#define DEADLINE_MS 10000
#define TICK_US	    100000
#define OPTIONS                                                                                    \
	(PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |  \
		PTRACE_O_TRACEEXEC | PTRACE_O_TRACEEXIT | PTRACE_O_EXITKILL)

static long long now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

static long long now_ms(void)
{
	return now_us() / 1000;
}

static void tick(int signal)
{
	(void)signal;
}

/* ------------------------------------------------------- the end at some instant */

static volatile pid_t condemned;
static timer_t instant;

static void strike(int signal)
{
	(void)signal;
	if (condemned)
		kill(condemned, SIGKILL);
	condemned = 0;
}

static void strike_after(pid_t pid, long delay_us)
{
	struct itimerspec when = {.it_value = {delay_us / 1000000, delay_us % 1000000 * 1000 + 1}};

	condemned = pid;
	timer_settime(instant, 0, &when, NULL);
}

int tracer_begin(void)
{
	struct itimerval every = {{0, TICK_US}, {0, TICK_US}};
	struct sigaction action = {.sa_handler = tick}, striking = {.sa_handler = strike};
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};

	if (sigaction(SIGUSR1, &striking, NULL) < 0 || timer_create(CLOCK_MONOTONIC, &event, &instant) < 0)
		return -1;
	/* A waitpid() that has begun just after a tick ends with the next. */
	return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0 || sigaction(SIGALRM, &action, NULL) < 0 ||
				setitimer(ITIMER_REAL, &every, NULL) < 0 ?
			-1 :
			0;
}

const char *who_name(enum who who)
{
	static const char *const names[] = {"host", "child", "stage", "keeper", "agent", "payload"};

	return names[who];
}

/* ------------------------------------------------------------------- the tracees */

static struct tracee *find(struct subject *s, pid_t pid)
{
	for (int i = 0; i < s->count; i++)
		if (s->tracees[i].pid == pid && !s->tracees[i].gone)
			return &s->tracees[i];
	return NULL;
}

static struct tracee *find_role(struct subject *s, int role)
{
	for (int i = 0; i < s->count; i++)
		if (s->tracees[i].role == role)
			return &s->tracees[i];
	return NULL;
}

static struct tracee *add(struct subject *s, pid_t pid, enum who who)
{
	struct tracee *t = &s->tracees[s->count];

	if (s->count == MAX_TRACEES)
		return NULL;
	*t = (struct tracee){.pid = pid, .who = who, .traced = true};
	t->pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	t->role = s->roles++;
	s->count++;
	return t;
}

/* Forgets those that have been started, all but the subject itself. */
static void forget_children(struct subject *s)
{
	for (int i = 1; i < s->count; i++)
		if (s->tracees[i].pidfd >= 0)
			close(s->tracees[i].pidfd);
	s->count = s->count ? 1 : 0;
	s->roles = s->count;
}

static bool has_ended(const struct tracee *t)
{
	struct pollfd ended = {.fd = t->pidfd, .events = POLLIN};

	return t->gone || t->pidfd < 0 || poll(&ended, 1, 0) > 0;
}

static void let_go(struct tracee *t)
{
	t->traced = false;
	ptrace(PTRACE_DETACH, t->pid, NULL, 0);
}

/* ---------------------------------------------------------------- what they do */

/* Call by call only those whose calls are counted: others run at full speed. */
static bool is_watched(const struct subject *s, const struct tracee *t)
{
	if (t->result || t->is_receiving)
		return true;
	if (s->aim.deed == DEED_MEMORY || s->aim.deed == DEED_LATER || (!t->role && s->place != PLACE_CALLS))
		return false;
	return s->aim.deed == DEED_LACK || (t->role == s->aim.role && !s->hit.reached);
}

static void resume(struct subject *s, struct tracee *t, int signal)
{
	ptrace(is_watched(s, t) ? PTRACE_SYSCALL : PTRACE_CONT, t->pid, NULL, (long)signal);
}

enum change { CHANGE_NUMBER, CHANGE_RESULT };

/* At the entry of a call to none; at its exit to what it returns. */
static void change_call(pid_t pid, enum change what, long result)
{
	struct user_regs_struct regs;
	struct iovec all = {&regs, sizeof(regs)};

	if (ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &all) < 0)
		return;
#if defined(__x86_64__)
	if (what == CHANGE_NUMBER)
		regs.orig_rax = (unsigned long long)-1;
	else
		regs.rax = (unsigned long long)result;
#elif defined(__aarch64__)
	int none = -1;
	struct iovec number = {&none, sizeof(none)};

	if (what == CHANGE_NUMBER)
		ptrace(PTRACE_SETREGSET, pid, NT_ARM_SYSTEM_CALL, &number);
	else
		regs.regs[0] = (unsigned long long)result;
#endif
	ptrace(PTRACE_SETREGSET, pid, NT_PRSTATUS, &all);
}

static void fail_here(struct subject *s, struct tracee *t, const struct fault_call *call, int error)
{
	s->hit = (struct hit){.reached = true, .who = t->who, .call = call, .error = error};
	/* What has been begun with one descriptor less would be a leak of our own making. */
	if (!call->is_made)
		change_call(t->pid, CHANGE_NUMBER, 0);
	t->result = -error;
}

static bool handle(struct subject *s, pid_t pid, int status);

/* An end takes a moment, in which others could still talk to who is as good as dead. */
static void await_end(struct subject *s, const struct tracee *t)
{
	long long deadline = now_ms() + DEADLINE_MS;
	pid_t pid = t->pid;
	int status;

	while (!has_ended(t) && now_ms() < deadline) {
		if (waitpid(pid, &status, __WALL | WNOHANG) > 0)
			(void)handle(s, pid, status);
		usleep(200);
	}
}

static void kill_here(struct subject *s, struct tracee *t, const struct fault_call *call)
{
	struct tracee *victim = find_role(s, s->aim.victim);

	s->hit = (struct hit){.reached = true, .who = t->who, .call = call};
	s->hit.killed = victim && !has_ended(victim) && kill(victim->pid, SIGKILL) == 0;
	if (s->hit.killed && victim != t)
		await_end(s, victim);
}

/* Who is made by the first message: a stage, a keeper or an agent. */
static void look_at_message(struct tracee *t, unsigned long message)
{
	struct msghdr header;
	struct iovec part;
	uint32_t magic = 0;
	const struct iovec mine[] = {{&header, sizeof(header)}, {&part, sizeof(part)}, {&magic, 4}};
	struct iovec theirs = {(void *)message, sizeof(header)};

	if (process_vm_readv(t->pid, &mine[0], 1, &theirs, 1, 0) < 0)
		return;
	theirs = (struct iovec){header.msg_iov, sizeof(part)};
	if (process_vm_readv(t->pid, &mine[1], 1, &theirs, 1, 0) < 0)
		return;
	theirs = (struct iovec){part.iov_base, 4};
	if (process_vm_readv(t->pid, &mine[2], 1, &theirs, 1, 0) < 0)
		return;
	if (magic == KEEPER_MAGIC)
		t->who = WHO_KEEPER;
	if (magic == AGENT_MAGIC)
		t->who = WHO_AGENT;
}

/* What only asks for a flag of a descriptor cannot fail. */
static bool is_question(const struct __ptrace_syscall_info *info)
{
	return info->entry.nr == SYS_fcntl &&
	       (info->entry.args[1] == F_GETFD || info->entry.args[1] == F_GETFL);
}

static void at_call(struct subject *s, struct tracee *t)
{
	static unsigned long message; /* of the one who is receiving */
	struct __ptrace_syscall_info info;
	const struct fault_call *call;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, t->pid, sizeof(info), &info) < 0)
		return;
	if (info.op == PTRACE_SYSCALL_INFO_EXIT) {
		if (t->result)
			change_call(t->pid, CHANGE_RESULT, t->result);
		if (t->is_receiving)
			look_at_message(t, message);
		t->result = 0;
		t->is_receiving = false;
		return;
	}
	if ((s->hit.reached && s->aim.deed != DEED_LACK) || (t->role == 0 && s->page->own))
		return;
	if (info.entry.nr == SYS_recvmsg && t->who == WHO_STAGE) {
		t->is_receiving = true;
		message = info.entry.args[1];
	}
	call = fault_call_of((long)info.entry.nr);
	if (!fault_count(call) || is_question(&info) || s->place != PLACE_CALLS)
		return;
	if (s->aim.deed == DEED_LACK && s->aim.number == call->number)
		fail_here(s, t, call, ENOSYS);
	if (s->aim.deed == DEED_LACK)
		return;
	if (s->aim.deed == DEED_NONE && t->calls < MAX_CALLS)
		s->seen[t->calls] = (long)info.entry.nr;
	if (t->calls++ != s->aim.index)
		return;
	if (s->aim.deed == DEED_FAIL)
		fail_here(s, t, call, call->errors[s->aim.choice % fault_count(call)]);
	else if (s->aim.deed == DEED_KILL)
		kill_here(s, t, call);
}

/* The stage is executed from memory, or from its place in libexec; anything else is not ours. */
static void at_exec(struct subject *s, struct tracee *t)
{
	char path[64], text[256];
	ssize_t length;

	snprintf(path, sizeof(path), "/proc/%d/exe", t->pid);
	length = readlink(path, text, sizeof(text) - 1);
	text[length > 0 ? length : 0] = '\0';
	if (t->role == 0 || strstr(text, "ct-stage") || strstr(text, "ct-traced-stage")) {
		t->who = t->role ? WHO_STAGE : WHO_HOST;
		resume(s, t, 0);
	} else {
		t->who = WHO_OTHER;
		let_go(t);
	}
}

static void at_birth(struct subject *s, struct tracee *parent)
{
	unsigned long pid = 0;

	ptrace(PTRACE_GETEVENTMSG, parent->pid, NULL, &pid);
	if (s->place == PLACE_CALLS && pid && !find(s, (pid_t)pid))
		add(s, (pid_t)pid, parent->role ? parent->who : WHO_CHILD);
	resume(s, parent, 0);
}

/* A process that we have not heard of: its own first stop may come before its parent's. */
static void at_first_stop(struct subject *s, pid_t pid)
{
	struct tracee *t = s->place == PLACE_CALLS ? add(s, pid, WHO_CHILD) : NULL;

	if (t)
		resume(s, t, 0);
	else
		ptrace(PTRACE_DETACH, pid, NULL, 0);
}

static void at_place(struct subject *s)
{
	bool is_first = s->place == PLACE_ORDER;

	s->place = s->page->place;
	if (is_first)
		s->began_us = now_us();
	s->took_us = now_us() - s->began_us;
	if (is_first && s->aim.deed == DEED_LATER && s->place == PLACE_CALLS)
		strike_after(s->pid, s->aim.delay_us);
}

/* One piece of news; true if the subject has come to a place, where it stays, or has ended. */
static bool handle(struct subject *s, pid_t pid, int status)
{
	struct tracee *t = find(s, pid);
	int signal = WSTOPSIG(status), event = status >> 16;

	if (!WIFSTOPPED(status)) {
		if (t)
			t->gone = true;
		if (pid == s->pid)
			s->status = status;
		return pid == s->pid;
	}
	if (!t) {
		at_first_stop(s, pid);
	} else if (event == PTRACE_EVENT_FORK || event == PTRACE_EVENT_VFORK ||
		event == PTRACE_EVENT_CLONE) {
		at_birth(s, t);
	} else if (event == PTRACE_EVENT_EXEC) {
		at_exec(s, t);
	} else if (event == PTRACE_EVENT_EXIT && t->role) {
		/* Its parent is to reap it, which a tracer keeps it from until it has done so itself. */
		let_go(t);
	} else if (signal == (SIGTRAP | 0x80)) {
		at_call(s, t);
		resume(s, t, 0);
	} else if (pid == s->pid && signal == PLACE_SIGNAL && !event) {
		at_place(s);
		return true;
	} else {
		resume(s, t, event ? 0 : signal);
	}
	return false;
}

/* Until the subject comes to a place or its end. */
static enum outcome run(struct subject *s)
{
	long long deadline = now_ms() + DEADLINE_MS;

	for (;;) {
		int status;
		pid_t pid = waitpid(-1, &status, __WALL);

		if (pid < 0 && errno != EINTR)
			return ROUND_DIED;
		if (pid > 0 && handle(s, pid, status))
			return s->status == -1 ? ROUND_DONE : ROUND_DIED;
		if (now_ms() > deadline)
			return ROUND_HANG;
	}
}

static enum outcome go_on(struct subject *s)
{
	resume(s, &s->tracees[0], 0);
	return run(s);
}

/* ------------------------------------------------------------------- the subject */

static __attribute__((noreturn)) void become(int page, int gate, const char *program,
	const char *scenario, const char *dir)
{
	int null = open("/dev/null", O_RDWR);
	char byte;

	if (read(gate, &byte, 1) != 1 || dup2(page, PAGE_FD) < 0)
		_exit(2);
	if (page != PAGE_FD)
		close(page);
	for (int fd = 0; fd < 3; fd++)
		dup2(null, fd);
	syscall(SYS_close_range, PAGE_FD + 1, ~0U, 0);
	execl(program, program, scenario, dir, (char *)NULL);
	_exit(2);
}

enum outcome subject_start(struct subject *s, const char *program, const char *scenario,
	const char *dir, bool is_rough)
{
	int gate[2];

	*s = (struct subject){.status = -1};
	s->page_fd = memfd_create("page", 0);
	if (s->page_fd < 0 || ftruncate(s->page_fd, sizeof(*s->page)) < 0 || pipe(gate) < 0)
		return ROUND_DIED;
	s->page = mmap(NULL, sizeof(*s->page), PROT_READ | PROT_WRITE, MAP_SHARED, s->page_fd, 0);
	if (s->page == MAP_FAILED)
		return ROUND_DIED;
	s->page->is_rough = is_rough;
	s->pid = fork();
	if (s->pid == 0)
		become(s->page_fd, gate[0], program, scenario, dir);
	close(gate[0]);
	if (s->pid < 0 || ptrace(PTRACE_SEIZE, s->pid, NULL, OPTIONS) < 0)
		return ROUND_DIED;
	add(s, s->pid, WHO_HOST);
	if (write(gate[1], "", 1) != 1)
		return ROUND_DIED;
	close(gate[1]);
	s->aim.deed = DEED_MEMORY; /* nothing is counted */
	return run(s);
}

enum outcome subject_round(struct subject *s, const struct aim *aim)
{
	enum outcome outcome;

	forget_children(s);
	s->aim = *aim;
	s->hit = (struct hit){.reached = false};
	s->tracees[0].calls = 0;
	s->tracees[0].result = 0;
	s->page->lasting = aim->lasts;
	s->page->allocation = aim->deed == DEED_MEMORY ? aim->index + 1 : 0;
	do {
		outcome = go_on(s);
	} while (outcome == ROUND_DONE && s->place != PLACE_ORDER);
	condemned = 0;
	return outcome;
}

const struct tracee *subject_survivor(struct subject *s, int patience_ms)
{
	static struct tracee survivor;
	long long deadline = now_ms() + patience_ms;
	bool lives = true;

	while (lives) {
		int status;
		pid_t pid;

		while ((pid = waitpid(-1, &status, __WALL | WNOHANG)) > 0)
			if (pid != s->pid || !WIFSTOPPED(status))
				handle(s, pid, status);
		lives = false;
		for (int i = 1; i < s->count && !lives; i++) {
			lives = !has_ended(&s->tracees[i]);
			survivor = s->tracees[i];
		}
		if (lives && now_ms() > deadline) {
			for (int i = 1; i < s->count; i++)
				if (!has_ended(&s->tracees[i]))
					kill(s->tracees[i].pid, SIGKILL);
			return &survivor;
		}
		if (lives)
			usleep(1000);
	}
	return NULL;
}

bool subject_has_payload(const struct subject *s)
{
	for (int i = 1; i < s->count; i++)
		if (s->tracees[i].who == WHO_OTHER && !has_ended(&s->tracees[i]))
			return true;
	return false;
}

/* What is left comes to this process, which does not know it. */
static void kill_orphans(void)
{
	FILE *file = fopen("/proc/thread-self/children", "re");
	int pid;

	while (file && fscanf(file, "%d", &pid) == 1)
		kill(pid, SIGKILL);
	if (file)
		fclose(file);
}

/* A subject that waits for an order ends as other programs do, and writes what a build counts at their end. */
static void let_end(struct subject *s)
{
	struct pollfd ended = {.fd = s->count ? s->tracees[0].pidfd : -1, .events = POLLIN};

	if (s->place != PLACE_ORDER || s->status != -1)
		return;
	s->page->is_over = 1;
	if (ptrace(PTRACE_DETACH, s->pid, NULL, 0) == 0)
		poll(&ended, 1, DEADLINE_MS);
}

bool subject_end(struct subject *s)
{
	long long deadline = now_ms() + DEADLINE_MS;
	bool in_time = true;
	int status;
	pid_t pid;

	let_end(s);
	for (int i = 0; i < s->count; i++)
		if (!has_ended(&s->tracees[i]))
			kill(s->tracees[i].pid, SIGKILL);
	while ((pid = waitpid(-1, &status, __WALL | WNOHANG)) >= 0 || errno != ECHILD) {
		if (pid > 0 && WIFSTOPPED(status))
			ptrace(PTRACE_DETACH, pid, NULL, 0);
		if (pid <= 0)
			usleep(500);
		if (in_time && now_ms() > deadline) {
			in_time = false;
			kill_orphans();
		}
	}
	forget_children(s);
	if (s->count && s->tracees[0].pidfd >= 0)
		close(s->tracees[0].pidfd);
	munmap(s->page, sizeof(*s->page));
	close(s->page_fd);
	return in_time;
}
