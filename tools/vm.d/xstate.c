/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Preloaded into User-Mode Linux on hosts whose processor has AMX.
 *
 * UML keeps each process's extended registers in a buffer sized when UML was
 * compiled.  Linux lets a tracer read only the beginning of that state, but
 * takes it back only whole, and with AMX it is larger than UML's buffer (11 KB,
 * against less than 3): UML's first return to user space then fails, and it
 * panics.  Here a set of the beginning becomes a set of the whole: what lies
 * beyond UML's buffer is AMX's tiles, which no process inside UML can have
 * asked for, so it is zero.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <elf.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/uio.h>

enum { header = 512, header_size = 64, largest = 1 << 16 };

/* The set of UML's PART of the state, as a whole of the host's size. */
static long set_whole(long (*real)(enum __ptrace_request, ...), pid_t pid, void *kind,
                      const struct iovec *part)
{
	/* UML has one thread that traces; beyond its part this stays zero. */
	static _Alignas(64) char whole[largest];
	static size_t size;

	if (size == 0) { /* reading tells */
		static char scratch[largest];
		struct iovec all = { scratch, sizeof scratch };
		if (real(PTRACE_GETREGSET, pid, kind, &all) < 0)
			return -1;
		size = all.iov_len;
	}
	if (size <= part->iov_len || part->iov_len < header + header_size)
		return real(PTRACE_SETREGSET, pid, kind, part);
	memcpy(whole, part->iov_base, part->iov_len);
	/* Bits 17 and 18 of the header's first word: tiles are present. */
	uint64_t present;
	memcpy(&present, whole + header, sizeof present);
	present &= ~(UINT64_C(3) << 17);
	memcpy(whole + header, &present, sizeof present);
	struct iovec all = { whole, size };
	return real(PTRACE_SETREGSET, pid, kind, &all);
}

long ptrace(enum __ptrace_request request, ...)
{
	static long (*real)(enum __ptrace_request, ...);
	va_list list;

	va_start(list, request);
	pid_t pid = va_arg(list, pid_t);
	void *address = va_arg(list, void *);
	void *data = va_arg(list, void *);
	va_end(list);

	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "ptrace");
	if (request == PTRACE_SETREGSET && address == (void *)NT_X86_XSTATE)
		return set_whole(real, pid, address, data);
	return real(request, pid, address, data);
}
