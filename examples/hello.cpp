/* SPDX-License-Identifier: MIT */
/*
 * The main job in C++: a tarball becomes a directory, and a command runs in it.
 *
 *     c++ -std=c++17 -o hello hello.cpp $(pkg-config --cflags --libs container)
 *     ./hello ROOTFS.tar.gz DIRECTORY [COMMAND [ARGUMENT...]]
 *
 * Prints what the command says, and how it ended; 125 if it could not be run. The directory
 * is removed at the end.
 */
#include <container/container.hpp>
#include <iostream>

static int run(const std::string &archive, const std::string &directory,
	const std::vector<std::string> &command)
{
	ct::rootfs root = ct::rootfs::extract(archive, directory);
	ct::spec spec;

	spec.set_rootfs(root).set_argv(command).set_hostname("hello");
	spec.set_time_limit(CT_TIME_WALL, std::chrono::seconds(60));

	ct::container box = ct::spawn(spec);
	ct_exit how = box.wait();

	std::cout << "hello: " << ct::to_text(how) << std::endl;
	return how.signal ? 128 + how.signal : how.code;
}

int main(int argc, char **argv)
{
	if (argc < 3) {
		std::cerr << "usage: hello ROOTFS.tar.gz DIRECTORY [COMMAND [ARGUMENT...]]\n";
		return 125;
	}
	int result = 125;

	try {
		std::vector<std::string> command(argv + 3, argv + argc);

		result = run(argv[1], argv[2], command.empty() ? std::vector<std::string>{"ps"} : command);
		ct::rootfs::remove(argv[2]);
	} catch (const ct::error &failed) {
		std::cerr << "hello: " << failed.what() << '\n' << failed.cure() << '\n';
		if (failed.step() != CT_STEP_DESTINATION && access(argv[2], F_OK) == 0)
			ct::rootfs::remove(argv[2]);
	}
	return result;
}
