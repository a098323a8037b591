/* rsm.c - Result Set Management (XEP-0059). */
#include "codec/rsm.h"

#include <inttypes.h>
#include <stdio.h>

#include "peppy/number.h"

/* Unsigned and long (XEP-0059 10): more than any set holds is as good as all of it. */
static enum pubsub_error parse_number(
	const struct xml_element *set, const char *name, bool *has_out, uint32_t *out)
{
	const struct xml_element *el = xml_child(set, NS_RSM, name);
	const char *text = el != NULL ? el->text : "0";
	uint64_t n;

	*has_out = el != NULL;
	if (!number_take(&text, UINT64_MAX, &n) || *text != '\0')
		return PUBSUB_ERR_BAD_REQUEST;
	*out = n < UINT32_MAX ? (uint32_t)n : UINT32_MAX;
	return PUBSUB_OK;
}

enum pubsub_error rsm_parse(const struct xml_element *parent, struct pubsub_rsm *out)
{
	const struct xml_element *set = xml_child(parent, NS_RSM, "set");
	const struct xml_element *after, *before;

	*out = (struct pubsub_rsm){.present = set != NULL};
	if (set == NULL)
		return PUBSUB_OK;
	if (parse_number(set, "max", &out->has_max, &out->max) != PUBSUB_OK ||
		parse_number(set, "index", &out->has_index, &out->index) != PUBSUB_OK)
		return PUBSUB_ERR_BAD_REQUEST;
	after = xml_child(set, NS_RSM, "after");
	before = xml_child(set, NS_RSM, "before");
	if ((after != NULL) + (before != NULL) + out->has_index > 1)
		return PUBSUB_ERR_BAD_REQUEST; /* one place at a time */
	if (after != NULL && *after->text != '\0')
		out->after = after->text;
	if (before != NULL)
		out->before = before->text;
	return PUBSUB_OK;
}

void rsm_render(struct xml_writer *w, const struct pubsub_page *page)
{
	char count[sizeof "18446744073709551615"];

	if (!page->present)
		return;
	xml_start_ns(w, "set", NS_RSM);
	if (page->first != NULL) {
		xml_start(w, "first");
		if (page->has_index)
			xml_put_attr_u64(w, "index", page->index);
		xml_put_text(w, page->first);
		xml_end(w);
	}
	if (page->last != NULL)
		xml_leaf(w, "last", page->last);
	if (page->has_count) {
		snprintf(count, sizeof count, "%" PRIu64, page->count);
		xml_leaf(w, "count", count);
	}
	xml_end(w);
}
