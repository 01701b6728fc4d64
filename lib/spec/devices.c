/* SPDX-License-Identifier: MIT */
/* Setter: which devices may be used. */
#include <container/devices.h>

#include <errno.h>

#include "spec.h"

#define DEVICES_MAX 64

static const char *refusal_of(const ct_device *device)
{
	const uint32_t all = CT_DEVICE_MKNOD | CT_DEVICE_READ | CT_DEVICE_WRITE;

	if (device->type != 'c' && device->type != 'b')
		return "its type is neither 'c' nor 'b'";
	if (!device->access || (device->access & ~all))
		return "there is no such access";
	if (device->major < CT_DEVICE_ANY || device->major > 4095 || device->minor < CT_DEVICE_ANY ||
		device->minor > 1048575)
		return "there is no such number";
	return NULL;
}

int ct_spec_set_devices(ct_spec *spec, const ct_device *devices, size_t count)
{
	ct__array list = {0};

	if (!spec)
		return -EINVAL;
	if (count && !devices)
		return ct__spec_mistake(spec, -EINVAL, "it is NULL", "devices");
	if (count > DEVICES_MAX)
		return ct__spec_mistake(spec, -E2BIG, "there are more than 64", "devices");
	for (size_t i = 0; i < count; i++) {
		const char *refusal = refusal_of(&devices[i]);

		if (!refusal && ct__array_add(&list, &devices[i], sizeof(devices[i])) == 0)
			continue;
		ct__array_done(&list);
		return ct__spec_mistake(spec, refusal ? -EINVAL : -ENOMEM, refusal, "device %zu: %d:%d", i,
			devices[i].major, devices[i].minor);
	}
	ct__spec_changed(spec);
	ct__array_done(&spec->cgroup.devices);
	spec->cgroup.devices = list;
	spec->cgroup.lists_devices = true;
	return 0;
}
