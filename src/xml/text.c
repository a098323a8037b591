/* text.c - which texts XML can carry. */
#include <stdint.h>

#include "peppy/array.h"
#include "peppy/xml.h"

struct lead {                     /* of a UTF-8 sequence */
	unsigned char mask, bits; /* bits are what mask leaves of the first byte */
	unsigned len;             /* of the sequence */
	uint32_t smallest;        /* less would have fitted a shorter sequence */
};

static const struct lead leads[] = {
	{0x80, 0x00, 1, 0x00},
	{0xe0, 0xc0, 2, 0x80},
	{0xf0, 0xe0, 3, 0x800},
	{0xf8, 0xf0, 4, 0x10000},
};

static const struct lead *find_lead(unsigned char byte)
{
	for (size_t i = 0; i < ARRAY_COUNT(leads); i++)
		if ((byte & leads[i].mask) == leads[i].bits)
			return &leads[i];
	return NULL;
}

/* The character at *text, which moves behind it; 0 if there is no well-formed one. */
static uint32_t next_char(const unsigned char **text)
{
	const unsigned char *at = *text;
	const struct lead *lead = find_lead(*at);
	uint32_t c;

	if (lead == NULL)
		return 0;
	c = *at++ & (unsigned char)~lead->mask;
	for (unsigned i = 1; i < lead->len; i++, at++) {
		if ((*at & 0xc0) != 0x80) /* the final NUL ends up here too */
			return 0;
		c = c << 6 | (*at & 0x3f);
	}
	*text = at;
	return c >= lead->smallest ? c : 0;
}

static bool is_xml_char(uint32_t c) /* XML 1.0, production 2 */
{
	return c == 0x9 || c == 0xa || c == 0xd || (c >= 0x20 && c <= 0xd7ff) ||
	       (c >= 0xe000 && c <= 0xfffd) || (c >= 0x10000 && c <= 0x10ffff);
}

bool xml_text_is_valid(const char *text)
{
	const unsigned char *at = (const unsigned char *)text;

	while (*at != '\0')
		if (!is_xml_char(next_char(&at)))
			return false;
	return true;
}
