/* SPDX-License-Identifier: GPL-2.0 */
/* What the subcommands have in common: exit codes, messages, options, memory. */
#ifndef SPTCTL_H
#define SPTCTL_H

#include <getopt.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdnoreturn.h>

#include <linux/types.h>

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))
#define __printf(string, first)	__attribute((format(printf, string, first)))

enum {
	EXIT_DONE		= 0,
	EXIT_FAILED		= 1,
	EXIT_USAGE		= 2,
	EXIT_NO_SESSION		= 3,
	EXIT_STILL_THERE	= 4,
};

/* Above every character, so that a short option cannot be mistaken for one. */
enum {
	OPTION_WRONG = 0x100,
	OPTION_HELP,
	OPTION_VERSION,
	OPTION_JSON,
	OPTION_TIMEOUT,
	OPTION_ONCE,
	OPTION_WIDE,
	OPTION_FORMAT,
	OPTION_DRY_RUN,
	OPTION_YES,
	OPTION_FOR,
	OPTION_ALL_TARGETS,
	OPTION_NOTIFY,
	OPTION_SELECT_FIRST,
	OPTION_INITIATOR = OPTION_SELECT_FIRST,
	OPTION_TARGET,
	OPTION_TPG,
	OPTION_ACL,
	OPTION_SID,
	OPTION_PEER,
	OPTION_PORTAL,
	OPTION_CHAP_USER,
	OPTION_STATE,
	OPTION_OLDER_THAN,
	OPTION_IDLE,
	OPTION_ALL,
	OPTION_SELECT_LAST = OPTION_ALL,
};

/* Which selectors a subcommand takes beside its own options. */
enum command_selects {
	SELECTS_NOTHING,
	/* But not by what is so for a moment only. */
	SELECTS_LASTING,
	SELECTS_ANY,
};

/* A subcommand; the tool itself is one without a name.  @run gets argv[0]. */
struct command {
	const char *name;
	const char *synopsis;
	const char *summary;
	const char *help;
	const struct option *options;
	enum command_selects selects;
	int (*run)(int argc, char **argv);
};

extern const struct command command_list;
extern const struct command command_info;
extern const struct command command_stop;
extern const struct command command_evict;
extern const struct command command_hold;
extern const struct command command_watch;
extern const struct command command_wait;
extern const struct command command_status;

/* Of two exit codes the one that needs somebody to act sooner. */
int worse(int a, int b);

/* The next option, -1 after the last one.  OPTION_WRONG has been reported. */
int command_option(const struct command *command, int argc, char **argv);

int command_help(const struct command *command);

/* All reports are one line on stderr, and return the exit code. */
__printf(2, 3)
int report_misuse(const struct command *command, const char *format, ...);
__printf(1, 2)
int report_failure(const char *format, ...);

/* Nothing was selected. */
int report_no_match(void);

/* @err is a negative errno of a function in device.h. */
int report_open(int err);
int report_device(const char *about, int err);
int report_session(__u64 cookie, int err);

/* Memory, or the end of the tool: there is nothing it could do without. */
noreturn void out_of_memory(void);
void *xcalloc(size_t count, size_t size);
char *xstrdup(const char *s);
void *xreallocarray(void *p, size_t count, size_t size);
char *xvasprintf(const char *format, va_list args);
__printf(1, 2)
char *xasprintf(const char *format, ...);

#endif
