/* SPDX-License-Identifier: MIT */
/* Asking systemd for a scope, over D-Bus. The only file that knows libsystemd. */
#include "cgroup/scope.h"

#include <errno.h>
#include <stdio.h>

#ifdef CT_WITH_SYSTEMD

#include <stdint.h>
#include <systemd/sd-bus.h>

#define LIMIT_US 10000000

/* org.freedesktop.systemd1(5). A unit that has failed is not kept for anybody to look at. */
static int put_scope(sd_bus_message *call, const char *name, pid_t pid)
{
	int ret = sd_bus_message_append(call, "ss", name, "fail");

	if (ret >= 0)
		ret = sd_bus_message_append(call, "a(sv)", 4, "Description", "s", "containers of libcontainer",
			"Delegate", "b", 1, "CollectMode", "s", "inactive-or-failed", "PIDs", "au", 1,
			(uint32_t)pid);
	if (ret >= 0)
		ret = sd_bus_message_append(call, "a(sa(sv))", 0);
	return ret;
}

/* A connection of our own to this bus: none of the process's, and no environment is read. */
static int connect_to(const char *address, sd_bus **ret_bus)
{
	int ret = sd_bus_new(ret_bus);

	if (ret >= 0)
		ret = sd_bus_set_address(*ret_bus, address);
	if (ret >= 0)
		ret = sd_bus_set_bus_client(*ret_bus, 1);
	if (ret >= 0)
		ret = sd_bus_start(*ret_bus);
	return ret;
}

int ct__systemd_start_scope(const char *bus, const char *name, pid_t pid, char *ret_why, size_t size)
{
	sd_bus_error error = SD_BUS_ERROR_NULL;
	sd_bus_message *call = NULL;
	sd_bus *connection = NULL;
	int ret = connect_to(bus, &connection);

	if (ret < 0)
		snprintf(ret_why, size, "there is no such bus, or it takes nobody like us");
	if (ret >= 0)
		ret = sd_bus_message_new_method_call(connection, &call, "org.freedesktop.systemd1",
			"/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager", "StartTransientUnit");
	if (ret >= 0)
		ret = put_scope(call, name, pid);
	if (ret >= 0)
		ret = sd_bus_call(connection, call, LIMIT_US, &error, NULL);
	if (error.message)
		snprintf(ret_why, size, "%s", error.message);
	sd_bus_error_free(&error);
	sd_bus_message_unref(call);
	sd_bus_close_unref(connection);
	return ret < 0 ? ret : 0;
}

#else

int ct__systemd_start_scope(const char *bus, const char *name, pid_t pid, char *ret_why, size_t size)
{
	(void)bus;
	(void)name;
	(void)pid;
	snprintf(ret_why, size, "this library was built without systemd");
	return -EOPNOTSUPP;
}

#endif
