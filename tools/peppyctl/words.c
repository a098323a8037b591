/* words.c - words of the command line as arguments. */
#include "peppyctl.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "peppy/memory.h"

static void add_value(json_t *fields, const char *key, json_t *value)
{
	json_t *former = json_object_get(fields, key);

	if (former == NULL) {
		json_object_set_new(fields, key, value);
	} else if (json_is_array(former)) {
		json_array_append_new(former, value);
	} else {
		json_t *list = json_array();

		json_array_append(list, former);
		json_array_append_new(list, value);
		json_object_set_new(fields, key, list);
	}
}

bool words_take_field(struct tool *tool, const char *text)
{
	const char *equals = strchr(text, '=');
	char *key;
	json_t *value;

	if (equals == NULL || equals == text)
		return false;
	key = memory_strdup(text);
	key[equals - text] = '\0';
	value = equals[1] == '\0' ? json_null() : json_string(equals + 1);
	if (value != NULL) /* else it is not UTF-8 */
		add_value(tool->fields, key, value);
	free(key);
	return value != NULL;
}

static int usage_of(const struct verb *verb)
{
	return complain(EX_USAGE, "usage: peppyctl %s %s", verb->name, verb->synopsis);
}

static int take_operands(struct tool *tool)
{
	unsigned n = 0;

	while (tool->word_count > 0 && n < OPERANDS_MAX && tool->verb->operands[n] != NULL) {
		json_t *value = json_string(tool->words[0]);

		if (value == NULL)
			return complain(EX_USAGE, "'%s' is not UTF-8", tool->words[0]);
		json_object_set_new(tool->args, tool->verb->operands[n++], value);
		tool->words++;
		tool->word_count--;
	}
	return n < tool->verb->required ? usage_of(tool->verb) : 0;
}

/* What is left is KEY=VALUE, or the verb's own business. */
int words_take(struct tool *tool)
{
	const struct verb *verb = tool->verb;
	int status = take_operands(tool);

	if (status != 0 || verb->run == run_publish || verb->run == run_load)
		return status;
	for (; tool->word_count > 0; tool->words++, tool->word_count--)
		if (verb->fields == NULL || !words_take_field(tool, tool->words[0]))
			return usage_of(verb);
	return 0;
}
