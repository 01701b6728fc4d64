/* SPDX-License-Identifier: MIT */
/* For C++: what to run and how isolated. See container.hpp. */
#ifndef CONTAINER_SPEC_HPP
#define CONTAINER_SPEC_HPP

#include <cerrno>
#include <functional>
#include <memory>

#include <container/cgroup.h>
#include <container/devices.h>
#include <container/error.hpp>
#include <container/init.h>
#include <container/proc.h>
#include <container/protection.h>
#include <container/rootfs.hpp>
#include <container/label.h>
#include <container/landlock.h>
#include <container/oci.h>
#include <container/seccomp.h>
#include <container/spawn.h>
#include <container/spec.h>
#include <container/terminal.h>
#include <container/time.h>
#include <container/trace.h>

namespace ct {

/** What to run and how isolated; the strictest one at first. Setters can be chained. */
class spec : public detail::handle<ct_spec, ct_spec_free> {
public:
	using strings = std::vector<std::string>;
	using optional_string = std::optional<std::string>;
	/* Must not throw, nor use the spec. */
	using trace = std::function<void(const ct_trace_event &)>;
	using preparation = std::function<void(ct_container *)>;

	spec()
	{
		ct_spec *made = nullptr;

		detail::check(ct_spec_new(&made), "ct_spec_new");
		pointer_.reset(made);
	}

	/** What the config.json of a bundle describes: see oci.h. */
	static spec from_oci(const std::string &bundle)
	{
		return read(ct_spec_from_oci, "ct_spec_from_oci", detail::text(bundle));
	}
	static spec from_oci_file(const std::string &path)
	{
		return read(ct_spec_from_oci_file, "ct_spec_from_oci_file", detail::text(path));
	}
	static spec from_oci_text(const std::string &config, const optional_string &bundle = {})
	{
		return read(ct_spec_from_oci_text, "ct_spec_from_oci_text", config.data(), config.size(),
			detail::text(bundle));
	}
	/** What stands at /process of one, for join(). */
	static spec from_oci_process(const std::string &process)
	{
		return read(ct_spec_from_oci_process, "ct_spec_from_oci_process", process.data(),
			process.size());
	}

	/** The same, written down as the text of a config.json. */
	std::string to_oci() const
	{
		detail::report err;
		char *text = nullptr;

		err.check(ct_spec_to_oci(get(), &text, err), "ct_spec_to_oci");
		return std::unique_ptr<char, void (*)(char *)>(text, ct_oci_text_free).get();
	}

	/** Throw the first mistake that a setter has met. */
	void check() const
	{
		detail::report err;

		err.check(ct_spec_check(get(), err), "ct_spec_check");
	}

	/* A setter of one value, or of several, which C takes as they are. */
#define CT_SETTER_(name, parameters, ...)                         \
	spec &name parameters                                     \
	{                                                         \
		return done(ct_spec_##name(get(), __VA_ARGS__)); \
	}
	CT_SETTER_(set_program, (const optional_string &program), detail::text(program))
	CT_SETTER_(set_cwd, (const std::string &cwd), detail::text(cwd))
	CT_SETTER_(set_umask, (mode_t mask), mask)
	CT_SETTER_(set_rootfs, (const ct::rootfs &root), root.get())
	CT_SETTER_(set_root_mode, (ct_root_mode mode), mode)
	CT_SETTER_(set_ephemeral_size, (std::uint64_t bytes), bytes)
	CT_SETTER_(set_user, (uid_t uid, gid_t gid), uid, gid)
	CT_SETTER_(set_groups, (const std::vector<gid_t> &groups), groups.data(), groups.size())
	CT_SETTER_(set_ns_new, (std::uint32_t kinds), kinds)
	CT_SETTER_(set_ns_host, (std::uint32_t kinds), kinds)
	CT_SETTER_(set_ns_fd, (std::uint32_t kind, int fd), kind, fd)
	CT_SETTER_(set_ns_path, (std::uint32_t kind, const std::string &path), kind, detail::text(path))
	CT_SETTER_(set_ns_pid, (std::uint32_t kinds, pid_t pid), kinds, pid)
	CT_SETTER_(set_idmap, (ct_idmap kind, std::uint32_t count = 0), kind, count)
	CT_SETTER_(add_uid_map, (const ct_id_range &ids), ids.inside, ids.outside, ids.count)
	CT_SETTER_(add_gid_map, (const ct_id_range &ids), ids.inside, ids.outside, ids.count)
	CT_SETTER_(set_time_offsets,
		(std::chrono::nanoseconds monotonic, std::chrono::nanoseconds boottime),
		monotonic.count(), boottime.count())
	CT_SETTER_(set_hostname, (const std::string &name), detail::text(name))
	CT_SETTER_(set_domainname, (const std::string &name), detail::text(name))
	CT_SETTER_(set_sysctl, (const std::string &key, const std::string &value), detail::text(key),
		detail::text(value))
	CT_SETTER_(set_loopback, (bool on), on)
	CT_SETTER_(set_init, (bool on = true), on)
	CT_SETTER_(set_terminal, (unsigned int rows, unsigned int columns), rows, columns)
	CT_SETTER_(set_proc, (std::uint32_t flags), flags)
	CT_SETTER_(add_bind,
		(const std::string &source, const std::string &target, std::uint32_t flags = 0),
		detail::text(source), detail::text(target), flags)
	CT_SETTER_(add_bind_fd, (int fd, const std::string &target, std::uint32_t flags = 0), fd,
		detail::text(target), flags)
	CT_SETTER_(add_tmpfs,
		(const std::string &target, std::uint64_t bytes = 0, mode_t mode = 01777,
			std::uint32_t flags = 0),
		detail::text(target), bytes, mode, flags)
	CT_SETTER_(add_filesystem,
		(const std::string &type, const std::string &target, const optional_string &options = {},
			std::uint32_t flags = 0),
		detail::text(type), detail::text(target), detail::text(options), flags)
	CT_SETTER_(add_overlay,
		(const strings &lowers, const optional_string &upper, const optional_string &work,
			const std::string &target, std::uint32_t flags = 0),
		detail::array(lowers).data(), detail::text(upper), detail::text(work),
		detail::text(target), flags)
	CT_SETTER_(add_file, (const std::string &data, const std::string &target, mode_t mode = 0644),
		data.data(), data.size(), detail::text(target), mode)
	CT_SETTER_(add_file_fd, (int fd, const std::string &target, mode_t mode = 0644), fd,
		detail::text(target), mode)
	CT_SETTER_(add_masked_path, (const std::string &path), detail::text(path))
	CT_SETTER_(add_readonly_path, (const std::string &path), detail::text(path))
	CT_SETTER_(set_rlimit, (int resource, std::uint64_t soft, std::uint64_t hard), resource, soft,
		hard)
	CT_SETTER_(set_oom_score_adj, (int value), value)
	CT_SETTER_(set_exact_rss, (bool on), on)
	CT_SETTER_(set_limit, (ct_limit limit, std::uint64_t value), limit, value)
	/** Of one disk (makedev()), or of huge pages of one size. */
	CT_SETTER_(set_limit_of, (ct_limit limit, std::uint64_t of, std::uint64_t value), limit, of,
		value)
	CT_SETTER_(set_cpus, (const optional_string &cpus), detail::text(cpus))
	CT_SETTER_(set_mems, (const optional_string &mems), detail::text(mems))
	CT_SETTER_(set_cgroup, (bool on = true), on)
	CT_SETTER_(set_cgroup_key, (const std::string &key, const std::string &value),
		detail::text(key), detail::text(value))
	CT_SETTER_(set_cgroup_parent, (const optional_string &parent), detail::text(parent))
	/** The address of a bus, "" for the caller's; none: no scope of systemd's. */
	CT_SETTER_(set_cgroup_systemd, (const optional_string &bus), detail::text(bus))
	CT_SETTER_(set_devices, (const std::vector<ct_device> &devices), devices.data(), devices.size())
	CT_SETTER_(set_time_limit, (ct_time what, std::optional<milliseconds> most), what,
		detail::limit(most))
	CT_SETTER_(set_stdio, (int stream, ct_stdio what, int fd = -1), stream, what, fd)
	CT_SETTER_(map_fd, (int fd, int target), fd, target)
	CT_SETTER_(add_cap, (const std::string &name), detail::text(name))
	CT_SETTER_(drop_cap, (const std::string &name), detail::text(name))
	CT_SETTER_(add_ambient_cap, (const std::string &name), detail::text(name))
	CT_SETTER_(set_no_new_privs, (bool on), on)
	CT_SETTER_(set_seccomp, (ct_seccomp base, std::uint32_t flags = 0), base, flags)
	CT_SETTER_(add_seccomp_rule,
		(const std::string &call, ct_seccomp_action action, int code = 0,
			const std::vector<ct_seccomp_arg> &args = {}),
		detail::text(call), action, code, args.data(), args.size())
	CT_SETTER_(set_seccomp_bpf, (const void *program, std::size_t bytes), program, bytes)
	CT_SETTER_(set_core_dumps, (bool on), on)
	CT_SETTER_(set_apparmor, (const optional_string &profile), detail::text(profile))
	CT_SETTER_(set_selinux, (const optional_string &context), detail::text(context))
	CT_SETTER_(set_landlock, (std::uint32_t what), what)
	CT_SETTER_(add_landlock_path,
		(const std::string &path, std::uint64_t access, std::uint32_t flags = 0),
		detail::text(path), access, flags)
	CT_SETTER_(add_landlock_port, (std::uint32_t port, std::uint32_t access), port, access)
	CT_SETTER_(set_seccomp_json, (const std::string &profile), profile.data(), profile.size())
	CT_SETTER_(allow_lack, (std::uint64_t items), items)
	CT_SETTER_(set_argv, (const strings &argv), detail::array(argv).data())
	CT_SETTER_(set_env, (const strings &env), detail::array(env).data())
#undef CT_SETTER_
	spec &clear_paths()
	{
		return done(ct_spec_clear_paths(get()));
	}
	spec &set_trace(trace told)
	{
		auto kept = told ? std::make_shared<trace>(std::move(told)) : nullptr;

		done(ct_spec_set_trace(get(), kept ? &on_trace : nullptr, kept.get()));
		trace_ = std::move(kept);
		return *this;
	}

	/**
	 * Have a function called when the root is ready and the host's is still in its place, with the handle
	 * of C, borrowed: see ct_spec_set_prepare(). One that throws refuses the start with ECANCELED.
	 */
	spec &set_prepare(preparation prepare)
	{
		auto kept = prepare ? std::make_shared<preparation>(std::move(prepare)) : nullptr;

		done(ct_spec_set_prepare(get(), kept ? &on_prepare : nullptr, kept.get()));
		prepare_ = std::move(kept);
		return *this;
	}

	/* What containers that are not started yet still call. */
	const std::shared_ptr<trace> &kept_trace() const noexcept
	{
		return trace_;
	}

private:
	template <typename Call, typename... Arguments>
	static spec read(Call call, const char *name, Arguments... arguments)
	{
		detail::report err;
		ct_spec *found = nullptr;
		spec made;

		err.check(call(arguments..., &found, err), name);
		made.pointer_.reset(found);
		return made;
	}
	static void on_trace(const ct_trace_event *event, void *data) noexcept
	{
		(*static_cast<trace *>(data))(*event);
	}
	spec &done(int result)
	{
		detail::report err;
		int first = result < 0 ? ct_spec_check(get(), err) : 0;

		/* The second mistake of a spec: C tells of the first. */
		if (first != result)
			throw error(result, "setter");
		err.check(result, "setter");
		return *this;
	}

	static int on_prepare(void *data, ct_container *box, ct_error *) noexcept
	{
		try {
			(*static_cast<preparation *>(data))(box);
		} catch (...) {
			return -ECANCELED;
		}
		return 0;
	}

	std::shared_ptr<trace> trace_;
	std::shared_ptr<preparation> prepare_;
};

} // namespace ct

#endif
