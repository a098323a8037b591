/* keep.c - finds the whole stanzas in what a lost stream has left. Where they end is not noted
 * while they are sent: the parser finds it out now. */
#include "wire/keep.h"

#include <stdlib.h>
#include <string.h>

#include "peppy/memory.h"
#include "peppy/xml.h"

#define HEADER                                                                                     \
	"<stream:stream xmlns='jabber:component:accept' "                                          \
	"xmlns:stream='http://etherx.jabber.org/streams'>"

static void copy_out(const struct output *output, uint64_t from, uint64_t to, char *out)
{
	while (from < to) {
		size_t len;
		const char *bytes = output_at(output, from, &len);

		if (len > to - from)
			len = (size_t)(to - from);
		memcpy(out, bytes, len);
		out += len;
		from += len;
	}
}

/* Where the first stanza of the run starts that ends behind what was taken. */
static uint64_t first_not_taken(const struct output *lost, const struct output_run *run)
{
	static const struct xml_limits unlimited = {0};
	struct xml_parser *parser = xml_parser_create(&unlimited, HEADER, sizeof HEADER - 1);
	size_t len = (size_t)(run->end - run->start);
	struct xml_stanza stanza;
	uint64_t start = run->start;

	copy_out(lost, run->start, run->end, xml_parser_space(parser, len));
	xml_parser_filled(parser, len);
	while (xml_parser_next(parser, &stanza) == XML_STANZA && start + stanza.len <= lost->taken)
		start += stanza.len;
	xml_parser_destroy(parser);
	return start;
}

static void move_run(const struct output *from, uint64_t start, uint64_t end, struct output *to)
{
	size_t len = (size_t)(end - start);
	char *bytes = memory_resize(NULL, len);

	copy_out(from, start, end, bytes);
	output_append(to, bytes, len, true);
	free(bytes);
}

size_t keep_lost(const struct output *lost, struct output *kept, size_t most)
{
	size_t left_out = 0;

	for (size_t i = 0; i < lost->run_count; i++) {
		const struct output_run *run = &lost->runs[i];
		uint64_t start = run->start < lost->taken ? first_not_taken(lost, run) : run->start;

		if (kept->queued <= most)
			move_run(lost, start, run->end, kept);
		else
			left_out += (size_t)(run->end - start);
	}
	return left_out;
}

void keep_resume(struct output *kept, struct output *output)
{
	for (size_t i = 0; i < kept->run_count; i++)
		move_run(kept, kept->runs[i].start, kept->runs[i].end, output);
	output_clear(kept);
}
