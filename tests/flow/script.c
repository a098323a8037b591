/* Flow files: commands and abbreviations. */
#include "flow.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "peppy/array.h"
#include "peppy/buf.h"
#include "peppy/codec.h"

/* "…name" stands for a namespace; the longest name that fits counts. */
static const struct {
	const char *name, *ns;
} abbreviations[] = {
	{"pubsub#", NS_PUBSUB "#"},
	{"pubsub", NS_PUBSUB},
	{"owner", NS_PUBSUB_OWNER},
	{"event", NS_PUBSUB_EVENT},
	{"errors", NS_PUBSUB_ERRORS},
	{"stanzas", NS_STANZAS},
	{"info", NS_DISCO_INFO},
	{"items", NS_DISCO_ITEMS},
	{"rsm", NS_RSM},
	{"data", NS_DATA},
	{"delay", NS_DELAY},
	{"shim", NS_SHIM},
	{"address", NS_ADDRESS},
	{"caps", NS_CAPS},
	{"forward", NS_FORWARD},
	{"client", NS_CLIENT},
	{"commands", NS_COMMANDS},
	{"atom", "http://www.w3.org/2005/Atom"},
	{"tune", "http://jabber.org/protocol/tune"},
	{"roster", NS_ROSTER},
};

#define ELLIPSIS "\xe2\x80\xa6"

static const char *abbreviation(const char *text, size_t *len_out)
{
	const char *ns = NULL;

	*len_out = 0;
	for (size_t i = 0; i < ARRAY_COUNT(abbreviations); i++) {
		size_t len = strlen(abbreviations[i].name);

		if (len > *len_out && strncmp(text, abbreviations[i].name, len) == 0) {
			*len_out = len;
			ns = abbreviations[i].ns;
		}
	}
	return ns;
}

static void append_line(struct buf *buf, const char *line)
{
	const char *at;
	size_t len;

	while ((at = strstr(line, ELLIPSIS)) != NULL) {
		const char *ns = abbreviation(at + strlen(ELLIPSIS), &len);

		buf_append(buf, line, (size_t)(at - line));
		buf_append_text(buf, ns == NULL ? ELLIPSIS : ns);
		line = at + strlen(ELLIPSIS) + len;
	}
	buf_append_text(buf, line);
}

static char *take_text(struct buf *buf, struct arena *arena)
{
	char *text;

	while (buf->len > 0 && strchr(" \t\n", buf->data[buf->len - 1]) != NULL)
		buf->len--;
	text = arena_memdup(arena, buf->len > 0 ? buf->data : "", buf->len);
	buf->len = 0;
	return text;
}

struct flow_command *flow_script_read(const char *path, struct arena *arena)
{
	struct flow_command *first = NULL, **end = &first, *command = NULL;
	FILE *file = fopen(path, "r");
	struct buf text = {0};
	char *line = NULL;
	size_t cap = 0;

	if (file == NULL) {
		perror(path);
		return NULL;
	}
	for (int n = 1; getline(&line, &cap, file) >= 0; n++) {
		size_t word = strcspn(line, " \t\n");

		if (line[0] == '#' || (line[0] == '\n' && command == NULL))
			continue;
		if (word > 0) {
			if (command != NULL)
				command->text = take_text(&text, arena);
			command = arena_alloc(arena, sizeof *command);
			*end = command;
			end = &command->next;
			command->verb = arena_memdup(arena, line, word);
			command->line = n;
		}
		/* indentation is layout, not content */
		append_line(&text, line + word + strspn(line + word, " \t"));
	}
	if (command != NULL)
		command->text = take_text(&text, arena);
	buf_finish(&text);
	free(line);
	fclose(file);
	return first;
}
