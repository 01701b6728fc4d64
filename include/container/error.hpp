/* SPDX-License-Identifier: MIT */
/* For C++: what failed, as an exception; and what all the other headers need. See container.hpp. */
#ifndef CONTAINER_ERROR_HPP
#define CONTAINER_ERROR_HPP

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

#include <container/error.h>
#include <container/rootfs.h>
#include <container/spawn.h>

namespace ct {

using std::chrono::milliseconds;

/** For a timeout: wait until it happens. */
inline constexpr milliseconds forever{CT_FOREVER};

/**
 * A call of the library failed. code() has the errno, what() the sentence; the rest is what a
 * ct_error tells. Thrown by every call here that can fail.
 */
class error : public std::system_error {
public:
	explicit error(const ct_error &about)
		: std::system_error(-about.code, std::generic_category()), about_(about)
	{
	}

	/* For a call that gives a negative errno and nothing else. */
	error(int code, const char *call) : error(of(code, call))
	{
	}

	const char *what() const noexcept override
	{
		return about_.sentence;
	}
	ct_step step() const noexcept
	{
		return static_cast<ct_step>(about_.step);
	}
	const char *call() const noexcept
	{
		return about_.call;
	}
	const char *object() const noexcept
	{
		return about_.object;
	}
	const char *cure() const noexcept
	{
		return about_.cure;
	}

private:
	static void put(char *to, std::size_t room, const std::string &text)
	{
		to[text.copy(to, room - 1)] = '\0';
	}
	static ct_error of(int code, const char *call)
	{
		ct_error made = CT_ERROR_INIT;

		made.code = code;
		made.step = CT_STEP_ARGUMENT;
		put(made.call, sizeof(made.call), call);
		put(made.sentence, sizeof(made.sentence),
			std::string(call) + ": " + std::generic_category().message(-code));
		return made;
	}

	ct_error about_;
};

namespace detail {

/* A ct_error for one call; converts to the pointer that C takes. */
class report {
public:
	operator ct_error *() noexcept
	{
		return &about_;
	}
	int check(int result, const char *call) const
	{
		if (result < 0 && about_.code)
			throw error(about_);
		if (result < 0)
			throw error(result, call);
		return result;
	}

private:
	ct_error about_ = CT_ERROR_INIT;
};

inline int check(int result, const char *call)
{
	return report().check(result, call);
}

inline const char *text(const std::string &string)
{
	if (string.find('\0') != std::string::npos)
		throw std::invalid_argument("embedded null byte");
	return string.c_str();
}

inline const char *text(const std::optional<std::string> &string)
{
	return string ? text(*string) : nullptr;
}

/* Strings as C takes them; they must live as long. */
inline std::vector<const char *> array(const std::vector<std::string> &strings)
{
	std::vector<const char *> made;

	for (const std::string &string : strings)
		made.push_back(text(string));
	made.push_back(nullptr);
	return made;
}

inline int ms(milliseconds time)
{
	return time.count() > INT32_MAX ? INT32_MAX : static_cast<int>(time.count());
}

inline std::uint64_t limit(std::optional<milliseconds> time)
{
	return time ? static_cast<std::uint64_t>(time->count()) : CT_UNLIMITED;
}

/* Owns a handle of the library's: can be moved and not copied. */
template <typename T, void (*Free)(T *)> class handle {
public:
	handle() noexcept = default;
	explicit handle(T *pointer) noexcept : pointer_(pointer)
	{
	}
	/* For the C calls: still owned here. */
	T *get() const noexcept
	{
		return pointer_.get();
	}
	/* Owned by the caller from now on. */
	T *release() noexcept
	{
		return pointer_.release();
	}
	explicit operator bool() const noexcept
	{
		return get() != nullptr;
	}

protected:
	struct free {
		void operator()(T *pointer) const noexcept
		{
			Free(pointer);
		}
	};
	std::unique_ptr<T, free> pointer_;
};

} // namespace detail

} // namespace ct

#endif
