/* SPDX-License-Identifier: GPL-2.0 */
#ifndef ISCSITGT_SPT_RECORD_H
#define ISCSITGT_SPT_RECORD_H

#include "session.h"

/* Length of each record: what follows the header. */
#define SPT_STOP_LENGTH \
	(sizeof(struct iscsitgt_spt_session_stop) - sizeof(struct srb_io_control))
#define SPT_START_LENGTH \
	(sizeof(struct iscsitgt_spt_session_start) - sizeof(struct srb_io_control))

/* Of SESSION_INFO, the whole of it that this module knows. */
#define SPT_INFO_LENGTH \
	(sizeof(struct iscsitgt_spt_session_info) - sizeof(struct srb_io_control))

/* Of SESSION_LIST, what is before its records, and with as many as there can be. */
#define SPT_LIST_LENGTH \
	(sizeof(struct iscsitgt_spt_session_list) - \
	 sizeof(struct srb_io_control))
#define SPT_LIST_MAX_LENGTH \
	(SPT_LIST_LENGTH + ISCSITGT_SPT_LIST_MAX_COUNT * SPT_INFO_MAX_SIZE)

/* Of the longest record of SESSION_INFO, header included. */
#define SPT_INFO_MAX_SIZE \
	(sizeof(struct srb_io_control) + ISCSITGT_SPT_INFO_MAX_LENGTH)

#define SPT_EVICT_LENGTH \
	(sizeof(struct iscsitgt_spt_session_evict) - \
	 sizeof(struct srb_io_control))
#define SPT_HOLD_LENGTH \
	(sizeof(struct iscsitgt_spt_hold) - sizeof(struct srb_io_control))

int spt_header_check(const struct srb_io_control *header);
void spt_header_fill(struct srb_io_control *header, u32 control_code,
		     u32 length);
size_t spt_nexus_name(char *text, size_t size, const struct spt_identity *id,
		      const struct spt_facts *facts);
void spt_utf16(__u16 *units, size_t room, const char *text);
void spt_record_start(struct iscsitgt_spt_session_start *record,
		      const struct spt_session *session);
void spt_record_stop(struct iscsitgt_spt_session_stop *record,
		     const struct spt_session *session);
void spt_record_info(struct iscsitgt_spt_session_info *record,
		     const struct spt_session *session);

#endif /* ISCSITGT_SPT_RECORD_H */
