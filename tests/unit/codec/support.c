/* support.c - reading and writing for the tests of src/codec. */
#include "tests/unit/codec/support.h"

#include <stdlib.h>

int bench_setup(void **state)
{
	struct bench *bench = calloc(1, sizeof *bench);

	bench->arena = arena_create();
	*state = bench;
	return 0;
}

int bench_teardown(void **state)
{
	struct bench *bench = *state;

	arena_destroy(bench->arena);
	buf_finish(&bench->out);
	free(bench);
	return 0;
}

const struct xml_element *bench_read(struct bench *bench, const char *document)
{
	static const struct xml_limits unlimited;

	assert_true(xml_document_parse(
		&unlimited, document, strlen(document), bench->arena, &bench->stanza));
	return bench->stanza.root;
}

enum pubsub_error bench_parse(
	struct bench *bench, codec_parse_fn parse, const char *verb, const char *document)
{
	const struct xml_element *root = bench_read(bench, document);
	const struct xml_element *el = xml_child(root, root->ns, verb);

	assert_non_null(el);
	memset(&bench->request, 0, sizeof bench->request);
	bench->detail = NULL;
	return parse(&bench->stanza, el, &bench->request, &bench->detail);
}

const char *bench_render(struct bench *bench, codec_render_fn render)
{
	struct xml_writer w = xml_writer(&bench->out);

	buf_truncate(&bench->out, 0);
	render(&w, &bench->request, &bench->answer);
	assert_int_equal(w.depth, 0);
	return bench_written(bench);
}

const char *bench_written(struct bench *bench)
{
	return arena_memdup(bench->arena, bench->out.data, bench->out.len);
}

struct jid bench_jid(struct bench *bench, const char *text)
{
	struct jid jid;

	assert_true(jid_parse(text, bench->arena, &jid));
	return jid;
}
