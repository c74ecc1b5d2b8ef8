/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The only place that knows of kernel versions.  The rest is written for the
 * newest kernel.
 */
#ifndef ISCSITGT_SPT_COMPAT_H
#define ISCSITGT_SPT_COMPAT_H

#include <asm/byteorder.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 1, 0)
#error "LIO's sessions were checked against kernels from 6.1 on"
#endif

/* The records are little-endian, and nothing converts them. */
#ifdef __BIG_ENDIAN
#error "iscsitgt_spt supports little-endian machines only"
#endif

/* __assign_str() remembers the source from 6.10 on. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 10, 0)
#define spt_assign_str(field, source)	__assign_str(field, source)
#else
#define spt_assign_str(field, source) \
	do { \
		(void)(source); \
		__assign_str(field); \
	} while (0)
#endif

#endif /* ISCSITGT_SPT_COMPAT_H */
