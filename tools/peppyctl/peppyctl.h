/* peppyctl.h - the operator's tool: what its files share. It asks a running peppyd by its control
 * socket (include/peppy/control.h), and reads the store of one that need not run. */
#ifndef PEPPYCTL_H
#define PEPPYCTL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <jansson.h>

#include "peppy/arena.h"
#include "peppy/attributes.h"
#include "peppy/error.h"

#define EXIT_REFUSED 1 /* understood, but it cannot be done; or a check found something */
#define OPERANDS_MAX 4

struct verb;

struct tool {
	struct arena *arena;
	const struct verb *verb;
	const char *conf_path; /* NULL: the usual one */
	const char *socket_path;
	const char *store_path;
	uint64_t store_bytes; /* how large it may grow */
	bool json;
	json_t *args;   /* for the daemon, from options and words */
	json_t *fields; /* KEY=VALUE, from words and -o */
	char **words;   /* behind the verb's name */
	int word_count;
	FILE *to, *from; /* the daemon; NULL: not asked yet */
};

/* A command of the shell. Its name is that of the daemon's command, if it is one of those. */
struct verb {
	const char *name;
	const char *synopsis;
	const char *purpose;
	int (*run)(struct tool *tool);      /* returns the exit status */
	const char *operands[OPERANDS_MAX]; /* arguments that words stand for, in their order */
	unsigned required;                  /* so many of them have to be there */
	const char *fields;  /* the argument that KEY=VALUE make; NULL: it takes none */
	const char *rows;    /* the member of the result that is a list; NULL: it is none */
	const char *columns; /* of the list, divided by commas */
};

/* ---- words.c ---- */

/* Words behind the verb to args and fields. 0, or an exit status after saying what is wrong. */
int words_take(struct tool *tool);

/* KEY=VALUE: a key given twice makes a list, an empty value clears. false: it is none. */
bool words_take_field(struct tool *tool, const char *text);

/* ---- ask.c ---- */

/* Where the store is, from the configuration file unless an option said so. 0, or an exit status
 * after saying what is wrong. */
int ask_find_store(struct tool *tool);

/* Sends the verb's command with tool->args. 0: *result_out is the caller's. */
int ask(struct tool *tool, json_t **result_out);

/* The same with another command. */
int ask_command(struct tool *tool, const char *command, json_t **result_out);

/* ---- print.c ---- */

/* Text for a terminal: what might command it is shown as \xNN. */
void print_text(const char *text);

/* A member that is a text; "": it is none. */
const char *text_of(const json_t *object, const char *key);

/* Rows of objects; columns NULL: those of the first row. goes_on: of the same table as before. */
void print_table(const json_t *rows, const char *columns, bool goes_on);
void print_object(const json_t *object);

/* One line of JSON. */
void print_json(const json_t *value);

/* "peppyctl: ..." on standard error. Returns status. */
int complain(int status, const char *format, ...) PRINTF_LIKE(2, 3);

/* ---- what verbs do ---- */

int run_ask(struct tool *tool);     /* asks and prints */
int run_publish(struct tool *tool); /* payload from a file */
int run_show(struct tool *tool);    /* an item's payload as it is */
int run_check(struct tool *tool);
int run_explain(struct tool *tool); /* exit status 1: he does not hear */
int run_erase(struct tool *tool);
int run_accounts(struct tool *tool); /* again until nothing is left */
int run_metrics(struct tool *tool);
int run_watch(struct tool *tool);
int run_top(struct tool *tool);
int run_backup(struct tool *tool);
int run_restore(struct tool *tool);
int run_fsck(struct tool *tool);
int run_export(struct tool *tool);
int run_load(struct tool *tool);
int run_account_export(struct tool *tool);

/* ---- store.c ---- */

/* Opens a store for reading, as the user whose folder it is: root shall not follow what others put
 * there. NULL: why has been said. */
struct store *open_store(const char *path);

/* store_copy or store_restore, shown as it goes on. */
enum pubsub_error copy_watched(struct tool *tool, struct store *store, const char *path,
	enum pubsub_error (*copy)(struct store *store, const char *path));

/* As whose folder this is, or as who started us. */
bool become_owner(const char *path);
void become_self(void);

/* ---- progress.c ---- */

/* What takes longer than a second is shown on a terminal; of 0: how much there is is not known.
 * Whatever is said ends it first. */
void progress_show(const char *doing, uint64_t done, uint64_t of);
void progress_end(void);

#endif
