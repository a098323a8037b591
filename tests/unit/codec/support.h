/* support.h - what the tests of src/codec share. */
#ifndef CODEC_SUPPORT_H
#define CODEC_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "peppy/codec.h"

#define PUBSUB(content) "<pubsub xmlns='http://jabber.org/protocol/pubsub'>" content "</pubsub>"
#define OWNER(content)                                                                             \
	"<pubsub xmlns='http://jabber.org/protocol/pubsub#owner'>" content "</pubsub>"
#define EVENT(content) "<event xmlns='http://jabber.org/protocol/pubsub#event'>" content "</event>"
#define SET(content) "<set xmlns='http://jabber.org/protocol/rsm'>" content "</set>"

/* A form as clients submit it; kind is the end of its FORM_TYPE. */
#define SUBMIT(kind, fields)                                                                       \
	"<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE' type='hidden'>"             \
	"<value>http://jabber.org/protocol/pubsub#" kind "</value></field>" fields "</x>"
#define FIELD(name, value) "<field var='pubsub#" name "'><value>" value "</value></field>"

/* One test: a request as it was read, an answer to be written, what was written. */
struct bench {
	struct arena *arena;
	struct buf out;
	struct xml_stanza stanza;
	struct pubsub_request request;
	struct pubsub_answer answer;
	const char *detail;
};

int bench_setup(void **state);
int bench_teardown(void **state);

/* The root of a document; the test fails if it is none. */
const struct xml_element *bench_read(struct bench *bench, const char *document);

/* Parses the verb, the first child so called of the <pubsub/> in document, into bench->request. */
enum pubsub_error bench_parse(
	struct bench *bench, codec_parse_fn parse, const char *verb, const char *document);

/* What the function writes; good until the next call. */
const char *bench_render(struct bench *bench, codec_render_fn render);

/* What was written into bench->out by hand. */
const char *bench_written(struct bench *bench);

/* A prepared JID. */
struct jid bench_jid(struct bench *bench, const char *text);

#define bench_test(test) cmocka_unit_test_setup_teardown(test, bench_setup, bench_teardown)

#endif
