/* items.c - peppy items and peppy retract (XEP-0060, sections 6.5 and 7.2; pages by XEP-0059). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"

static void put_page(struct xml_writer *w, const struct options *opt, const char *after)
{
	char number[16];

	xml_start_ns(w, "set", NS_RSM);
	if (opt->max > 0) {
		snprintf(number, sizeof(number), "%u", opt->max);
		xml_leaf(w, "max", number);
	}
	if (after != NULL)
		xml_leaf(w, "after", after);
	if (opt->before != NULL)
		xml_leaf(w, "before", opt->before);
	xml_end(w);
}

/* --max alone is XEP-0060's "the most recent N"; with a direction it is the size of a page. */
static void request_write(struct buf *child, const struct options *opt, const char *after)
{
	struct xml_writer w = request_start(child, NS_PUBSUB, "items", opt);
	bool is_paged = opt->all || after != NULL || opt->before != NULL;

	if (opt->max > 0 && !is_paged)
		xml_put_attr_u64(&w, "max_items", opt->max);
	if (opt->id != NULL) {
		xml_start(&w, "item");
		xml_put_attr(&w, "id", opt->id);
		xml_end(&w);
	}
	xml_end(&w);
	if (is_paged)
		put_page(&w, opt, after);
	xml_end(&w);
}

static void show_page(xmpp_stanza_t *set)
{
	xmpp_stanza_t *first = stanza_child(set, "first", NS_RSM);
	char *from = stanza_text(first);
	char *to = stanza_text(stanza_child(set, "last", NS_RSM));
	char *count = stanza_text(stanza_child(set, "count", NS_RSM));

	fprintf(stderr, "%s items", count[0] != '\0' ? count : "?");
	if (first != NULL)
		fprintf(stderr, "; shown from %s (number %s) to %s", from,
			stanza_attr(first, "index"), to);
	fputc('\n', stderr);
	free(from);
	free(to);
	free(count);
}

static void show_items(xmpp_stanza_t *answer, const struct options *opt)
{
	xmpp_stanza_t *pubsub = stanza_child(answer, "pubsub", NS_PUBSUB);
	xmpp_stanza_t *items = stanza_child(pubsub, "items", NS_PUBSUB);
	xmpp_stanza_t *set = stanza_child(pubsub, "set", NS_RSM);

	if (opt->xml)
		print_xml(answer);
	else if (items != NULL)
		event_print_items(items, opt->service != NULL ? opt->service : opt->jid, "");
	if (set != NULL && !opt->all && !opt->xml)
		show_page(set);
}

/* Where the next page begins; empty behind the last one. To be freed. */
static char *last_of(xmpp_stanza_t *answer)
{
	xmpp_stanza_t *pubsub = stanza_child(answer, "pubsub", NS_PUBSUB);

	return stanza_text(stanza_child(stanza_child(pubsub, "set", NS_RSM), "last", NS_RSM));
}

/* Shows a page and moves *after behind it. False: there is no next page, or it went wrong. */
static bool page_fetch(
	struct session *session, const struct options *opt, char **after, enum exit_status *status)
{
	struct buf child = {0};
	xmpp_stanza_t *answer;
	char *last;
	bool moved;

	request_write(&child, opt, *after);
	*status = session_ask(session, "get", opt->service, &child, &answer);
	buf_finish(&child);
	if (*status != EXIT_DONE)
		return false;
	show_items(answer, opt);
	last = last_of(answer);
	moved = last[0] != '\0' && (*after == NULL || strcmp(*after, last) != 0);
	free(*after);
	*after = last;
	return moved;
}

enum exit_status items_run(const struct options *opt)
{
	struct session *session;
	enum exit_status status;
	char *after;

	if (!option_is_given(opt->node, "node"))
		return EXIT_MISUSE;
	status = session_open(opt, &session);
	after = opt->after != NULL ? strdup(opt->after) : NULL;
	if (status == EXIT_DONE)
		while (page_fetch(session, opt, &after, &status) && opt->all)
			;
	free(after);
	session_close(session);
	return status;
}

enum exit_status retract_run(const struct options *opt)
{
	struct buf child = {0};
	struct xml_writer w;

	if (!option_is_given(opt->node, "node") || !option_is_given(opt->id, "id"))
		return EXIT_MISUSE;
	w = request_start(&child, NS_PUBSUB, "retract", opt);
	xml_put_attr(&w, "notify", opt->notify ? "true" : NULL);
	xml_start(&w, "item");
	xml_put_attr(&w, "id", opt->id);
	xml_end(&w);
	xml_end(&w);
	xml_end(&w);
	return request_run(opt, "set", &child, NULL);
}
