/* SPDX-License-Identifier: MIT */
/* For C++: the namespaces of the system, of a process, of a container. See container.hpp. */
#ifndef CONTAINER_NS_HPP
#define CONTAINER_NS_HPP

#include <memory>

#include <container/error.hpp>
#include <container/ns.h>
#include <container/spawn.hpp>

namespace ct {

/** Namespaces as they were at one moment; ordered by id. */
class ns_list : public detail::handle<ct_ns_list, ct_ns_list_free> {
public:
	using handle::handle;

	static ns_list of_system(std::uint32_t kinds = 0, std::uint32_t flags = 0)
	{
		return made([&](auto... rest) { return ct_ns_list_system(kinds, flags, rest...); });
	}
	/** Those of one process; 0 is the caller. */
	static ns_list of_pid(pid_t pid, std::uint32_t kinds = 0, std::uint32_t flags = 0)
	{
		return made([&](auto... rest) { return ct_ns_list_pid(pid, kinds, flags, rest...); });
	}
	static ns_list of_container(
		const container &box, std::uint32_t kinds = 0, std::uint32_t flags = 0)
	{
		return made([&](auto... rest) {
			return ct_ns_list_container(box.get(), kinds, flags, rest...);
		});
	}

	std::size_t size() const
	{
		return ct_ns_list_count(get());
	}
	ct_ns_info operator[](std::size_t index) const
	{
		ct_ns_info info = CT_NS_INFO_INIT;

		detail::check(ct_ns_list_get(get(), index, &info), "ct_ns_list_get");
		return info;
	}
	/** The row of an id, if it is in the list. */
	std::optional<std::size_t> find(std::uint64_t id) const
	{
		std::size_t index = 0;
		int result = ct_ns_list_find(get(), id, &index);

		if (result == -ENOENT)
			return {};
		detail::check(result, "ct_ns_list_find");
		return index;
	}
	std::optional<std::string> mount_path(std::size_t index) const
	{
		const char *path = ct_ns_list_mount_path(get(), index);

		return path ? std::optional<std::string>(path) : std::nullopt;
	}
	ct_ns_stats stats() const
	{
		ct_ns_stats told = CT_NS_STATS_INIT;

		detail::check(ct_ns_list_stats(get(), &told), "ct_ns_list_stats");
		return told;
	}
	std::string to_text(ct_ns_format format = CT_NS_FORMAT_TABLE) const
	{
		char *text = nullptr;

		detail::check(ct_ns_list_to_text(get(), format, &text), "ct_ns_list_to_text");
		return std::unique_ptr<char, void (*)(char *)>(text, ct_ns_text_free).get();
	}

private:
	template <typename Call> static ns_list made(Call call)
	{
		detail::report err;
		ct_ns_list *list = nullptr;

		err.check(call(&list, static_cast<ct_error *>(err)), "ct_ns_list");
		return ns_list(list);
	}
};

inline ns_list container::namespaces(std::uint32_t kinds, std::uint32_t flags) const
{
	return ns_list::of_container(*this, kinds, flags);
}

} // namespace ct

#endif
