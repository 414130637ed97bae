// SPDX-License-Identifier: GPL-2.0
/*
 * Counters of trapped register accesses.
 */
#include "json_add.h"
#include "traps.h"
#include "vmxnet3_dev.h"

struct totals {
	struct json_object *registers;
	uint64_t total;
};

static uint64_t add(struct totals *totals, const char *name, uint64_t count)
{
	struct json_object *old;
	int64_t before = 0;

	if (!count)
		return 0;
	if (json_object_object_get_ex(totals->registers, name, &old))
		before = json_object_get_int64(old);
	json_add_number(totals->registers, name, before + count);
	totals->total += count;
	return count;
}

void traps_report(const struct traps *traps, struct json_object *reply,
		  const char *(*name)(void *arg, uint32_t offset), void *arg)
{
	struct json_object *object = json_object_new_object();
	struct totals totals = { .registers = json_object_new_object() };
	uint64_t per_packet = 0;
	uint32_t i;

	for (i = 0; i < PT_BAR_MAX_LEN / 4; i++)
		per_packet += add(&totals, vmxnet3_pt_name(i * 4),
				  traps->pt[i]);
	for (i = 0; i < VD_BAR_LEN / 4; i++)
		add(&totals, vmxnet3_vd_name(i * 4), traps->vd[i]);
	for (i = 0; i < WINDOW_BAR_LEN / 4; i++)
		if (traps->window[i])
			per_packet += add(&totals, name(arg, i * 4),
					  traps->window[i]);
	json_add_number(object, "total", totals.total);
	json_object_object_add(object, "by_register", totals.registers);
	json_object_object_add(reply, "traps", object);
	json_add_number(reply, "traps_per_packet_registers", per_packet);
}
