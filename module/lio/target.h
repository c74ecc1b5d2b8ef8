/* SPDX-License-Identifier: GPL-2.0 */
/* LIO's own headers: nothing outside this folder includes them. */
#ifndef ISCSITGT_SPT_LIO_TARGET_H
#define ISCSITGT_SPT_LIO_TARGET_H

#include <target/target_core_base.h>
#include <target/target_core_fabric.h>
#include <target/iscsi/iscsi_target_core.h>
#include <target/iscsi/iscsi_transport.h>

void lio_tpgs(const void *only,
	      void (*visit)(struct iscsi_portal_group *tpg, void *data),
	      void *data);
void lio_identify(struct iscsit_session *sess, struct spt_identity *id);
void lio_facts(struct iscsit_session *sess, struct spt_facts *facts);
enum iscsitgt_spt_end_cause lio_cause(struct iscsit_session *sess);

static inline struct iscsit_conn *lio_first_conn(struct iscsit_session *sess)
{
	lockdep_assert_held(&sess->conn_lock);
	return list_first_entry_or_null(&sess->sess_conn_list,
					struct iscsit_conn, conn_list);
}

#endif /* ISCSITGT_SPT_LIO_TARGET_H */
