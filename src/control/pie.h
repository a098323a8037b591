/* pie.h - records as XEP-0227, "portable import/export": accounts with their nodes, and in a
 * namespace of our own what it has no place for: nodes of components, who made a node and when,
 * collections, times of items, events that wait for a digest. Both ways without keeping more than
 * an element. */
#ifndef CONTROL_PIE_H
#define CONTROL_PIE_H

#include "exchange.h"

#include "peppy/buf.h"

#define PIE_NS "urn:xmpp:pie:0"
#define PIE_NS_OWN "urn:peppy:export:1"

/* ---- out: appends to a buffer, which the caller empties ---- */

struct pie_writer;
struct pie_writer *pie_writer_create(struct buf *out);
void pie_write(
	struct pie_writer *writer, const struct exchange_record *record, struct arena *arena);
void pie_writer_end(struct pie_writer *writer);
void pie_writer_destroy(struct pie_writer *writer); /* takes NULL */

/* ---- in ---- */

struct pie_ops {
	bool (*take)(void *ctx, const struct exchange_record *record); /* false: stop */
	int (*open)(void *ctx, const char *path); /* a file that another one includes; -1: errno */
};

struct pie_reader;
struct pie_reader *pie_reader_create(const struct pie_ops *ops, void *ctx);
void pie_reader_destroy(struct pie_reader *reader); /* takes NULL */

/* Reads a file, and what it includes from its folder; fd stays open. false: it is none, or
 * stopped. */
MUST_CHECK bool pie_read(struct pie_reader *reader, int fd, const char *path);

/* Where reading stands or has ended, and why; NULL: it was stopped by take. */
const char *pie_path(const struct pie_reader *reader);
size_t pie_line(const struct pie_reader *reader);
const char *pie_reason(const struct pie_reader *reader);

/* What was passed over, and how often: elements of accounts that are none of ours, fields of
 * configurations that are unknown. *cursor NULL starts. */
bool pie_passed_over(
	struct pie_reader *reader, void **cursor, const char **what_out, size_t *n_out);

#endif
