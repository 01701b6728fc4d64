/* SPDX-License-Identifier: MIT */
/* For C++: root filesystems. See container.hpp. */
#ifndef CONTAINER_ROOTFS_HPP
#define CONTAINER_ROOTFS_HPP

#include <cstdint>
#include <exception>
#include <functional>
#include <sys/types.h>

#include <container/error.hpp>
#include <container/rootfs.h>

namespace ct {

/** A root filesystem: an open directory, which stays when the object goes, or a mounted image. */
class rootfs : public detail::handle<ct_rootfs, ct_rootfs_free> {
public:
	using handle::handle;
	/* Returns normally to go on; what it throws cancels the extraction. */
	using progress = std::function<void(const ct_extract_progress &)>;
	/* As ct_read_fn, without the pointer that std::function makes needless. */
	using source = std::function<ssize_t(void *buffer, std::size_t size)>;

	/** Open a directory that is there. */
	explicit rootfs(const std::string &path)
	{
		detail::report err;
		ct_rootfs *made = nullptr;

		err.check(ct_rootfs_open(detail::text(path), &made, err), "ct_rootfs_open");
		pointer_.reset(made);
	}
	explicit rootfs(const char *path) : rootfs(std::string(path))
	{
	}

	/** Mount an image of squashfs or erofs that is trusted; flags: CT_IMAGE_*. */
	static rootfs image(const std::string &path, std::uint32_t flags = 0)
	{
		detail::report err;
		ct_rootfs *made = nullptr;

		err.check(ct_rootfs_open_image(detail::text(path), flags, &made, err), "ct_rootfs_open_image");
		return rootfs(made);
	}
	static rootfs image_fd(int fd, std::uint32_t flags = 0)
	{
		detail::report err;
		ct_rootfs *made = nullptr;

		err.check(ct_rootfs_open_image_fd(fd, flags, &made, err), "ct_rootfs_open_image_fd");
		return rootfs(made);
	}

	static rootfs extract(const std::string &archive, const std::string &dest,
		const ct_extract_options &options = CT_EXTRACT_OPTIONS_INIT, progress told = {})
	{
		return extracted(dest, options, told, {}, [&](auto... rest) {
			return ct_rootfs_extract(detail::text(archive), rest...);
		});
	}
	static rootfs extract_fd(int fd, const std::string &dest,
		const ct_extract_options &options = CT_EXTRACT_OPTIONS_INIT, progress told = {})
	{
		return extracted(dest, options, told, {},
			[&](auto... rest) { return ct_rootfs_extract_fd(fd, rest...); });
	}
	static rootfs extract_memory(const void *data, std::size_t size, const std::string &dest,
		const ct_extract_options &options = CT_EXTRACT_OPTIONS_INIT, progress told = {})
	{
		return extracted(dest, options, told, {},
			[&](auto... rest) { return ct_rootfs_extract_memory(data, size, rest...); });
	}
	static rootfs extract_stream(source read, const std::string &dest,
		const ct_extract_options &options = CT_EXTRACT_OPTIONS_INIT, progress told = {})
	{
		callbacks calls{told, read, {}};

		return extracted(dest, options, told, &calls, [&](auto... rest) {
			return ct_rootfs_extract_stream(&callbacks::on_read, &calls, rest...);
		});
	}
	static void remove(const std::string &path)
	{
		detail::report err;

		err.check(ct_rootfs_remove(detail::text(path), err), "ct_rootfs_remove");
	}

	void restore(const ct_extract_options &options = CT_EXTRACT_OPTIONS_INIT, progress told = {})
	{
		detail::report err;
		callbacks calls{told, {}, {}};
		ct_extract_options ours = calls.with(options);
		int result = ct_rootfs_restore(get(), &ours, err);

		calls.rethrow();
		err.check(result, "ct_rootfs_restore");
	}
	ct_extract_stats stats() const
	{
		ct_extract_stats made{};

		made.size = sizeof(made);
		detail::check(ct_rootfs_stats(get(), &made), "ct_rootfs_stats");
		return made;
	}
	int fd() const
	{
		return detail::check(ct_rootfs_fd(get()), "ct_rootfs_fd");
	}

private:
	/* No exception may pass through C: it waits here for the end of the call. */
	struct callbacks {
		progress told;
		source read;
		std::exception_ptr thrown;

		static int on_progress(const ct_extract_progress *now, void *data) noexcept
		{
			callbacks *calls = static_cast<callbacks *>(data);

			try {
				calls->told(*now);
				return 0;
			} catch (...) {
				calls->thrown = std::current_exception();
				return 1;
			}
		}
		static ssize_t on_read(void *buffer, std::size_t size, void *data) noexcept
		{
			callbacks *calls = static_cast<callbacks *>(data);

			try {
				return calls->read(buffer, size);
			} catch (...) {
				calls->thrown = std::current_exception();
				return -EIO;
			}
		}
		/* The options with our function, unless they have one of their own. */
		ct_extract_options with(const ct_extract_options &options)
		{
			ct_extract_options made = options;

			if (told) {
				made.progress = &callbacks::on_progress;
				made.progress_data = this;
			}
			return made;
		}
		void rethrow() const
		{
			if (thrown)
				std::rethrow_exception(thrown);
		}
	};

	template <typename Call>
	static rootfs extracted(const std::string &dest, const ct_extract_options &options,
		const progress &told, callbacks *given, Call call)
	{
		detail::report err;
		callbacks own{told, {}, {}};
		callbacks &calls = given ? *given : own;
		ct_extract_options ours = calls.with(options);
		ct_rootfs *made = nullptr;
		int result = call(detail::text(dest), &ours, &made, static_cast<ct_error *>(err));

		calls.rethrow();
		err.check(result, "ct_rootfs_extract");
		return rootfs(made);
	}
};

} // namespace ct

#endif
