/* SPDX-License-Identifier: GPL-2.0 */
#ifndef ISCSITGT_SPT_LOOKUP_H
#define ISCSITGT_SPT_LOOKUP_H

#include "session.h"

/**
 * enum spt_presence - where LIO has a session
 * @SPT_GONE: it has left LIO
 * @SPT_HIDDEN: LIO does not list it, but may not be done with it
 * @SPT_LISTED: LIO lists it, without a connection
 * @SPT_CONNECTED: LIO lists it, with a connection
 */
enum spt_presence {
	SPT_GONE,
	SPT_HIDDEN,
	SPT_LISTED,
	SPT_CONNECTED,
};

/**
 * struct spt_failing - what it was to fail a session's connections
 * @cause: why LIO was ending the session before that; UNKNOWN if it was not, or
 *	does not list it
 * @failed: as lio_fail_listed()
 */
struct spt_failing {
	enum iscsitgt_spt_end_cause cause;
	bool failed;
};

/**
 * struct spt_wanted - one of many sessions
 * @id: set by the caller: its identity
 * @info: set by the caller; filled in as by lio_info_listed() if it is listed
 * @presence: where it is; SPT_LISTED with a connection, too
 */
struct spt_wanted {
	const struct spt_identity *id;
	struct iscsitgt_spt_session_info *info;
	enum spt_presence presence;
};

enum spt_presence spt_lookup(const struct spt_identity *id);
enum iscsitgt_spt_end_cause spt_lookup_cause(const struct spt_identity *id);
enum spt_presence spt_lookup_fail(const struct spt_identity *id,
				  struct spt_failing *failing);
enum spt_presence spt_lookup_info(const struct spt_identity *id,
				  struct iscsitgt_spt_session_info *info);
void spt_lookup_all(struct spt_wanted *wanted, size_t count);
bool spt_lookup_tell(const struct spt_identity *id, u16 seconds);

#endif /* ISCSITGT_SPT_LOOKUP_H */
