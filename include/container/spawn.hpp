/* SPDX-License-Identifier: MIT */
/* For C++: starting containers, joining them, keeping hold of them. See container.hpp. */
#ifndef CONTAINER_SPAWN_HPP
#define CONTAINER_SPAWN_HPP

#include <csignal>
#include <fcntl.h>
#include <functional>
#include <memory>
#include <string_view>

#include <container/capture.h>
#include <container/cgroup.h>
#include <container/error.hpp>
#include <container/events.h>
#include <container/inside.h>
#include <container/join.h>
#include <container/notify.h>
#include <container/oci.h>
#include <container/pool.h>
#include <container/protection.h>
#include <container/spawn.h>
#include <container/spec.hpp>
#include <container/state.h>
#include <container/time.h>

namespace ct {

/** How a container ended, in words. */
inline std::string to_text(const ct_exit &how)
{
	char room[256];

	detail::check(ct_exit_to_text(&how, room, sizeof(room)), "ct_exit_to_text");
	return room;
}

class ns_list;

/** A ct_output that frees what it has kept. Input, limits and flags are set in fields(). */
class output {
public:
	output() noexcept = default;
	output(const output &) = delete;
	output &operator=(const output &) = delete;
	~output()
	{
		ct_output_done(&kept_);
	}
	ct_output &fields() noexcept
	{
		return kept_;
	}
	/* What was kept of stdout and of stderr. */
	std::string_view out() const noexcept
	{
		return {kept_.out ? kept_.out : "", kept_.out_size};
	}
	std::string_view err() const noexcept
	{
		return {kept_.err ? kept_.err : "", kept_.err_size};
	}

private:
	ct_output kept_ = CT_OUTPUT_INIT;
};

/** A container, created or running or ended. One that still runs is killed with its object. */
class container : public detail::handle<ct_container, ct_container_free> {
public:
	container() noexcept = default;
	/* trace: what explain mode still calls; see spec::set_trace(). */
	explicit container(ct_container *box, std::shared_ptr<spec::trace> trace = {}) noexcept
		: handle(box), trace_(std::move(trace))
	{
	}

	void start()
	{
		detail::report err;

		err.check(ct_start(get(), err), "ct_start");
	}

	/** Wait for the end; throws an error of ETIMEDOUT if it runs still. */
	ct_exit wait(milliseconds timeout = forever)
	{
		detail::report err;
		ct_exit how = CT_EXIT_INIT;

		err.check(ct_wait(get(), detail::ms(timeout), &how, err), "ct_wait");
		return how;
	}

	/** The same without an exception for one that runs still. */
	std::optional<ct_exit> wait_for(milliseconds timeout)
	{
		detail::report err;
		ct_exit how = CT_EXIT_INIT;
		int result = ct_wait(get(), detail::ms(timeout), &how, err);

		if (result == -ETIMEDOUT)
			return {};
		err.check(result, "ct_wait");
		return how;
	}
	std::optional<ct_exit> poll()
	{
		return wait_for(milliseconds(0));
	}

	/** Feed it, keep its output, wait; none if it runs still, and can be called again to go on. */
	std::optional<ct_exit> capture(output &kept, milliseconds timeout = forever)
	{
		detail::report err;
		ct_exit how = CT_EXIT_INIT;
		int result = ct_capture(get(), &kept.fields(), detail::ms(timeout), &how, err);

		if (result == -ETIMEDOUT)
			return {};
		err.check(result, "ct_capture");
		return how;
	}

	void kill(int signal = SIGKILL)
	{
		detail::report err;

		err.check(ct_kill(get(), signal, err), "ct_kill");
	}
	ct_exit stop(milliseconds grace, int signal = SIGTERM)
	{
		detail::report err;
		ct_exit how = CT_EXIT_INIT;

		err.check(ct_stop(get(), signal, detail::ms(grace), &how, err), "ct_stop");
		return how;
	}
	void detach()
	{
		detail::report err;

		err.check(ct_detach(get(), err), "ct_detach");
	}
	/** Write down, in a file of that open directory, what it takes to load() it again. */
	void save(int directory, const std::string &name)
	{
		detail::report err;

		err.check(ct_container_save(get(), directory, detail::text(name), err),
			"ct_container_save");
	}
	static container load(int directory, const std::string &name)
	{
		detail::report err;
		ct_container *box = nullptr;

		err.check(ct_container_load(directory, detail::text(name), &box, err),
			"ct_container_load");
		return container(box);
	}
	void freeze(milliseconds timeout = forever)
	{
		detail::report err;

		err.check(ct_container_freeze(get(), detail::ms(timeout), err), "ct_container_freeze");
	}
	void thaw()
	{
		detail::report err;

		err.check(ct_container_thaw(get(), err), "ct_container_thaw");
	}

	void set_limit(ct_limit limit, std::uint64_t value)
	{
		detail::report err;

		err.check(ct_container_set_limit(get(), limit, value, err), "ct_container_set_limit");
	}
	/** Of one disk (makedev()), or of huge pages of one size. */
	void set_limit_of(ct_limit limit, std::uint64_t of, std::uint64_t value)
	{
		detail::report err;

		err.check(ct_container_set_limit_of(get(), limit, of, value, err),
			"ct_container_set_limit_of");
	}
	/** As /linux/resources of a configuration has them: JSON. */
	void set_oci_resources(const std::string &resources)
	{
		detail::report err;

		err.check(ct_container_set_oci_resources(get(), resources.data(), resources.size(), err),
			"ct_container_set_oci_resources");
	}
	/** From the start of the payload on; none: no limit. */
	void set_time_limit(ct_time what, std::optional<milliseconds> most)
	{
		detail::report err;

		err.check(ct_container_set_time_limit(get(), what, detail::limit(most), err),
			"ct_container_set_time_limit");
	}
	std::vector<ct_io> io()
	{
		detail::report err;
		int count = err.check(ct_container_io(get(), nullptr, 0, err), "ct_container_io");
		std::vector<ct_io> disks(static_cast<std::size_t>(count));

		/* A disk that has come meanwhile is left out; none goes. */
		err.check(ct_container_io(get(), disks.data(), disks.size(), err), "ct_container_io");
		return disks;
	}
	ct_figures figures()
	{
		detail::report err;
		ct_figures made = CT_FIGURES_INIT;

		err.check(ct_container_figures(get(), &made, err), "ct_container_figures");
		return made;
	}
	ct_protection protection(ct_item item) const
	{
		ct_protection made = CT_PROTECTION_INIT;

		detail::check(ct_container_protection(get(), item, &made), "ct_container_protection");
		return made;
	}

	pid_t pid() const
	{
		return detail::check(ct_container_pid(get()), "ct_container_pid");
	}
	/** Readable when it has ended; closed with the object. */
	int pidfd() const
	{
		return detail::check(ct_container_pidfd(get()), "ct_container_pidfd");
	}
	/** The host's end of a pipe of CT_STDIO_PIPE: the caller's, to close. */
	int take_stdio(int stream)
	{
		return detail::check(ct_container_take_stdio(get(), stream), "ct_container_take_stdio");
	}
	/** The master of its terminal: the caller's, to close. */
	int take_terminal()
	{
		return detail::check(ct_container_take_terminal(get()), "ct_container_take_terminal");
	}
	/** Where its calls are told that wait for an answer: the caller's, to close. */
	int take_notify()
	{
		return detail::check(ct_container_take_notify(get()), "ct_container_take_notify");
	}

	/** A file or directory in there: the caller's, to close. */
	int open_file(const std::string &path, int flags = O_RDONLY, mode_t mode = 0644)
	{
		detail::report err;

		return err.check(ct_container_open_file(get(), detail::text(path), flags, mode, err),
			"ct_container_open_file");
	}
	void mount(int fd, const std::string &target, std::uint32_t flags = 0)
	{
		detail::report err;

		err.check(ct_container_mount(get(), fd, detail::text(target), flags, err),
			"ct_container_mount");
	}
	void unmount(const std::string &target)
	{
		detail::report err;

		err.check(ct_container_unmount(get(), detail::text(target), err),
			"ct_container_unmount");
	}
	/** For showing: they may have ended meanwhile. */
	std::vector<pid_t> processes()
	{
		std::vector<pid_t> pids(64);

		for (;;) {
			detail::report err;
			std::size_t count = static_cast<std::size_t>(err.check(
				ct_container_processes(get(), pids.data(), pids.size(), err),
				"ct_container_processes"));
			bool all = count <= pids.size();

			pids.resize(all ? count : 2 * count);
			if (all)
				return pids;
		}
	}

	std::optional<std::string> cgroup() const
	{
		const char *path = ct_container_cgroup(get());

		return path ? std::optional<std::string>(path) : std::nullopt;
	}
	std::vector<ct_id_range> uid_map() const
	{
		return map(ct_container_uid_map, "ct_container_uid_map");
	}
	std::vector<ct_id_range> gid_map() const
	{
		return map(ct_container_gid_map, "ct_container_gid_map");
	}
	int landlock_abi() const
	{
		return detail::check(ct_container_landlock_abi(get()), "ct_container_landlock_abi");
	}
	inline ns_list namespaces(std::uint32_t kinds = 0, std::uint32_t flags = 0) const;

private:
	template <typename Call> std::vector<ct_id_range> map(Call call, const char *name) const
	{
		std::vector<ct_id_range> made(
			static_cast<std::size_t>(detail::check(call(get(), nullptr, 0), name)));

		detail::check(call(get(), made.data(), made.size()), name);
		return made;
	}

	std::shared_ptr<spec::trace> trace_;
};

namespace detail {

/* Calls C with the spec, a place for the container and one for the error behind the rest. */
template <typename Call, typename... Rest>
container started(Call call, const char *name, const spec &what, Rest... rest)
{
	report err;
	ct_container *box = nullptr;

	err.check(call(rest..., what.get(), &box, err), name);
	return container(box, what.kept_trace());
}

} // namespace detail

/** Start a container. */
inline container spawn(const spec &what)
{
	return detail::started(ct_spawn, "ct_spawn", what);
}

/** Make one whose payload waits for start(). */
inline container create(const spec &what)
{
	return detail::started(ct_create, "ct_create", what);
}

/** Run one more process inside a running container. */
inline container join(
	const container &target, const spec &what, std::uint32_t kinds = 0, std::uint32_t flags = 0)
{
	return detail::started(ct_join, "ct_join", what, target.get(), kinds, flags);
}
inline container join_pidfd(
	int pidfd, const spec &what, std::uint32_t kinds = 0, std::uint32_t flags = 0)
{
	return detail::started(ct_join_pidfd, "ct_join_pidfd", what, pidfd, kinds, flags);
}
inline container join_pid(pid_t pid, std::uint64_t start_ticks, const spec &what,
	std::uint32_t kinds = 0, std::uint32_t flags = 0)
{
	return detail::started(ct_join_pid, "ct_join_pid", what, pid, start_ticks, kinds, flags);
}
inline container join_ns(const std::vector<int> &ns_fds, const spec &what)
{
	return detail::started(ct_join_ns, "ct_join_ns", what, ns_fds.data(), ns_fds.size());
}
inline std::uint64_t start_ticks(pid_t pid)
{
	std::uint64_t ticks = 0;

	detail::check(ct_pid_start_ticks(pid, &ticks), "ct_pid_start_ticks");
	return ticks;
}

/** Remove what container::save() has written of one that has ended, and its cgroup. */
inline void remove_state(int directory, const std::string &name)
{
	detail::report err;

	err.check(ct_state_remove(directory, detail::text(name), err), "ct_state_remove");
}

/** Change the size of a container's terminal; its foreground gets SIGWINCH. */
inline void resize_terminal(int terminal, unsigned int rows, unsigned int columns)
{
	detail::report err;

	err.check(ct_terminal_resize(terminal, rows, columns, err), "ct_terminal_resize");
}

/** Calls of a container that wait for an answer; the descriptors stay the caller's. */
class notifications {
public:
	/** pidfd: of the container, which tells its end where the kernel is older than 6.11; -1: none. */
	explicit notifications(int fd, int pidfd = -1) : fd_(fd), pidfd_(pidfd) {}

	/** The next one; nothing in that time: none. Throws, with ENOTCONN, when nobody is left. */
	std::optional<ct_notification> receive(milliseconds timeout = forever) const
	{
		ct_notification call = CT_NOTIFICATION_INIT;
		detail::report err;
		int ret = ct_notify_receive(fd_, pidfd_, detail::ms(timeout), &call, err);

		if (ret == -ETIMEDOUT)
			return {};
		err.check(ret, "ct_notify_receive");
		return call;
	}
	/** Memory of the program, which may have less of it there. */
	std::string read(const ct_notification &call, std::uint64_t address, std::size_t bytes) const
	{
		std::string copy(bytes, '\0');
		detail::report err;

		copy.resize(static_cast<std::size_t>(err.check(
			ct_notify_read(fd_, &call, address, copy.data(), bytes, err), "ct_notify_read")));
		return copy;
	}
	void answer(const ct_notification &call, int error, std::int64_t value = 0) const
	{
		detail::report err;

		err.check(ct_notify_answer(fd_, &call, error, value, err), "ct_notify_answer");
	}
	void go_on(const ct_notification &call) const
	{
		detail::report err;

		err.check(ct_notify_continue(fd_, &call, err), "ct_notify_continue");
	}
	/** The number that a copy of the descriptor has in the program. */
	int add_fd(const ct_notification &call, int source) const
	{
		detail::report err;

		return err.check(ct_notify_add_fd(fd_, &call, source, err), "ct_notify_add_fd");
	}

private:
	int fd_, pidfd_;
};

/** The caller's own terminal in raw mode, as long as the object lives; fd stays the caller's. */
class raw_terminal {
public:
	explicit raw_terminal(int fd) : fd_(fd)
	{
		detail::report err;

		err.check(ct_terminal_raw(fd, &saved_, err), "ct_terminal_raw");
	}
	raw_terminal(const raw_terminal &) = delete;
	raw_terminal &operator=(const raw_terminal &) = delete;
	~raw_terminal()
	{
		(void)ct_terminal_restore(fd_, &saved_, nullptr);
	}

private:
	int fd_;
	struct termios saved_;
};

/** What many containers use, in one call; of one without a cgroup all is CT_NOT_KNOWN. */
inline std::vector<ct_figures> figures_of(const std::vector<const container *> &boxes)
{
	detail::report err;
	std::vector<ct_container *> pointers;
	std::vector<ct_figures> made(boxes.size(), CT_FIGURES_INIT);

	for (const container *box : boxes)
		pointers.push_back(box ? box->get() : nullptr);
	if (!boxes.empty())
		err.check(ct_container_figures_many(pointers.data(), boxes.size(), made.data(), err),
			"ct_container_figures_many");
	return made;
}

/** What a sandbox of a pool is to run; what is not said is as in the spec. */
class payload {
public:
	payload() = default;
	explicit payload(std::vector<std::string> argv) : argv_(std::move(argv)) {}

	payload &set_program(std::string program)
	{
		program_ = std::move(program);
		return *this;
	}
	payload &set_env(std::vector<std::string> env)
	{
		env_ = std::move(env);
		has_env_ = true;
		return *this;
	}
	/** A descriptor, which stays the caller's. */
	payload &set_stdio(int stream, int fd)
	{
		if (stream < 0 || stream > 2)
			detail::check(-EINVAL, "ct_payload");
		stdio_[stream] = fd;
		return *this;
	}
	payload &map_fd(int fd, int target)
	{
		fds_.push_back({fd, target});
		return *this;
	}
	payload &set_limit(ct_limit limit, std::uint64_t value)
	{
		limits_.push_back({static_cast<std::uint32_t>(limit), 0, value});
		return *this;
	}
	/** none: no limit. */
	payload &set_time_limit(ct_time what, std::optional<milliseconds> most)
	{
		(what == CT_TIME_CPU ? cpu_ms_ : wall_ms_) = detail::limit(most);
		return *this;
	}

private:
	friend class pool;

	/* Calls take() with all of it as C has it. */
	template <typename Take> void with(Take take) const
	{
		ct_payload made = CT_PAYLOAD_INIT;
		const std::vector<const char *> argv = detail::array(argv_), env = detail::array(env_);

		for (int stream = 0; stream < 3; stream++)
			made.stdio[stream] = stdio_[stream];
		made.program = detail::text(program_);
		made.argv = argv_.empty() ? nullptr : argv.data();
		made.envp = has_env_ ? env.data() : nullptr;
		made.fds = fds_.data();
		made.fd_count = fds_.size();
		made.limits = limits_.data();
		made.limit_count = limits_.size();
		made.wall_ms = wall_ms_;
		made.cpu_ms = cpu_ms_;
		take(made);
	}

	std::optional<std::string> program_;
	std::vector<std::string> argv_, env_;
	bool has_env_ = false;
	std::int32_t stdio_[3] = {-1, -1, -1};
	std::vector<ct_payload_fd> fds_;
	std::vector<ct_payload_limit> limits_;
	std::uint64_t wall_ms_ = 0, cpu_ms_ = 0;
};

/** Sandboxes made ahead of their payloads. */
class pool : public detail::handle<ct_pool, ct_pool_free> {
public:
	/** Later changes of the spec are none of the pool's. */
	pool(const spec &what, std::size_t size)
	{
		detail::report err;
		ct_pool *made = nullptr;

		err.check(ct_pool_new(what.get(), size, &made, err), "ct_pool_new");
		pointer_.reset(made);
	}
	/** Start a container in one of them. */
	container take(const payload &what = payload()) const
	{
		detail::report err;
		ct_container *box = nullptr;

		what.with([&](const ct_payload &made) {
			err.check(ct_pool_take(get(), &made, &box, err), "ct_pool_take");
		});
		return container(box);
	}
	/** Make what is missing, or so many of it; how many were made. */
	std::size_t refill(std::size_t most = 0) const
	{
		detail::report err;

		return static_cast<std::size_t>(
			err.check(ct_pool_refill(get(), most, err), "ct_pool_refill"));
	}
	std::size_t ready() const
	{
		return static_cast<std::size_t>(detail::check(ct_pool_ready(get()), "ct_pool_ready"));
	}
	/** Readable while some are missing; closed with the pool. */
	int fd() const
	{
		return detail::check(ct_pool_fd(get()), "ct_pool_fd");
	}
};

/** A set of containers whose events are waited for. */
class events : public detail::handle<ct_events, ct_events_free> {
public:
	events()
	{
		detail::report err;
		ct_events *made = nullptr;

		err.check(ct_events_new(&made, err), "ct_events_new");
		pointer_.reset(made);
	}
	/** Readable while there may be events; closed with the set. */
	int fd() const
	{
		return detail::check(ct_events_fd(get()), "ct_events_fd");
	}
	/** data is handed back with each event of the container. */
	void add(const container &box, void *data = nullptr)
	{
		detail::report err;

		err.check(ct_events_add(get(), box.get(), data, err), "ct_events_add");
	}
	void remove(const container &box)
	{
		detail::check(ct_events_remove(get(), box.get()), "ct_events_remove");
	}
	/** None if there was none in time. */
	std::optional<ct_event> next(milliseconds timeout = forever)
	{
		detail::report err;
		ct_event told = CT_EVENT_INIT;
		int result = err.check(
			ct_events_next(get(), detail::ms(timeout), &told, err), "ct_events_next");

		return result ? std::optional<ct_event>(told) : std::nullopt;
	}
};

} // namespace ct

#endif
