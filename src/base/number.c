#include "peppy/number.h"

bool number_take(const char **text, uint64_t max, uint64_t *out)
{
	const char *c = *text;
	uint64_t n = 0;

	for (; *c >= '0' && *c <= '9'; c++) {
		uint64_t digit = (uint64_t)(*c - '0');

		if (digit > max || n > (max - digit) / 10)
			return false;
		n = 10 * n + digit;
	}
	if (c == *text)
		return false;
	*text = c;
	*out = n;
	return true;
}

bool number_parse(const char *text, uint32_t max, uint32_t *out)
{
	uint64_t n;

	if (!number_take(&text, max, &n) || *text != '\0')
		return false;
	*out = (uint32_t)n;
	return true;
}
