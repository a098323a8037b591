/* Our own questions, by their ids. An entry goes when the turn that answered it is committed. */
#include "ask.h"

#include <stdlib.h>
#include <string.h>

#include "peppy/clock.h"
#include "peppy/id.h"
#include "peppy/memory.h"

struct question {
	struct question *next_answered; /* in the turn under way */
	char id[ID_SIGNED_SIZE];
	size_t component;
	char *to;
	char *key;
	pep_answer_fn answer;
	uint64_t deadline_us; /* monotonic */
	bool answered;
};

void ask_send(void *ctx, const struct pep_question *wanted)
{
	struct router *router = ctx;
	struct question *question = memory_alloc(sizeof *question);
	struct xml_writer w = xml_writer(&router->components[wanted->component].asks);

	*question = (struct question){
		.component = wanted->component,
		.to = memory_strdup(wanted->to),
		.key = memory_strdup(wanted->key),
		.answer = wanted->answer,
		.deadline_us = clock_monotonic_us() + ASK_DEADLINE_US,
	};
	id_signed(wanted->to, question->id);
	map_put(router->questions, question->id, question);
	xml_start(&w, "iq");
	xml_put_attr(&w, "type", "get");
	xml_put_attr(&w, "id", question->id);
	xml_put_attr(&w, "from", router->opt.components[wanted->component].jid);
	xml_put_attr(&w, "to", wanted->to);
	xml_put_raw(&w, wanted->payload, wanted->payload_len);
	xml_end(&w);
}

void ask_free(void *value)
{
	struct question *question = value;

	free(question->to);
	free(question->key);
	free(question);
}

/* The answer is given once; the entry goes when the turn is committed. */
static void give(struct turn *turn, struct question *question, const struct xml_element *iq)
{
	question->answered = true;
	question->next_answered = turn->answered;
	turn->answered = question;
	question->answer(turn->router->pep, &turn->pep, question->component, question->key, iq);
}

void ask_answered(struct turn *turn, size_t component, const struct xml_element *iq, bool whole)
{
	const char *id = xml_attr(iq, "id");
	const char *from = xml_attr(iq, "from");
	struct question *question;
	struct jid jid;

	if (id == NULL || from == NULL || !jid_parse(from, turn->arena, &jid))
		return;
	question = map_find(turn->router->questions, id);
	if (question == NULL || question->answered || question->component != component ||
		strcmp(question->to, jid.full) != 0)
		return;
	give(turn, question, whole && xml_attr_is(iq, "type", "result") ? iq : NULL);
}

void ask_keep(struct turn *turn)
{
	struct question *next;

	for (struct question *question = turn->answered; question != NULL; question = next) {
		next = question->next_answered;
		map_del(turn->router->questions, question->id);
	}
	turn->answered = NULL;
}

void ask_drop(struct turn *turn)
{
	for (; turn->answered != NULL; turn->answered = turn->answered->next_answered)
		turn->answered->answered = false;
}

void ask_expire(struct turn *turn)
{
	struct map *questions = turn->router->questions;
	struct question **due = arena_alloc(turn->arena, map_count(questions) * sizeof *due);
	uint64_t now_us = clock_monotonic_us();
	void *cursor = NULL, *value;
	const char *id;
	size_t n = 0;

	while (map_next(questions, &cursor, &id, &value)) {
		struct question *question = value;

		if (!question->answered && question->deadline_us <= now_us)
			due[n++] = question;
	}
	for (size_t i = 0; i < n; i++)
		give(turn, due[i], NULL); /* may ask again, which changes the map */
}

void ask_link_lost(struct router *router, size_t component)
{
	void *cursor = NULL, *value;
	const char *id;

	while (map_next(router->questions, &cursor, &id, &value)) {
		struct question *question = value;

		if (question->component == component)
			question->deadline_us = 0; /* given up at the next tick */
	}
}
