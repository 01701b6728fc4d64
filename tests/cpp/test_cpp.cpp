/* SPDX-License-Identifier: MIT */
/* The classes of container.hpp: who owns what, what is thrown, and that they do what C does. */
#include <container/container.hpp>

#include <atomic>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <thread>
#include <type_traits>

/* Last, and as C: it has short names. */
extern "C" {
#include "support/box.h"
#include "support/image.h"
}

static_assert(!std::is_copy_constructible_v<ct::container> && !std::is_copy_assignable_v<ct::spec>);
static_assert(std::is_nothrow_move_constructible_v<ct::container> &&
	      std::is_nothrow_move_assignable_v<ct::container> &&
	      std::is_nothrow_move_constructible_v<ct::rootfs> &&
	      std::is_nothrow_move_constructible_v<ct::spec> &&
	      std::is_nothrow_move_constructible_v<ct::events>);
static_assert(std::is_base_of_v<std::system_error, ct::error>);

static void same(const std::string &got, const char *want)
{
	ck_assert_str_eq(got.c_str(), want);
}

static ct::spec spec_in_root(const std::vector<std::string> &argv)
{
	ct::spec made;

	made.set_rootfs(ct::rootfs(box.root)).set_argv(argv);
	made.set_stdio(0, CT_STDIO_NULL).set_stdio(1, CT_STDIO_PIPE).set_stdio(2, CT_STDIO_NULL);
	return made;
}

static ct::spec shell(const std::string &script)
{
	return spec_in_root({"/bin/sh", "-c", script});
}

/* What comes out of its stdout up to the end. */
static std::string output(ct::container &of)
{
	int fd = of.take_stdio(1);
	char part[4096];
	std::string all;

	for (ssize_t got; (got = read(fd, part, sizeof(part))) > 0;)
		all.append(part, static_cast<std::size_t>(got));
	close(fd);
	return all;
}

static std::string output(const ct::spec &of)
{
	ct::container made = ct::spawn(of);
	std::string all = output(made);

	ck_assert_int_eq(made.wait().code, 0);
	return all;
}

/* The error that a call throws; fails the test if it throws none. */
template <typename Call> static ct::error thrown_by(Call call)
{
	try {
		call();
	} catch (const ct::error &failed) {
		return failed;
	}
	ck_abort_msg("nothing was thrown");
}

static bool runs(pid_t pid)
{
	return ::kill(pid, 0) == 0;
}

/* -------------------------------------------------------------------- owners */

START_TEST(object_that_goes_kills_its_container)
{
	pid_t pid;
	{
		ct::container made = ct::spawn(shell("exec sleep 1000"));

		pid = made.pid();
		ck_assert(runs(pid));
	}
	ck_assert(!runs(pid));
}
END_TEST

START_TEST(exception_on_the_way_kills_the_container)
{
	pid_t pid = 0;

	try {
		ct::container made = ct::spawn(shell("exec sleep 1000"));

		pid = made.pid();
		throw std::runtime_error("on the way");
	} catch (const std::runtime_error &) {
	}
	ck_assert(pid > 0 && !runs(pid));
}
END_TEST

START_TEST(moved_handle_has_one_owner)
{
	ct::container first = ct::spawn(shell("exec sleep 1000"));
	pid_t pid = first.pid();
	ct::container second = std::move(first);

	ck_assert(!first && second && second.pid() == pid && runs(pid));
	second = ct::container();
	ck_assert(!runs(pid));
}
END_TEST

START_TEST(moved_from_handle_is_refused_by_every_call)
{
	ct::container empty;
	ct::spec from = shell("true");
	ct::spec to = std::move(from);

	ck_assert_int_eq(thrown_by([&] { empty.wait(); }).code().value(), EINVAL);
	ck_assert_int_eq(thrown_by([&] { empty.pid(); }).code().value(), EINVAL);
	ck_assert_int_eq(thrown_by([&] { from.set_umask(0); }).code().value(), EINVAL);
	ck_assert_int_eq(thrown_by([&] { ct::spawn(from); }).code().value(), EINVAL);
	ck_assert_int_eq(thrown_by([&] { ct::join(empty, to); }).code().value(), EINVAL);
	to.check();
}
END_TEST

START_TEST(released_handle_is_the_callers)
{
	ct::container made = ct::spawn(shell("exec sleep 1000"));
	ct_container *raw = made.release();
	pid_t pid = ct_container_pid(raw);

	made = ct::container();
	ck_assert(runs(pid));
	ct_container_free(raw);
	ck_assert(!runs(pid));
}
END_TEST

START_TEST(spec_and_rootfs_may_go_before_the_container)
{
	ct::container made;
	{
		made = ct::spawn(shell("echo still here"));
	}
	same(output(made), "still here\n");
}
END_TEST

/* ------------------------------------------------------------------ failures */

START_TEST(failure_is_thrown_with_step_object_call_errno_and_cure)
{
	ct::spec spec = spec_in_root({"no-such-program"});
	ct::error failed = thrown_by([&] { ct::spawn(spec); });

	ck_assert(failed.code() == std::errc::no_such_file_or_directory);
	ck_assert_int_eq(failed.step(), CT_STEP_PROGRAM);
	ck_assert_str_eq(failed.object(), "no-such-program");
	ck_assert_str_eq(failed.call(), "execve");
	ck_assert_ptr_nonnull(strstr(failed.what(), "no-such-program"));
	ck_assert_ptr_nonnull(strstr(failed.cure(), "PATH"));
}
END_TEST

START_TEST(mistake_of_a_setter_is_thrown_at_once_and_by_the_spawn)
{
	ct::spec spec = shell("true");
	const char *words = "not absolute";

	ck_assert_ptr_nonnull(strstr(thrown_by([&] { spec.set_cwd("relative"); }).what(), words));
	ck_assert_int_eq(thrown_by([&] { spec.map_fd(-1, 7); }).code().value(), EBADF);
	ck_assert_ptr_nonnull(strstr(thrown_by([&] { spec.check(); }).what(), words));
	ck_assert_ptr_nonnull(strstr(thrown_by([&] { ct::spawn(spec); }).what(), words));
}
END_TEST

START_TEST(nul_in_a_string_is_refused_instead_of_cut)
{
	ct::spec spec = shell("true");
	const std::string bad("/t\0mp", 5);
	int refused = 0;
	const std::function<void()> calls[] = {[&] { spec.set_cwd(bad); },
		[&] { spec.set_argv({"true", bad}); }, [&] { spec.set_cpus(bad); },
		[&] { spec.add_bind("/", bad); }, [&] { ct::rootfs{bad}; }};

	for (const auto &call : calls) {
		try {
			call();
		} catch (const std::invalid_argument &) {
			refused++;
		}
	}
	ck_assert_int_eq(refused, 5);
	spec.check();
}
END_TEST

/* ---------------------------------------------------------------- containers */

START_TEST(settings_reach_the_payload)
{
	ct::spec spec = shell("hostname; pwd; id -u; echo $A; cat /etc/note");

	spec.set_hostname("inside").set_cwd("/tmp").set_user(7, 8).set_env({"A=x"});
	spec.add_file("a note\n", "/etc/note").set_program(std::nullopt);
	same(output(spec), "inside\n/tmp\n7\nx\na note\n");
}
END_TEST

START_TEST(spec_is_made_of_an_oci_configuration)
{
	std::string process = R"({"cwd": "/tmp", "args": ["/bin/sh", "-c", "pwd; hostname"]})";
	std::string config = R"({"ociVersion": "1.2.0", "hostname": "bundled", "root": {"path": "root"}, "process": )" +
			     process + R"(, "linux": {"namespaces": [{"type": "mount"}, {"type": "uts"}, {"type": "pid"}]}})";

	if (!HAVE_JSON) {
		ck_assert(thrown_by([&] { ct::spec::from_oci_text(config); }).code() == std::errc::operation_not_supported);
		return;
	}
	write_file(in_dir("config.json"), config.c_str(), 0644);
	same(output(ct::spec::from_oci(box.dir).set_stdio(1, CT_STDIO_PIPE)), "/tmp\nbundled\n");
	same(output(ct::spec::from_oci_file(in_dir("config.json")).set_stdio(1, CT_STDIO_PIPE)), "/tmp\nbundled\n");
	same(output(ct::spec::from_oci_text(config, box.dir).set_stdio(1, CT_STDIO_PIPE)), "/tmp\nbundled\n");
	ct::spec::from_oci_process(process).check();
	std::string written = ct::spec::from_oci(box.dir).to_oci();
	same(ct::spec::from_oci_text(written).to_oci(), written.c_str());
	ck_assert(thrown_by([] { shell("true").to_oci(); }).code() == std::errc::operation_not_supported);
	ct::spec quiet = ct::spec::from_oci_text(config, box.dir);
	quiet.set_stdio(1, CT_STDIO_NULL);
	ct::container made = ct::spawn(quiet);
	ck_assert(thrown_by([&] { made.set_oci_resources(R"({"pids": {"limit": 7}})"); }).code() ==
		  std::errc::no_such_file_or_directory); /* it has no cgroup */
	ct::error why = thrown_by([] { ct::spec::from_oci_text(R"({"ociVersion": 1})"); });
	ck_assert(why.code() == std::errc::invalid_argument);
	ck_assert_ptr_nonnull(strstr(why.what(), "/ociVersion"));
}
END_TEST

START_TEST(created_container_waits_for_its_start)
{
	ct::container made = ct::create(shell("echo started"));

	ck_assert(!made.poll());
	made.start();
	same(output(made), "started\n");
	ck_assert_int_eq(thrown_by([&] { made.start(); }).code().value(), EINVAL);
}
END_TEST

START_TEST(wait_that_is_over_throws_or_gives_nothing)
{
	ct::container made = ct::spawn(shell("exec sleep 1000"));

	ck_assert(thrown_by([&] { made.wait(ct::milliseconds(1)); }).code() == std::errc::timed_out);
	ck_assert(!made.wait_for(ct::milliseconds(1)));
	ck_assert_int_eq(made.stop(ct::milliseconds(0)).signal, SIGKILL);
	same(ct::to_text(*made.poll()).substr(0, 19), "killed by signal 9 ");
	ck_assert(thrown_by([&] { made.kill(); }).code() == std::errc::no_such_process);
}
END_TEST

START_TEST(join_puts_a_process_beside_the_others)
{
	ct::container made = ct::spawn(shell("exec sleep 1000").set_hostname("joined"));
	ct::spec visitor;

	visitor.set_argv({"/bin/hostname"}).set_stdio(1, CT_STDIO_PIPE);
	ct::container joined = ct::join(made, visitor);
	same(output(joined), "joined\n");
	ck_assert_uint_gt(ct::start_ticks(made.pid()), 0);
	ct::error gone = thrown_by([&] {
		ct::join_pid(made.pid(), ct::start_ticks(made.pid()) + 1, visitor);
	});
	ck_assert(gone.code() == std::errc::no_such_process);
}
END_TEST

START_TEST(function_prepares_the_root_and_may_refuse_by_throwing)
{
	ct::spec spec = shell("true");
	pid_t pid = 0;

	spec.set_prepare([&](ct_container *made) { pid = ct_container_pid(made); });
	ct::container made = ct::create(spec);
	ck_assert_int_eq(pid, made.pid());
	spec.set_prepare([](ct_container *) { throw 1; });
	ck_assert(thrown_by([&] { ct::create(spec); }).code() == std::errc::operation_canceled);
	spec.set_prepare(nullptr);
	ct::create(spec);
}
END_TEST

START_TEST(trace_is_called_until_the_start_though_the_spec_is_gone)
{
	int calls = 0;
	ct::container made;
	{
		ct::spec spec = shell("true");

		spec.set_trace([&](const ct_trace_event &event) { calls += *event.call != '\0'; });
		made = ct::create(spec);
	}
	int before = calls;

	ck_assert_int_gt(before, 10);
	made.start();
	ck_assert_int_gt(calls, before);
}
END_TEST

START_TEST(capture_feeds_keeps_and_waits)
{
	ct::spec spec = shell("cat; exit 3");
	ct::output kept;

	spec.set_stdio(0, CT_STDIO_PIPE);
	kept.fields().input = "a\0b";
	kept.fields().input_size = 3;
	ct::container made = ct::spawn(spec);
	ck_assert_int_eq(made.capture(kept)->code, 3);
	ck_assert(kept.out() == std::string_view("a\0b", 3) && kept.err().empty());

	ct::output none;
	ct::container busy = ct::spawn(shell("exec sleep 1000"));
	ck_assert(!busy.capture(none, ct::milliseconds(1)) && none.out().empty());
}
END_TEST

START_TEST(files_mounts_and_processes_of_a_running_container_are_reached)
{
	ct::container made = ct::spawn(shell("sleep 1000 & echo ready; wait").add_tmpfs("/tmp"));
	int out = made.take_stdio(1), fd, dir = open(box.dir, O_PATH | O_CLOEXEC);
	char line[6];

	ck_assert_int_eq(read(out, line, sizeof(line)), 6);
	fd = made.open_file("/tmp/note", O_WRONLY | O_CREAT);
	ck_assert_int_eq(write(fd, "x", 1), 1);
	made.mount(dir, "/mnt", CT_MOUNT_READONLY);
	ck_assert(thrown_by([&] { made.open_file("/mnt/new", O_WRONLY | O_CREAT); }).code() ==
		  std::errc::read_only_file_system);
	made.unmount("/mnt");
	ck_assert_int_eq(thrown_by([&] { made.unmount("/mnt"); }).step(), CT_STEP_INSIDE);
	ck_assert_uint_eq(made.processes().size(), 2);
	ck_assert_int_eq(made.processes()[0], made.pid());
	close(out);
	close(fd);
	close(dir);
}
END_TEST

START_TEST(saved_container_is_found_again)
{
	ct::container made = ct::spawn(shell("exec sleep 1000"));
	int dir = open(box.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	ck_assert_int_eq(fchmod(dir, 0700), 0);
	made.detach();
	made.save(dir, "web");
	ck_assert_int_eq(ct::container::load(dir, "web").pid(), made.pid());
	ck_assert_int_eq(thrown_by([&] { ct::remove_state(dir, "web"); }).code().value(), EBUSY);
	made.kill();
	made.wait();
	ck_assert(thrown_by([&] { ct::container::load(dir, "web"); }).code() ==
		  std::errc::no_such_process);
	ct::remove_state(dir, "web");
	ck_assert_int_eq(thrown_by([&] { ct::remove_state(dir, "web"); }).step(), CT_STEP_STATE);
	close(dir);
}
END_TEST

START_TEST(terminal_is_made_resized_and_raw_for_a_while)
{
	ct::spec spec;
	struct termios now;

	spec.set_rootfs(ct::rootfs(box.root)).set_argv({"/bin/sh", "-c", "read line"});
	ct::container made = ct::spawn(spec.set_terminal(30, 90).set_init());
	int terminal = made.take_terminal();

	ct::resize_terminal(terminal, 40, 100);
	{
		ct::raw_terminal raw(terminal);

		ck_assert_int_eq(tcgetattr(terminal, &now), 0);
		ck_assert(!(now.c_lflag & ECHO));
	}
	ck_assert_int_eq(tcgetattr(terminal, &now), 0);
	ck_assert(now.c_lflag & ECHO);
	ck_assert_int_eq(write(terminal, "\n", 1), 1);
	ck_assert_int_eq(made.wait().code, 0);
	close(terminal);
	ck_assert_int_eq(thrown_by([&] { ct::raw_terminal raw(-1); }).code().value(), EBADF);
}
END_TEST

START_TEST(calls_that_wait_are_read_and_answered)
{
	ct::container made = ct::spawn(shell("hostname given && cat /nowhere")
					       .add_seccomp_rule("sethostname", CT_SECCOMP_NOTIFY)
					       .add_seccomp_rule("openat", CT_SECCOMP_NOTIFY));
	int fd = made.take_notify(), given;
	ct::notifications calls(fd, made.pidfd());
	std::optional<ct_notification> call;
	bool renamed = false;

	for (;;) {
		call = calls.receive(ct::milliseconds(PATIENCE_MS));
		ck_assert(call.has_value());
		if (std::strcmp(call->call, "sethostname") == 0) {
			same(calls.read(*call, call->args[0], call->args[1]), "given");
			calls.answer(*call, 0);
			renamed = true;
		} else if (std::strcmp(calls.read(*call, call->args[1], 64).c_str(), "/nowhere") != 0) {
			calls.go_on(*call);
		} else {
			break;
		}
	}
	ck_assert(renamed);
	given = open(box.canary, O_RDONLY | O_CLOEXEC);
	calls.answer(*call, 0, calls.add_fd(*call, given));
	close(given);
	close(fd);
	same(output(made), read_file(box.canary));
	ck_assert_int_eq(made.wait().code, 0);
}
END_TEST

START_TEST(end_of_calls_and_late_answers_are_thrown)
{
	ct::container made = ct::spawn(shell("hostname x").add_seccomp_rule("sethostname", CT_SECCOMP_NOTIFY));
	int fd = made.take_notify();
	ct::notifications calls(fd, made.pidfd());
	std::optional<ct_notification> call = calls.receive(ct::milliseconds(PATIENCE_MS));

	ck_assert(call.has_value());
	ck_assert(!calls.receive(ct::milliseconds(0)).has_value());
	ck_assert_int_eq(thrown_by([&] { made.take_notify(); }).code().value(), ENOENT);
	made.kill();
	made.wait();
	ck_assert_int_eq(thrown_by([&] { calls.answer(*call, EPERM); }).code().value(), ENOENT);
	ck_assert_int_eq(thrown_by([&] { calls.read(*call, call->args[0], 1); }).code().value(), ENOENT);
	ck_assert_int_eq(
		thrown_by([&] { calls.receive(ct::milliseconds(PATIENCE_MS)); }).code().value(), ENOTCONN);
	close(fd);
}
END_TEST

START_TEST(pool_starts_what_it_is_given)
{
	const ct::pool pool(shell("exit 1"), 2);
	int line[2];
	char word[8] = {};

	ck_assert_int_eq(pipe2(line, O_CLOEXEC), 0);
	ck_assert_uint_eq(pool.ready(), 2);
	ct::container made = pool.take(ct::payload({"sh", "-c", "echo $A >&9; exit $B"})
					       .set_program("/bin/sh")
					       .set_env({"A=given", "B=5"})
					       .set_time_limit(CT_TIME_WALL, ct::milliseconds(PATIENCE_MS))
					       .map_fd(line[1], 9));
	ck_assert_int_eq(made.wait().code, 5);
	ck_assert_int_eq(read(line[0], word, sizeof(word)), 6);
	ck_assert_str_eq(word, "given\n");
	ck_assert_int_eq(pool.take().wait().code, 1);
	ck_assert_uint_eq(pool.ready(), 0);
	ck_assert_uint_eq(pool.refill(1), 1);
	ck_assert_int_ge(pool.fd(), 0);
	ck_assert_int_eq(thrown_by([&] { pool.take(ct::payload({"/missing"})); }).code().value(), ENOENT);
	ck_assert_int_eq(thrown_by([&] { ct::pool none(shell("true"), 0); }).code().value(), EINVAL);
	close(line[0]);
	close(line[1]);
}
END_TEST

START_TEST(events_are_told_with_their_data)
{
	ct::events events;
	ct::container made = ct::spawn(shell("true"));
	std::vector<unsigned> kinds;

	events.add(made, &kinds);
	ck_assert_int_eq(thrown_by([&] { events.add(made); }).code().value(), EBUSY);
	while (kinds.empty() || kinds.back() != CT_EVENT_EXITED) {
		std::optional<ct_event> event = events.next(ct::milliseconds(PATIENCE_MS));

		ck_assert(event && event->data == &kinds && event->box == made.get());
		kinds.push_back(event->kind);
	}
	ck_assert_uint_eq(kinds.front(), CT_EVENT_STARTED);
	ck_assert(!events.next(ct::milliseconds(0)));
}
END_TEST

START_TEST(threads_spawn_from_one_spec)
{
	const ct::spec spec = shell("exit 3");
	std::atomic<int> good{0};
	std::vector<std::thread> threads;

	for (int i = 0; i < 16; i++)
		threads.emplace_back([&] {
			for (int turn = 0; turn < scaled(10); turn++)
				good += ct::spawn(spec).wait().code == 3;
		});
	for (std::thread &thread : threads)
		thread.join();
	ck_assert_int_eq(good, 16 * scaled(10));
}
END_TEST

START_TEST(protection_ids_and_figures_are_told)
{
	ct::container made = ct::spawn(shell("true").set_idmap(CT_IDMAP_OWN));

	ck_assert_int_eq(made.protection(CT_ITEM_ROOT).state, CT_ITEM_ENFORCED);
	ck_assert_uint_eq(made.uid_map().size(), 1);
	ck_assert_uint_eq(made.gid_map()[0].outside, getegid());
	ck_assert(!made.cgroup());
	ck_assert_int_eq(thrown_by([&] { made.figures(); }).step(), CT_STEP_LIMIT);
	ck_assert(ct::figures_of({&made, nullptr})[1].pids == CT_NOT_KNOWN);
	ck_assert(ct::figures_of({}).empty());
}
END_TEST

/* ---------------------------------------------------------- trees, lists, probes */

/* A tar of one directory, "etc/". */
static std::string small_tar()
{
	std::string tar(1536, '\0');
	unsigned sum = 0;

	tar.replace(0, 4, "etc/").replace(100, 7, "0000755").replace(108, 7, "0000000");
	tar.replace(116, 7, "0000000").replace(124, 11, "00000000000").replace(136, 11, "00000000000");
	tar.replace(148, 8, "        ").replace(156, 1, "5").replace(257, 5, "ustar").replace(263, 2, "00");
	for (unsigned char byte : tar.substr(0, 512))
		sum += byte;
	snprintf(&tar[148], 8, "%06o", sum);
	return tar;
}

START_TEST(archives_come_from_paths_memory_and_functions)
{
	const std::string tar = small_tar(), dest = in_dir("tree");
	std::size_t at = 0;

	write_file(in_dir("empty.tar"), "", 0600);
	ct::rootfs::extract_memory(tar.data(), tar.size(), dest);
	ct::rootfs::remove(dest);
	ct::rootfs made = ct::rootfs::extract_stream(
		[&](void *buffer, std::size_t size) {
			std::size_t part = std::min(size, tar.size() - at);

			memcpy(buffer, &tar[at], part);
			at += part;
			return static_cast<ssize_t>(part);
		},
		dest);
	ck_assert_uint_eq(made.stats().entries, 1);
	ck_assert_int_ge(made.fd(), 3);
	ct::error refused = thrown_by(
		[&] { ct::rootfs::extract_memory(tar.data(), tar.size(), dest); });
	ck_assert(refused.code() == std::errc::file_exists);
	ct::rootfs::remove(dest);
	ck_assert_int_eq(thrown_by([&] { ct::rootfs::extract(in_dir("empty.tar"), dest); }).step(),
		CT_STEP_ARCHIVE);
	ck_assert_int_eq(unlink(in_dir("empty.tar")), 0);
}
END_TEST

START_TEST(images_come_from_paths_and_descriptors)
{
	const std::string image = in_dir("image");

	ck_assert_int_eq(write_image(image.c_str()), 0);
	ck_assert_int_eq(thrown_by([] { ct::rootfs::image(box.canary); }).step(), CT_STEP_ROOTFS);
	ck_assert_int_eq(thrown_by([] { ct::rootfs::image_fd(-1); }).step(), CT_STEP_ARGUMENT);
	if (!can_mount_images())
		return;
	ct::rootfs made = ct::rootfs::image(image, CT_IMAGE_SUID);
	int fd = open(image.c_str(), O_RDONLY | O_CLOEXEC);

	made = ct::rootfs::image_fd(fd);
	close(fd);
	ck_assert_int_eq(faccessat(made.fd(), "proc", F_OK, 0), 0);
}
END_TEST

START_TEST(what_callbacks_throw_cancels_and_comes_out)
{
	const std::string tar = small_tar(), dest = in_dir("tree");
	struct stat st;
	int came_out = 0;

	try {
		ct::rootfs::extract_memory(tar.data(), tar.size(), dest, CT_EXTRACT_OPTIONS_INIT,
			[](const ct_extract_progress &) { throw std::runtime_error("progress"); });
	} catch (const std::runtime_error &thrown) {
		came_out += strcmp(thrown.what(), "progress") == 0;
	}
	try {
		ct::rootfs::extract_stream(
			[](void *, std::size_t) -> ssize_t { throw std::runtime_error("read"); }, dest);
	} catch (const std::runtime_error &thrown) {
		came_out += strcmp(thrown.what(), "read") == 0;
	}
	ck_assert_int_eq(came_out, 2);
	ck_assert_int_ne(stat(dest.c_str(), &st), 0);
}
END_TEST

START_TEST(namespaces_of_a_container_are_listed)
{
	ct::container made = ct::spawn(shell("exec sleep 1000"));
	ct::ns_list list = made.namespaces(CT_NS_UTS);

	ck_assert_uint_eq(list.size(), 1);
	same(list[0].name, ns_of(made.pid(), "uts"));
	ck_assert(list.find(list[0].id) == std::size_t(0) && !list.find(1) && !list.mount_path(0));
	ck_assert_ptr_nonnull(strstr(list.to_text(CT_NS_FORMAT_JSON).c_str(), list[0].name + 5));
	ck_assert(list.stats().processes > 0);
	ck_assert(thrown_by([&] { list[1]; }).code() == std::errc::no_such_file_or_directory);
}
END_TEST

START_TEST(probe_tells_facts)
{
	ct::probe path(box.root);

	ck_assert(path.works(CT_FACT_PATH_WRITE) && path.size() > 3);
	ck_assert_ptr_nonnull(strstr(path.to_json().c_str(), path[0].name));
	ck_assert_ptr_nonnull(strstr(path.to_text().c_str(), path[0].name));
	ck_assert_int_eq(thrown_by([&] { path.find(CT_FACT_KERNEL); }).code().value(), ENOENT);
}
END_TEST

int main()
{
	TCase *tc;
	Suite *suite = suite_of("cpp", &tc);

	need_root();
	tcase_add_test(tc, object_that_goes_kills_its_container);
	tcase_add_test(tc, exception_on_the_way_kills_the_container);
	tcase_add_test(tc, moved_handle_has_one_owner);
	tcase_add_test(tc, moved_from_handle_is_refused_by_every_call);
	tcase_add_test(tc, released_handle_is_the_callers);
	tcase_add_test(tc, spec_and_rootfs_may_go_before_the_container);
	tcase_add_test(tc, failure_is_thrown_with_step_object_call_errno_and_cure);
	tcase_add_test(tc, mistake_of_a_setter_is_thrown_at_once_and_by_the_spawn);
	tcase_add_test(tc, nul_in_a_string_is_refused_instead_of_cut);
	tcase_add_test(tc, settings_reach_the_payload);
	tcase_add_test(tc, spec_is_made_of_an_oci_configuration);
	tcase_add_test(tc, created_container_waits_for_its_start);
	tcase_add_test(tc, wait_that_is_over_throws_or_gives_nothing);
	tcase_add_test(tc, join_puts_a_process_beside_the_others);
	tcase_add_test(tc, function_prepares_the_root_and_may_refuse_by_throwing);
	tcase_add_test(tc, trace_is_called_until_the_start_though_the_spec_is_gone);
	tcase_add_test(tc, capture_feeds_keeps_and_waits);
	tcase_add_test(tc, files_mounts_and_processes_of_a_running_container_are_reached);
	tcase_add_test(tc, saved_container_is_found_again);
	tcase_add_test(tc, terminal_is_made_resized_and_raw_for_a_while);
	tcase_add_test(tc, calls_that_wait_are_read_and_answered);
	tcase_add_test(tc, end_of_calls_and_late_answers_are_thrown);
	tcase_add_test(tc, pool_starts_what_it_is_given);
	tcase_add_test(tc, events_are_told_with_their_data);
	tcase_add_test(tc, threads_spawn_from_one_spec);
	tcase_add_test(tc, protection_ids_and_figures_are_told);
	tcase_add_test(tc, archives_come_from_paths_memory_and_functions);
	tcase_add_test(tc, images_come_from_paths_and_descriptors);
	tcase_add_test(tc, what_callbacks_throw_cancels_and_comes_out);
	tcase_add_test(tc, namespaces_of_a_container_are_listed);
	tcase_add_test(tc, probe_tells_facts);
	return suite_run(suite);
}
