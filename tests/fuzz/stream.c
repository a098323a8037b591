/* The laws of a stream: what it gives does not depend on how it is cut, every element of it can be
 * taken out without changing what it means, and its names are what expat resolves them to.
 * Input: a byte for the size of the pieces, a byte for the limits, what follows the header. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "peppy/array.h"
#include "peppy/xml.h"
#include "unit/xml/reference.h"
#include "unit/xml/support.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct xml_limits limits[] = {
	{0, 0, 0, 0},
	{.stanza_bytes = 64},
	{.depth = 3},
	{.elements = 4},
	{.attributes = 2},
	{200, 8, 12, 4},
};

static void assert_copies(const struct xml_limits *limit, const char *stream, size_t len)
{
	struct xml_parser *parser = parser_fed(limit, "");
	const struct xml_element *el;
	struct xml_stanza stanza;

	feed(parser, stream, len);
	while (xml_parser_next(parser, &stanza) == XML_STANZA)
		for (el = stanza.root; !stanza.oversized && el != NULL; el = next_in_document(el))
			check_copy(&stanza, el);
	xml_parser_destroy(parser);
}

static void assert_reads_alike(
	const struct xml_limits *limit, const char *stream, size_t len, struct reading reading)
{
	const struct reading whole = {.first = len};
	struct buf expected = {0}, dump = {0};
	enum xml_event event = read_stream(limit, stream, len, whole, &expected);
	enum xml_event other = read_stream(limit, stream, len, reading, &dump);

	/* a fault in a long tag that is cut off may be told later */
	assert(other == event || (event == XML_BROKEN && other == XML_MORE && len > 1024));
	assert(dump.len == expected.len);
	assert(dump.len == 0 || memcmp(dump.data, expected.data, dump.len) == 0);
	buf_finish(&expected);
	buf_finish(&dump);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *stream = (const char *)data + 2;
	const struct xml_limits *limit;
	size_t len = size - 2, piece;

	if (size < 2 || size > 4096)
		return 0;
	limit = &limits[data[1] % ARRAY_COUNT(limits)];
	piece = data[0] + 1;
	assert_reads_alike(limit, stream, len, (struct reading){1, 1, false});
	assert_reads_alike(limit, stream, len, (struct reading){piece, piece, false});
	assert_reads_alike(limit, stream, len, (struct reading){piece, len, true});
	assert_copies(limit, stream, len);
	check_stream_names(stream, len);
	check_document_names(stream, len);
	return 0;
}
