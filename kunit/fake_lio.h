/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A LIO for suites: TPGs with sessions, which it lists, counts and lets go of in
 * the steps of the real one, and a probe that captures those that leave.
 */
#ifndef ISCSITGT_SPT_KUNIT_FAKE_LIO_H
#define ISCSITGT_SPT_KUNIT_FAKE_LIO_H

#include <kunit/test.h>
#include <linux/list.h>

#include "../module/lio/lio.h"

#define FAKE_TPGS	2

/* What is done when a hook is called: a scan; a TPG was not there. */
enum fake_moment {
	FAKE_BEFORE_VISITS,
	FAKE_AFTER_VISITS,
	FAKE_NOT_THERE,
	FAKE_MOMENTS,
};

/**
 * struct iscsit_session - as far as the module can see it
 * @listed: in its TPG, if it is
 * @id: its identity
 * @facts: its facts
 * @life: its life
 * @cause: why LIO is ending it
 * @lost: its connections have failed by themselves
 * @ending: LIO is ending it, for a cause that it does not tell
 * @failed: how often its connections were failed
 * @told: how long its initiator was told to wait, as often as it was told
 * @mute: it cannot be told
 * @asked: how often it was asked whether it was wanted
 * @cookie: for suites: what its start was told with, or 0
 */
struct iscsit_session {
	struct list_head listed;
	struct spt_identity id;
	struct spt_facts facts;
	enum lio_life life;
	enum iscsitgt_spt_end_cause cause;
	bool lost;
	bool ending;
	unsigned int failed;
	unsigned int told;
	bool mute;
	unsigned int asked;
	u64 cookie;
};

int fake_init(void);
void fake_exit(void);
struct iscsit_session *fake_new(struct kunit *test, unsigned int tpg, u8 isid);
struct iscsit_session *fake_login(struct kunit *test, unsigned int tpg,
				  u8 isid);
void fake_list(struct iscsit_session *sess);
void fake_depart(struct iscsit_session *sess);
void fake_left(struct iscsit_session *sess);
void fake_unlist(struct iscsit_session *sess);
void fake_forget(struct iscsit_session *sess);
void fake_end(struct iscsit_session *sess);
void fake_vanish(struct iscsit_session *sess);
void fake_hook(enum fake_moment moment,
	       void (*call)(struct iscsit_session *sess),
	       struct iscsit_session *sess);
void fake_set_unlisted(unsigned int tpg, enum lio_unlisted unlisted);
void fake_set_removed(unsigned int tpg, bool removed);
void fake_set_hold_error(int error);
void fake_block_holds(bool block);
void fake_begin_login(unsigned int tpg);
void fake_end_login(unsigned int tpg);
int fake_holds(void);
unsigned int fake_hold_calls(void);
unsigned int fake_notified(void);

#endif /* ISCSITGT_SPT_KUNIT_FAKE_LIO_H */
