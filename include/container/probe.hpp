/* SPDX-License-Identifier: MIT */
/* For C++: what works on this machine. See container.hpp. */
#ifndef CONTAINER_PROBE_HPP
#define CONTAINER_PROBE_HPP

#include <memory>

#include <container/error.hpp>
#include <container/probe.h>

namespace ct {

/** What works on this machine, what does not, and why; as it was at one moment. */
class probe : public detail::handle<ct_probe, ct_probe_free> {
public:
	probe()
	{
		detail::report err;
		ct_probe *made = nullptr;

		err.check(ct_probe_new(&made, err), "ct_probe_new");
		pointer_.reset(made);
	}
	/** What the filesystem of a directory can do. */
	explicit probe(const std::string &path)
	{
		detail::report err;
		ct_probe *made = nullptr;

		err.check(ct_probe_path(detail::text(path), &made, err), "ct_probe_path");
		pointer_.reset(made);
	}

	std::size_t size() const
	{
		return ct_probe_count(get());
	}
	ct_probe_info operator[](std::size_t index) const
	{
		ct_probe_info info = CT_PROBE_INFO_INIT;

		detail::check(ct_probe_get(get(), index, &info), "ct_probe_get");
		return info;
	}
	/** Throws an error of ENOENT if the probe has no such fact. */
	ct_probe_info find(ct_fact fact) const
	{
		ct_probe_info info = CT_PROBE_INFO_INIT;

		detail::check(ct_probe_find(get(), fact, &info), "ct_probe_find");
		return info;
	}
	bool works(ct_fact fact) const
	{
		return find(fact).state == CT_PROBE_WORKS;
	}
	std::string to_text() const
	{
		return text_of(ct_probe_to_text);
	}
	std::string to_json() const
	{
		return text_of(ct_probe_to_json);
	}

private:
	template <typename Call> std::string text_of(Call call) const
	{
		char *text = nullptr;

		detail::check(call(get(), &text), "ct_probe_to_text");
		return std::unique_ptr<char, void (*)(char *)>(text, ct_probe_text_free).get();
	}
};

} // namespace ct

#endif
