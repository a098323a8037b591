#include "scan.h"

#include <string.h>

static bool ends_stanza(struct scanner *scanner, const char *tag, size_t tag_len)
{
	if (tag[1] == '/') {
		if (scanner->depth > 0)
			scanner->depth--;
		return scanner->depth == 0;
	}
	if (scanner->depth == 0)
		scanner->tag_len = tag_len;
	if (tag[tag_len - 2] != '/')
		scanner->depth++;
	return scanner->depth == 0;
}

bool scan_next(struct scanner *scanner, const char *data, size_t len, struct stanza *out)
{
	while (scanner->next < len) {
		const char *tag = memchr(data + scanner->next, '<', len - scanner->next);
		const char *end = tag == NULL ? NULL : memchr(tag, '>', (size_t)(data + len - tag));

		scanner->next = tag == NULL ? len : (size_t)(tag - data);
		if (end == NULL)
			return false;
		if (scanner->depth == 0)
			scanner->start = scanner->next;
		scanner->next = (size_t)(end + 1 - data);
		if (ends_stanza(scanner, tag, (size_t)(end + 1 - tag))) {
			out->bytes.at = data + scanner->start;
			out->bytes.len = scanner->next - scanner->start;
			out->tag = (struct slice){out->bytes.at, scanner->tag_len};
			scanner->start = scanner->next;
			return true;
		}
	}
	return false;
}

struct slice scan_tag(struct slice bytes, const char *name)
{
	const char *end = bytes.at + bytes.len;
	size_t name_len = strlen(name);

	for (const char *at = bytes.at; at != NULL && at < end; at++) {
		const char *close;

		at = memmem(at, (size_t)(end - at), name, name_len);
		if (at == NULL)
			break;
		close = memchr(at, '>', (size_t)(end - at));
		if (close != NULL && at > bytes.at && at[-1] == '<' &&
			strchr(" />", at[name_len]) != NULL)
			return (struct slice){at - 1, (size_t)(close + 2 - at)};
	}
	return (struct slice){NULL, 0};
}

struct slice scan_attr(struct slice tag, const char *name)
{
	const char *at = tag.at, *end = tag.at + tag.len;
	size_t name_len = strlen(name);

	while (at != NULL && (at = memchr(at, '=', (size_t)(end - at))) != NULL) {
		const char *close =
			at + 1 < end ? memchr(at + 2, at[1], (size_t)(end - at - 2)) : NULL;

		if (close == NULL)
			break;
		if ((size_t)(at - tag.at) > name_len && at[-(ptrdiff_t)name_len - 1] == ' ' &&
			memcmp(at - name_len, name, name_len) == 0)
			return (struct slice){at + 2, (size_t)(close - at - 2)};
		at = close + 1;
	}
	return (struct slice){NULL, 0};
}

bool scan_is(struct slice slice, const char *text)
{
	return slice.len == strlen(text) && memcmp(slice.at, text, slice.len) == 0;
}

bool scan_begins(struct slice slice, const char *text)
{
	return slice.len >= strlen(text) && memcmp(slice.at, text, strlen(text)) == 0;
}

bool scan_number(struct slice slice, const char *prefix, uint64_t *out)
{
	const char *end = slice.at + slice.len, *first, *at;

	if (!scan_begins(slice, prefix))
		return false;
	first = slice.at + strlen(prefix);
	*out = 0;
	for (at = first; at < end && *at >= '0' && *at <= '9'; at++)
		*out = *out * 10 + (uint64_t)(*at - '0');
	return at > first;
}
