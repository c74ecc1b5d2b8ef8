// SPDX-License-Identifier: GPL-2.0
#include <linux/completion.h>
#include <linux/jiffies.h>
#include <linux/semaphore.h>
#include <linux/spinlock.h>

#include "../module/names.h"
#include "../module/notify.h"
#include "../module/probes.h"
#include "fake_lio.h"

/* For all that a case may leave unread. */
#define FAKE_CAPTURES	1024

/* As in LIO: sessions that are counted but not listed are being closed. */
struct fake_tpg {
	struct list_head sessions;
	u32 nsessions;
	enum lio_unlisted unlisted;
	bool removed;
	struct semaphore login;
};

struct fake_hook {
	void (*call)(struct iscsit_session *sess);
	struct iscsit_session *sess;
};

static struct fake_lio {
	/* In the place of se_port_lock and session_lock */
	spinlock_t lock;
	struct fake_tpg tpgs[FAKE_TPGS];
	u32 sid;
	struct fake_hook hooks[FAKE_MOMENTS];
	struct spt_captures captures;
	int hold_error;
	struct completion hold_go;
	int holds;
	unsigned int hold_calls;
	unsigned int notified;
} fake;

int fake_init(void)
{
	size_t i;

	memset(&fake, 0, sizeof(fake));
	spin_lock_init(&fake.lock);
	init_completion(&fake.hold_go);
	fake_block_holds(false);
	for (i = 0; i < FAKE_TPGS; i++) {
		INIT_LIST_HEAD(&fake.tpgs[i].sessions);
		fake.tpgs[i].unlisted = LIO_UNLISTED_QUIET;
		sema_init(&fake.tpgs[i].login, 1);
	}
	return spt_captures_init(&fake.captures, FAKE_CAPTURES);
}

void fake_exit(void)
{
	spt_captures_exit(&fake.captures);
}

/* A session that LIO does not list yet, of that TPG and I_T nexus. */
struct iscsit_session *fake_new(struct kunit *test, unsigned int tpg, u8 isid)
{
	struct iscsit_session *sess = kunit_kzalloc(test, sizeof(*sess),
						    GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, sess);
	INIT_LIST_HEAD(&sess->listed);
	sess->id.tpg = &fake.tpgs[tpg];
	sess->id.session = sess;
	sess->id.created = get_jiffies_64();
	sess->id.sid = ++fake.sid;
	sess->id.isid[SPT_ISID_LENGTH - 1] = isid;
	sess->facts.tpgt = tpg + 1;
	strscpy(sess->facts.initiator, "iqn.2024-01.com.example:host",
		sizeof(sess->facts.initiator));
	strscpy(sess->facts.target, "iqn.2024-01.com.example:disk",
		sizeof(sess->facts.target));
	strscpy(sess->facts.peer, "192.0.2.1", sizeof(sess->facts.peer));
	sess->life = LIO_CONNECTED;
	return sess;
}

static struct fake_tpg *fake_tpg(const struct iscsit_session *sess)
{
	return (struct fake_tpg *)sess->id.tpg;
}

/* Its login is done. */
void fake_list(struct iscsit_session *sess)
{
	struct fake_tpg *tpg = fake_tpg(sess);

	spin_lock_bh(&fake.lock);
	list_add_tail(&sess->listed, &tpg->sessions);
	tpg->nsessions++;
	spin_unlock_bh(&fake.lock);
}

struct iscsit_session *fake_login(struct kunit *test, unsigned int tpg, u8 isid)
{
	struct iscsit_session *sess = fake_new(test, tpg, isid);

	fake_list(sess);
	return sess;
}

/* LIO is about to deregister it, and a probe sees that: the first step of an end. */
void fake_depart(struct iscsit_session *sess)
{
	struct spt_departure *departure = spt_captures_claim(&fake.captures);

	if (!departure)
		return;
	departure->left = false;
	departure->id = sess->id;
	departure->facts = sess->facts;
	memset(departure->facts.peer, 0, sizeof(departure->facts.peer));
	departure->cause = sess->cause;
	spt_captures_publish(&fake.captures, departure);
}

/* It is deregistered, and a probe sees that: between the second step and the third. */
void fake_left(struct iscsit_session *sess)
{
	struct spt_departure *departure = spt_captures_claim(&fake.captures);

	if (!departure)
		return;
	departure->left = true;
	departure->id = sess->id;
	spt_captures_publish(&fake.captures, departure);
}

/* It is off the list: the second step. */
void fake_unlist(struct iscsit_session *sess)
{
	spin_lock_bh(&fake.lock);
	list_del_init(&sess->listed);
	spin_unlock_bh(&fake.lock);
}

/* It is not counted any more: the third step. */
void fake_forget(struct iscsit_session *sess)
{
	spin_lock_bh(&fake.lock);
	fake_tpg(sess)->nsessions--;
	spin_unlock_bh(&fake.lock);
}

void fake_end(struct iscsit_session *sess)
{
	fake_depart(sess);
	fake_vanish(sess);
}

/* It ends, and no probe sees that. */
void fake_vanish(struct iscsit_session *sess)
{
	fake_unlist(sess);
	fake_forget(sess);
}

/* What happens to @sess in the next scan. */
void fake_hook(enum fake_moment moment,
	       void (*call)(struct iscsit_session *sess),
	       struct iscsit_session *sess)
{
	fake.hooks[moment] = (struct fake_hook) { call, sess };
}

static void fake_run_hook(enum fake_moment moment)
{
	struct fake_hook hook = fake.hooks[moment];

	if (!hook.call)
		return;
	fake.hooks[moment].call = NULL;
	hook.call(hook.sess);
}

/* What LIO says of sessions of @tpg that are counted and not listed. */
void fake_set_unlisted(unsigned int tpg, enum lio_unlisted unlisted)
{
	fake.tpgs[tpg].unlisted = unlisted;
}

void fake_set_removed(unsigned int tpg, bool removed)
{
	WRITE_ONCE(fake.tpgs[tpg].removed, removed);
}

/* 0: TPGs can be held */
void fake_set_hold_error(int error)
{
	WRITE_ONCE(fake.hold_error, error);
}

/* Whoever holds a TPG waits as long as that. */
void fake_block_holds(bool block)
{
	if (block)
		reinit_completion(&fake.hold_go);
	else
		complete_all(&fake.hold_go);
}

int fake_holds(void)
{
	return fake.holds;
}

/* How often somebody wanted to hold one. */
unsigned int fake_hold_calls(void)
{
	return fake.hold_calls;
}

unsigned int fake_notified(void)
{
	return fake.notified;
}

static void fake_scan_tpg(struct fake_tpg *tpg, struct lio_visitor *visitor)
{
	struct lio_tpg_view view = {
		.tpg	= tpg,
		.target	= "iqn.2024-01.com.example:disk",
	};
	struct iscsit_session *sess;
	u32 listed = 0;

	lockdep_assert_held(&fake.lock);
	list_for_each_entry(sess, &tpg->sessions, listed) {
		bool found = visitor->only &&
			     spt_identity_equal(&sess->id, visitor->only);

		listed++;
		if (visitor->only ? found :
		    !visitor->wants || visitor->wants(visitor, sess->id.session))
			visitor->session(visitor, &sess->id, sess);
		if (found)
			return;
	}
	view.count = tpg->nsessions - listed;
	view.unlisted = view.count ? tpg->unlisted : LIO_UNLISTED_GONE;
	visitor->tpg(visitor, &view);
}

void lio_scan(struct lio_visitor *visitor)
{
	size_t i;

	if (!visitor->only)
		fake_run_hook(FAKE_BEFORE_VISITS);
	spin_lock_bh(&fake.lock);
	for (i = 0; i < FAKE_TPGS; i++) {
		struct fake_tpg *tpg = &fake.tpgs[i];

		if (!tpg->removed &&
		    (!visitor->only || visitor->only->tpg == tpg))
			fake_scan_tpg(tpg, visitor);
	}
	spin_unlock_bh(&fake.lock);
	if (!visitor->only)
		fake_run_hook(FAKE_AFTER_VISITS);
}

static void fake_glance_tpg(struct fake_tpg *tpg, struct lio_glance *glance)
{
	struct lio_tpg_view view = { .tpg = tpg };
	struct iscsit_session *sess;

	lockdep_assert_held(&fake.lock);
	list_for_each_entry_reverse(sess, &tpg->sessions, listed) {
		if (glance->knows(glance, &sess->id))
			break;
	}
	list_for_each_entry_continue(sess, &tpg->sessions, listed)
		glance->visitor.session(&glance->visitor, &sess->id, sess);
	if (!glance->cares(glance, tpg))
		return;
	view.count = tpg->nsessions;
	list_for_each_entry(sess, &tpg->sessions, listed) {
		view.count--;
		sess->asked++;
		if (glance->visitor.wants(&glance->visitor, sess->id.session))
			glance->visitor.session(&glance->visitor, &sess->id, sess);
	}
	view.unlisted = view.count ? tpg->unlisted : LIO_UNLISTED_GONE;
	glance->visitor.tpg(&glance->visitor, &view);
}

void lio_glance(struct lio_glance *glance)
{
	size_t i;

	fake_run_hook(FAKE_BEFORE_VISITS);
	spin_lock_bh(&fake.lock);
	for (i = 0; i < FAKE_TPGS; i++) {
		if (!fake.tpgs[i].removed)
			fake_glance_tpg(&fake.tpgs[i], glance);
	}
	spin_unlock_bh(&fake.lock);
	fake_run_hook(FAKE_AFTER_VISITS);
}

enum lio_life lio_life_listed(struct iscsit_session *sess)
{
	lockdep_assert_held(&fake.lock);
	return sess->life;
}

enum iscsitgt_spt_end_cause lio_cause_listed(struct iscsit_session *sess)
{
	lockdep_assert_held(&fake.lock);
	return sess->cause;
}

bool lio_ending_listed(struct iscsit_session *sess)
{
	lockdep_assert_held(&fake.lock);
	return sess->ending || sess->cause != ISCSITGT_SPT_END_UNKNOWN;
}

/* Not the login time, which is the caller's. */
void lio_facts_listed(struct iscsit_session *sess, struct spt_facts *facts)
{
	u64 login_time = facts->login_time;

	lockdep_assert_held(&fake.lock);
	*facts = sess->facts;
	facts->login_time = login_time;
}

void lio_info_listed(struct iscsit_session *sess,
		     struct iscsitgt_spt_session_info *info)
{
	lockdep_assert_held(&fake.lock);
	info->state = ISCSITGT_SPT_STATE_LOGGED_IN;
	info->rx_bytes = sess->id.sid;
}

bool lio_fail_listed(struct iscsit_session *sess)
{
	lockdep_assert_held(&fake.lock);
	sess->failed++;
	return sess->life == LIO_CONNECTED && !sess->lost;
}

int lio_hold(const struct spt_identity *id)
{
	fake.hold_calls++;
	wait_for_completion(&fake.hold_go);
	if (!READ_ONCE(fake.hold_error))
		fake.holds++;
	return READ_ONCE(fake.hold_error);
}

void lio_release(const struct spt_identity *id)
{
	fake.holds--;
}

bool lio_tell_listed(struct iscsit_session *sess, u16 seconds)
{
	lockdep_assert_held(&fake.lock);
	if (sess->mute)
		return false;
	sess->told += seconds;
	return true;
}

/* Somebody has been let in at that TPG, and is not done. */
void fake_begin_login(unsigned int tpg)
{
	down(&fake.tpgs[tpg].login);
}

void fake_end_login(unsigned int tpg)
{
	up(&fake.tpgs[tpg].login);
}

/* Each TPG is of a target of its own, that has its number as name. */
size_t lio_logins(const struct spt_names *names, const void **tpgs, size_t room)
{
	size_t count = 0, i;

	for (i = 0; i < FAKE_TPGS; i++) {
		struct fake_tpg *tpg = &fake.tpgs[i];

		if (tpg->removed ||
		    (names->target[0] && names->target[0] != '0' + (char)i))
			continue;
		if (!down_trylock(&tpg->login)) {
			up(&tpg->login);
			continue;
		}
		if (count < room)
			tpgs[count] = tpg;
		count++;
	}
	return count;
}

bool lio_tpg_is_there(const void *tpg)
{
	if (!READ_ONCE(((const struct fake_tpg *)tpg)->removed))
		return true;
	fake_run_hook(FAKE_NOT_THERE);
	return false;
}

int lio_login_await(const void *tpg, void (*between)(void *data), void *data)
{
	struct fake_tpg *waited = (struct fake_tpg *)tpg;

	if (down_interruptible(&waited->login))
		return -EINTR;
	between(data);
	up(&waited->login);
	return 0;
}

struct llist_node *spt_probes_departures(void)
{
	return spt_captures_take(&fake.captures);
}

void spt_probes_release(struct spt_departure *departure)
{
	spt_captures_release(&fake.captures, departure);
}

void spt_notify_soon(void)
{
	fake.notified++;
}
