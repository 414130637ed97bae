// SPDX-License-Identifier: GPL-2.0
/*
 * Timestamp rings, from revision 9 on: the device asks for a timestamp of one
 * frame in so many, and counts those that come.  (Upstream's driver reads a
 * clock that only a hypervisor has, so nothing is asked for by default.)
 */
#include <endian.h>

#include "vmxnet3_dev.h"

void vmxnet3_ts_start(struct vmxnet3_dev *dev)
{
	uint16_t rate = htole16(dev->model.sample_rate);

	if (dev->rev.revision < 9 || !dev->tx[0].ts_size)
		return;
	dma_write(dev->dma, dev->tx[0].conf_pa +
		  offsetof(struct vmxnet3_tx_queue_desc, ts.sample_rate),
		  &rate, sizeof(rate));
}

bool vmxnet3_ts_wanted(struct vmxnet3_dev *dev)
{
	unsigned int rate = dev->model.sample_rate;

	if (!rate || dev->rev.revision < 9 || ++dev->ts_frames < rate)
		return false;
	dev->ts_frames = 0;
	return true;
}

void vmxnet3_ts_take(struct vmxnet3_dev *dev, uint64_t pa, uint32_t size,
		     uint32_t index, uint64_t *count)
{
	uint64_t *word;

	if (!size)
		return;
	word = dma_map(dev->dma, pa + (uint64_t)index * size, sizeof(*word),
		       true);
	if (!word || !(le64toh(__atomic_load_n(word, __ATOMIC_RELAXED)) &
		       VMXNET3_TS_VALID))
		return;
	__atomic_store_n(word, 0, __ATOMIC_RELAXED);
	++*count;
}
