/* export.c - what a store holds as lines of JSON or as XEP-0227. */
#include "peppyctl.h"

#include <errno.h>
#include <string.h>
#include <sysexits.h>

#include "control/exchange.h"
#include "control/pie.h"
#include "peppy/array.h"
#include "peppy/jid.h"

#define BLOCK_BYTES ((size_t)64 * 1024)

struct exporting {
	struct arena *arena; /* of one record */
	uint64_t records;
	struct pie_writer *pie;
	struct buf out;
};

static bool progress(struct exporting *exporting)
{
	progress_show("exporting", ++exporting->records, 0);
	arena_reset(exporting->arena);
	return !ferror(stdout);
}

/* ---- the formats ---- */

static void print_line(json_t *object)
{
	print_json(object);
	json_decref(object);
}

static void begin_lines(struct exporting *exporting)
{
	(void)exporting;
	print_line(lines_head());
}

static bool put_line(void *ctx, const struct exchange_record *record)
{
	struct exporting *exporting = ctx;
	json_t *object = lines_render(record, exporting->arena);

	if (object == NULL)
		return true;
	print_line(object);
	return progress(exporting);
}

static void end_lines(struct exporting *exporting)
{
	print_line(lines_tail(exporting->records));
}

static void flush_pie(struct exporting *exporting)
{
	fwrite(exporting->out.data, 1, exporting->out.len, stdout);
	buf_truncate(&exporting->out, 0);
}

static void begin_pie(struct exporting *exporting)
{
	exporting->pie = pie_writer_create(&exporting->out);
}

static bool put_pie(void *ctx, const struct exchange_record *record)
{
	struct exporting *exporting = ctx;

	pie_write(exporting->pie, record, exporting->arena);
	if (exporting->out.len >= BLOCK_BYTES)
		flush_pie(exporting);
	return progress(exporting);
}

static void end_pie(struct exporting *exporting)
{
	pie_writer_end(exporting->pie);
	flush_pie(exporting);
}

static const struct format {
	const char *name;
	void (*begin)(struct exporting *exporting);
	exchange_emit_fn put;
	void (*end)(struct exporting *exporting);
} formats[] = {
	{"json", begin_lines, put_line, end_lines},
	{"xep-0227", begin_pie, put_pie, end_pie},
};

static const struct format *find_format(const struct tool *tool)
{
	const char *name = json_string_value(json_object_get(tool->args, "format"));

	for (size_t i = 0; i < ARRAY_COUNT(formats); i++)
		if (name == NULL || strcmp(name, formats[i].name) == 0)
			return &formats[i];
	complain(0, "--format is json or xep-0227, not '%s'", name);
	return NULL;
}

/* ---- all of it ---- */

/* person NULL: everything. What lacks its end is not taken for whole. */
static enum pubsub_error put_all(struct exporting *exporting, const struct format *format,
	struct store_txn *txn, const char *person)
{
	enum pubsub_error err;

	format->begin(exporting);
	err = person == NULL ? exchange_all(txn, format->put, exporting)
			     : exchange_person(txn, person, format->put, exporting);
	if (err == PUBSUB_OK)
		format->end(exporting);
	return err;
}

static enum pubsub_error export_from(
	struct store *store, const struct format *format, const char *person)
{
	struct exporting exporting = {.arena = arena_create()};
	struct store_txn *txn;
	enum pubsub_error err = store_begin(store, STORE_READ, &txn);

	if (err == PUBSUB_OK) {
		err = put_all(&exporting, format, txn, person);
		store_abort(txn);
	}
	progress_end();
	pie_writer_destroy(exporting.pie);
	buf_finish(&exporting.out);
	arena_destroy(exporting.arena);
	return err;
}

static int export(const char *path, const struct format *format, const char *person)
{
	struct store *store = open_store(path);
	enum pubsub_error err;

	if (store == NULL)
		return EX_NOINPUT;
	err = export_from(store, format, person);
	store_close(store);
	if (err != PUBSUB_OK)
		return complain(EX_IOERR, "the export is incomplete: %s", error_text(err));
	if (fflush(stdout) != 0 || ferror(stdout))
		return complain(EX_IOERR, "the export is incomplete: %s", strerror(errno));
	return 0;
}

int run_export(struct tool *tool)
{
	const char *path = json_string_value(json_object_get(tool->args, "dir"));
	const struct format *format = find_format(tool);
	int status = path != NULL ? 0 : ask_find_store(tool);

	if (format == NULL)
		return EX_USAGE;
	return status != 0 ? status : export(path != NULL ? path : tool->store_path, format, NULL);
}

int run_account_export(struct tool *tool)
{
	const char *text = json_string_value(json_object_get(tool->args, "jid"));
	int status = ask_find_store(tool);
	struct jid jid;

	if (status != 0)
		return status;
	if (!jid_parse(text, tool->arena, &jid))
		return complain(EX_USAGE, "'%s' is not a JID", text);
	return export(tool->store_path, &formats[0], jid.bare);
}
