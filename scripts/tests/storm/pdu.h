/* SPDX-License-Identifier: GPL-2.0 */
/* PDUs, as far as a session that transfers nothing needs them (RFC 7143). */
#ifndef PDU_H
#define PDU_H

#include <linux/types.h>

#define NOP_OUT			0x00
#define LOGIN			0x03
#define LOGOUT			0x06
#define NOP_IN			0x20
#define LOGIN_RESPONSE		0x23
#define LOGOUT_RESPONSE		0x26
#define OPCODE			0x3f
#define IMMEDIATE		0x40

#define FINAL			0x80
#define FULL_FEATURE		0x03
#define OPERATIONAL		0x04

#define NO_TAG			0xffffffff
#define CLOSE_SESSION		0

/*
 * What every PDU begins with.  The names are those of our requests, and of the
 * same bytes in a response where these differ.
 */
struct pdu {
	__u8 opcode;
	__u8 flags;
	__u8 response;
	__u8 reserved;
	__u8 ahs_length;
	__u8 length[3];
	__u8 isid[6];
	__u16 tsih;
	__u32 task_tag;
	__u32 transfer_tag;
	union {
		__u32 cmd_sn;
		__u32 stat_sn;
	};
	__u32 exp_stat_sn;
	__u8 reserved32[4];
	__u8 status[2];
	__u8 reserved38[10];
};

_Static_assert(sizeof(struct pdu) == 48, "the header of a PDU");

#endif
