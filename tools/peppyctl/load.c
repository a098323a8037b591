/* load.c - files of lines of JSON, or of XEP-0227, into the store. All are read twice: to check
 * them, then to write. All of it is loaded or nothing: what does not fit into one transaction goes
 * into a copy of the store, which takes its place when it is whole. */
#include "peppyctl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "control/exchange.h"
#include "control/pie.h"
#include "peppy/clock.h"
#include "peppy/memory.h"
#include "peppy/store_upkeep.h"

#define RECORDS_PER_TRANSACTION 1000
#define NOTHING "nothing was loaded"

struct input {
	const char *path;
	FILE *file;
	bool is_xml;
};

struct loading {
	struct exchange_load load;
	struct tool *tool;
	struct store *store;
	struct input *inputs;
	size_t input_n;
	json_t *passed_over;
	uint64_t records; /* of all files, once they are known */
	bool failed;      /* why has been said */
	enum pubsub_error err;
};

static void say_why(struct loading *loading, const char *path, size_t line, const char *why)
{
	if (loading->load.why != NULL)
		why = loading->load.why;
	else if (why == NULL)
		why = error_text(loading->err);
	complain(0, "%s: line %zu: %s: " NOTHING, path, line, why);
	loading->failed = true;
}

/* A transaction may be done with: what was written in it is committed. */
static enum pubsub_error step(struct loading *loading)
{
	struct exchange_load *load = &loading->load;
	enum pubsub_error err;

	if (!load->writes || load->records % RECORDS_PER_TRANSACTION != 0)
		return PUBSUB_OK;
	err = store_commit(load->txn);
	load->txn = NULL;
	return err == PUBSUB_OK ? store_begin(loading->store, STORE_WRITE, &load->txn) : err;
}

static bool take_record(void *ctx, const struct exchange_record *record)
{
	struct loading *loading = ctx;

	loading->err = exchange_take(&loading->load, record);
	if (loading->err == PUBSUB_OK)
		loading->err = step(loading);
	progress_show(loading->load.writes ? "loading" : "checking", loading->load.records,
		loading->records);
	return loading->err == PUBSUB_OK;
}

/* ---- lines of JSON ---- */

struct lines {
	struct loading *loading;
	struct arena *arena; /* of one line */
	size_t line;
	bool ended;
};

/* NULL: all is well, or loading->err says what is not. */
static const char *take_object(struct lines *lines, const json_t *object)
{
	struct exchange_record record;
	const char *why = NULL;

	if (lines->ended)
		return "there is something behind the end";
	if (lines->line == 1)
		return lines_is_head(object) ? NULL : "this is not an export from peppy";
	if (lines_is_tail(object)) {
		lines->ended = true;
		return NULL;
	}
	why = lines_parse(object, lines->arena, &record);
	if (why == NULL)
		take_record(lines->loading, &record);
	return why;
}

static bool take_line(struct lines *lines, const struct input *input, const char *text, size_t len)
{
	json_error_t reason;
	json_t *object = json_loadb(text, len, JSON_REJECT_DUPLICATES, &reason);
	const char *why;

	arena_reset(lines->arena);
	why = object == NULL ? reason.text : take_object(lines, object);
	json_decref(object);
	if (why == NULL && lines->loading->err == PUBSUB_OK)
		return true;
	say_why(lines->loading, input->path, lines->line, why);
	return false;
}

static void read_lines(struct lines *lines, const struct input *input)
{
	char *text = NULL;
	size_t size = 0;
	ssize_t len;
	bool good = true;

	while (good && (len = getline(&text, &size, input->file)) > 0) {
		lines->line++;
		good = take_line(lines, input, text, (size_t)len);
	}
	free(text);
	if (good && !lines->ended)
		say_why(lines->loading, input->path, lines->line,
			"the end is missing: the file was cut off");
}

static void take_lines(struct loading *loading, const struct input *input)
{
	struct lines lines = {.loading = loading, .arena = arena_create()};

	rewind(input->file);
	read_lines(&lines, input);
	arena_destroy(lines.arena);
}

/* ---- XEP-0227 ---- */

/* As who started us: whoever owns the store may not read the files. */
static int open_included(void *ctx, const char *path)
{
	const struct loading *loading = ctx;
	int fd, error;

	become_self();
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	error = errno;
	if (!become_owner(loading->tool->store_path))
		exit(EX_NOPERM);
	errno = error;
	return fd;
}

static void note_passed_over(struct loading *loading, struct pie_reader *reader)
{
	void *cursor = NULL;
	const char *what;
	size_t n;

	while (pie_passed_over(reader, &cursor, &what, &n)) {
		json_t *before = json_object_get(loading->passed_over, what);

		json_object_set_new(loading->passed_over, what,
			json_integer(json_integer_value(before) + (json_int_t)n));
	}
}

static void take_pie(struct loading *loading, const struct input *input)
{
	static const struct pie_ops ops = {take_record, open_included};
	struct pie_reader *reader = pie_reader_create(&ops, loading);
	const int fd = fileno(input->file);

	if (lseek(fd, 0, SEEK_SET) != 0 || !pie_read(reader, fd, input->path))
		say_why(loading, pie_path(reader), pie_line(reader), pie_reason(reader));
	else if (!loading->load.writes)
		note_passed_over(loading, reader);
	pie_reader_destroy(reader);
}

/* ---- both passes ---- */

/* All files, in transactions of this mode. */
static bool pass(struct loading *loading, enum store_mode mode)
{
	struct exchange_load *load = &loading->load;

	loading->err = store_begin(loading->store, mode, &load->txn);
	load->writes = mode == STORE_WRITE;
	load->records = 0;
	for (size_t i = 0; i < loading->input_n && loading->err == PUBSUB_OK && !loading->failed;
		i++)
		(loading->inputs[i].is_xml ? take_pie : take_lines)(loading, &loading->inputs[i]);
	if (loading->err == PUBSUB_OK && !loading->failed && mode == STORE_WRITE)
		loading->err = store_commit(load->txn);
	else
		store_abort(load->txn);
	load->txn = NULL;
	progress_end();
	return loading->err == PUBSUB_OK && !loading->failed;
}

static void report(const struct loading *loading)
{
	json_t *object = json_pack("{s:I}", "records", (json_int_t)loading->load.records);

	if (loading->load.keeps)
		json_object_set_new(
			object, "nodes_kept", json_integer((json_int_t)loading->load.kept));
	if (json_object_size(loading->passed_over) > 0)
		json_object_set(object, "passed_over", loading->passed_over);
	if (loading->tool->json)
		print_json(object);
	else
		print_object(object);
	json_decref(object);
}

static int finish(struct loading *loading, bool good)
{
	if (good) {
		report(loading);
		return 0;
	}
	if (!loading->failed)
		complain(0, "%s: " NOTHING, error_text(loading->err));
	return loading->err == PUBSUB_OK || loading->err == PUBSUB_ERR_BAD_REQUEST ? EX_DATAERR
										   : EX_IOERR;
}

/* What was written beside the store takes its place. */
static enum pubsub_error move_in(struct loading *loading, const char *aside)
{
	struct store *copy = NULL;
	enum pubsub_error err = store_open_any(aside, &copy);

	if (err == PUBSUB_OK)
		err = copy_watched(loading->tool, copy, loading->tool->store_path, store_restore);
	store_close(copy);
	return err;
}

/* Writes into a copy of the store. Until the end somebody may kill us, or the disk be full. */
static bool write_aside(struct loading *loading)
{
	struct tool *tool = loading->tool;
	const char *aside = arena_printf(tool->arena, "%s/loading", tool->store_path);
	const struct store_options opt = {
		.path = aside, .max_bytes = tool->store_bytes, .relaxed = true};
	struct store *store = loading->store;
	bool good;

	store_discard(aside); /* of an attempt that was killed */
	loading->err = copy_watched(tool, store, aside, store_copy);
	if (loading->err == PUBSUB_OK)
		loading->err = store_open(&opt, &loading->store);
	good = loading->err == PUBSUB_OK && pass(loading, STORE_WRITE);
	if (loading->store != store)
		store_close(loading->store);
	store_close(store);
	loading->store = NULL;
	if (good)
		loading->err = move_in(loading, aside);
	store_discard(aside);
	return good && loading->err == PUBSUB_OK;
}

static int load(struct loading *loading)
{
	bool good;
	int status;

	exchange_load_init(&loading->load, clock_wall_us());
	loading->load.keeps = json_is_true(json_object_get(loading->tool->args, "keep"));
	loading->passed_over = json_object();
	good = pass(loading, STORE_READ);
	loading->records = loading->load.records;
	if (good)
		good = loading->records < RECORDS_PER_TRANSACTION ? pass(loading, STORE_WRITE)
								  : write_aside(loading);
	status = finish(loading, good);
	json_decref(loading->passed_over);
	exchange_load_finish(&loading->load);
	return status;
}

/* ---- files ---- */

static int open_input(struct input *input, const char *path)
{
	int c;

	input->path = path;
	input->file = fopen(path, "re");
	if (input->file == NULL)
		return complain(EX_NOINPUT, "%s: %s", path, strerror(errno));
	if (fseek(input->file, 0, SEEK_END) != 0)
		return complain(
			EX_NOINPUT, "%s: must be a regular file, because it is read twice", path);
	rewind(input->file);
	do
		c = getc(input->file);
	while (c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == 0xef || c == 0xbb ||
		c == 0xbf);
	input->is_xml = c == '<';
	if (c == EOF)
		return complain(EX_DATAERR, "%s: the file is empty", path);
	return 0;
}

static int open_inputs(struct loading *loading, struct tool *tool)
{
	int status = 0;

	loading->input_n = (size_t)tool->word_count + 1;
	loading->inputs = memory_alloc(loading->input_n * sizeof *loading->inputs);
	for (size_t i = 0; i < loading->input_n && status == 0; i++)
		status = open_input(&loading->inputs[i],
			i == 0 ? json_string_value(json_object_get(tool->args, "file"))
			       : tool->words[i - 1]);
	return status;
}

static void close_inputs(struct loading *loading)
{
	for (size_t i = 0; i < loading->input_n; i++)
		if (loading->inputs[i].file != NULL)
			fclose(loading->inputs[i].file);
	free(loading->inputs);
}

static int open_and_load(struct loading *loading, struct tool *tool)
{
	const struct store_options opt = {.path = tool->store_path, .max_bytes = tool->store_bytes};

	if (!become_owner(tool->store_path))
		return EX_NOPERM;
	return store_open(&opt, &loading->store) == PUBSUB_OK ? load(loading) : EX_IOERR;
}

int run_load(struct tool *tool)
{
	struct loading loading = {.tool = tool};
	int status = open_inputs(&loading, tool);

	if (status == 0)
		status = ask_find_store(tool);
	if (status == 0)
		status = open_and_load(&loading, tool);
	store_close(loading.store);
	close_inputs(&loading);
	return status;
}
