/* SPDX-License-Identifier: MIT */
/* Sealed memory files: nobody can change what a stage executes or reads. */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "plan.h"
#include "stage/image.h"
#include "util/fd.h"

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U /* Linux 6.3 */
#endif
#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U /* Linux 6.3 */
#endif

static int create(const char *name, bool executable)
{
	const unsigned int flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
	int fd = memfd_create(name, flags | (executable ? MFD_EXEC : MFD_NOEXEC_SEAL));

	if (fd < 0 && errno == EINVAL) /* before Linux 6.3 every memfd is executable */
		fd = memfd_create(name, flags);
	return fd < 0 ? -errno : ct__above_stdio(fd);
}

int ct__sealed_memfd(const char *name, const void *data, size_t size, bool executable)
{
	CT__AUTO_CLOSE int fd = create(name, executable);
	const char *from = data;

	if (fd < 0)
		return fd;
	while (size) {
		ssize_t written = write(fd, from, size);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return -errno;
		from += written;
		size -= (size_t)written;
	}
	if (fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) < 0)
		return -errno;
	return ct__take_fd(&fd);
}

int ct__stage_open(bool traced)
{
	int fd = traced ? ct__sealed_memfd("ct-traced-stage", ct__traced_stage_image,
				  ct__traced_stage_image_size, true) :
			  ct__sealed_memfd("ct-stage", ct__stage_image, ct__stage_image_size, true);

	if (fd != -EACCES)
		return fd;
	/* vm.memfd_noexec=2: no memfd can be executed on this machine. */
	fd = open(traced ? CT_STAGE_DIR "/ct-traced-stage" : CT_STAGE_DIR "/ct-stage", O_PATH | O_CLOEXEC);
	return fd < 0 ? -EACCES : ct__above_stdio(fd);
}
