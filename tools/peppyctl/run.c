/* run.c - verbs that ask the daemon one thing. */
#include "peppyctl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "peppy/buf.h"

#define PAYLOAD_MAX (64 * 1024 * 1024)

static void print_rows(const struct tool *tool, const json_t *rows)
{
	const bool goes_on = json_object_get(tool->args, "after") != NULL;

	if (!tool->json)
		print_table(rows, tool->verb->columns, goes_on);
	if (!tool->json && !goes_on && json_array_size(rows) == 0)
		fprintf(stderr, "no %s\n", tool->verb->rows);
	for (size_t i = 0; tool->json && i < json_array_size(rows); i++)
		print_json(json_array_get(rows, i));
}

static void print_result(const struct tool *tool, const json_t *result)
{
	if (tool->verb->rows != NULL)
		print_rows(tool, json_object_get(result, tool->verb->rows));
	else if (tool->json)
		print_json(result);
	else
		print_object(result);
}

/* A list is read page by page, unless one page was asked for: where the next one starts is told. */
static bool go_on(struct tool *tool, const json_t *result)
{
	json_t *next = json_object_get(result, "next");

	if (tool->verb->rows == NULL || next == NULL)
		return false;
	if (json_object_get(tool->args, "limit") == NULL) {
		json_object_set(tool->args, "after", next);
		return !ferror(stdout);
	}
	if (json_is_string(next))
		complain(0, "there is more: --after '%s'", json_string_value(next));
	return false;
}

int run_ask(struct tool *tool)
{
	bool more = true;
	int status = 0;

	while (more && status == 0) {
		json_t *result;

		status = ask(tool, &result);
		if (status == 0) {
			print_result(tool, result);
			more = go_on(tool, result);
		}
		json_decref(result);
	}
	return status;
}

/* Byte by byte for a program; a terminal would take some of them for commands. */
static void print_payload(struct arena *arena, const char *payload)
{
	char *line, *rest = arena_strdup(arena, payload);

	if (!isatty(STDOUT_FILENO)) {
		puts(payload);
		return;
	}
	while ((line = strsep(&rest, "\n")) != NULL) {
		print_text(line);
		putchar('\n');
	}
}

int run_show(struct tool *tool)
{
	json_t *result;
	const char *payload;
	int status = ask(tool, &result);

	if (status != 0)
		return status;
	payload = json_string_value(json_object_get(result, "payload"));
	if (tool->json)
		print_json(result);
	else if (payload != NULL)
		print_payload(tool->arena, payload);
	json_decref(result);
	return 0;
}

/* ---- explain ---- */

static void print_reasons(const json_t *result)
{
	const json_t *reasons = json_object_get(result, "reasons");
	const char *jid = json_string_value(json_object_get(result, "jid"));

	print_text(jid);
	puts(json_is_true(json_object_get(result, "hears")) ? " is notified:"
							    : " is not notified:");
	for (size_t i = 0; i < json_array_size(reasons); i++) {
		fputs("  ", stdout);
		print_text(json_string_value(json_array_get(reasons, i)));
		putchar('\n');
	}
}

int run_explain(struct tool *tool)
{
	json_t *result;
	bool hears;
	int status = ask(tool, &result);

	if (status != 0)
		return status;
	hears = json_is_true(json_object_get(result, "hears"));
	if (tool->json)
		print_json(result);
	else
		print_reasons(result);
	json_decref(result);
	return hears ? 0 : EXIT_REFUSED;
}

/* ---- accounts ---- */

#define ROUNDS_MAX 30 /* a second each, until servers have told all contact lists */

/* About how many accounts a server had to be asked, on all pages. */
static int count_asked(struct tool *tool, json_int_t *asked_out)
{
	bool more = true;
	int status = 0;

	*asked_out = 0;
	while (more && status == 0) {
		json_t *result, *next;

		status = ask(tool, &result);
		*asked_out += json_integer_value(json_object_get(result, "asked"));
		next = json_object_get(result, "next");
		more = next != NULL;
		if (more)
			json_object_set(tool->args, "after", next);
		json_decref(result);
	}
	json_object_del(tool->args, "after");
	return status;
}

int run_accounts(struct tool *tool)
{
	const struct timespec pause = {.tv_sec = 1};
	json_int_t asked = 0;
	int status = 0;

	if (json_object_get(tool->args, "gone") != NULL &&
		json_object_get(tool->args, "after") == NULL)
		status = count_asked(tool, &asked);
	for (int i = 0; status == 0 && asked > 0 && i < ROUNDS_MAX; i++) {
		(void)nanosleep(&pause, NULL);
		status = count_asked(tool, &asked);
	}
	return status == 0 ? run_ask(tool) : status;
}

/* ---- erase ---- */

#define ERASE_PAUSE_NS 20000000

/* peppyd does it to the end, whatever becomes of us. */
int run_erase(struct tool *tool)
{
	const struct timespec pause = {.tv_nsec = ERASE_PAUSE_NS};
	json_t *result;
	int status = ask(tool, &result);

	json_object_set_new(tool->args, "begun", json_true());
	while (status == 0 && json_is_true(json_object_get(result, "more"))) {
		progress_show("erasing",
			(uint64_t)json_integer_value(json_object_get(result, "nodes")), 0);
		json_decref(result);
		(void)nanosleep(&pause, NULL);
		status = ask(tool, &result);
	}
	progress_end();
	if (status != 0)
		return status;
	json_object_del(result, "more");
	print_result(tool, result);
	json_decref(result);
	return 0;
}

/* ---- publish ---- */

static int read_all(FILE *file, struct buf *out)
{
	size_t n;

	do {
		n = fread(buf_reserve(out, 65536), 1, 65536, file);
		out->len += n;
	} while (n > 0 && out->len <= PAYLOAD_MAX);
	return ferror(file) ? -1 : 0;
}

static int read_file(const char *path, struct buf *out)
{
	FILE *file = path == NULL || strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	int rc = file == NULL ? -1 : read_all(file, out);

	if (rc != 0)
		complain(0, "%s: %s", path == NULL ? "standard input" : path, strerror(errno));
	if (file != NULL && file != stdin)
		fclose(file);
	return rc == 0 ? 0 : EX_NOINPUT;
}

int run_publish(struct tool *tool)
{
	const char *path = tool->word_count > 0 ? tool->words[0] : NULL;
	struct buf payload = {0};
	json_t *value;
	int status;

	if (tool->word_count > 1)
		return complain(
			EX_USAGE, "usage: peppyctl %s %s", tool->verb->name, tool->verb->synopsis);
	status = read_file(path, &payload);
	value = json_stringn(payload.data == NULL ? "" : payload.data, payload.len);
	buf_finish(&payload);
	if (status == 0 && value == NULL)
		status = complain(EX_DATAERR, "the payload is not UTF-8");
	if (status != 0 || json_string_length(value) == 0) {
		json_decref(value); /* an empty payload is none */
	} else {
		json_object_set_new(tool->args, "payload", value);
	}
	return status == 0 ? run_ask(tool) : status;
}
