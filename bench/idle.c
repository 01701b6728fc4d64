/* SPDX-License-Identifier: MIT */
/* What an idle container runs: a program without libc that waits for ever. */
#include <sys/syscall.h>

void _start(void);

void _start(void)
{
	for (;;) {
#if defined(__x86_64__)
		long ret;

		__asm__ volatile("syscall" : "=a"(ret) : "a"(SYS_pause) : "rcx", "r11", "memory");
#elif defined(__aarch64__)
		register long x8 __asm__("x8") = SYS_ppoll;
		register long x0 __asm__("x0") = 0;
		register long x1 __asm__("x1") = 0;
		register long x2 __asm__("x2") = 0;
		register long x3 __asm__("x3") = 0;

		__asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3) : "memory");
#endif
	}
}
