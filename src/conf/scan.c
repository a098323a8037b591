#include "conf/scan.h"

#include <string.h>

#include "conf/vec.h"

#define WORD_ENDS " \t\r\n#\"'={}()+,*" /* where libconfuse ends an unquoted value */

enum token_kind {
	TOKEN_END,
	TOKEN_WORD,   /* not quoted */
	TOKEN_STRING, /* quoted */
	TOKEN_MARK,   /* one of { } = , */
	TOKEN_BAD     /* told already */
};

struct token {
	enum token_kind kind;
	int line;
	size_t start; /* its first byte, and the one behind it */
	size_t end;
	char mark;
	const char *text; /* of words, and of strings without the quotes; as written */
};

struct scanner {
	char *text;
	size_t len;
	size_t at;
	int line;
	struct arena *arena;
	struct faults *faults;
	struct token token; /* the one looked at */
	size_t end;         /* of the token before it */
	struct scan *out;
};

static void blank(struct scanner *s, size_t start, size_t end)
{
	for (; start < end; start++)
		if (s->text[start] != '\n')
			s->text[start] = ' ';
}

/* ---- tokens ---- */

static char peek(const struct scanner *s, size_t ahead)
{
	return s->at + ahead < s->len ? s->text[s->at + ahead] : '\0';
}

static bool skip_comment(struct scanner *s)
{
	size_t start = s->at;
	const char *end;
	size_t i;

	if (peek(s, 0) == '#' || (peek(s, 0) == '/' && peek(s, 1) == '/')) {
		end = memchr(s->text + s->at, '\n', s->len - s->at);
		s->at = end == NULL ? s->len : (size_t)(end - s->text);
	} else if (peek(s, 0) == '/' && peek(s, 1) == '*') {
		end = memmem(s->text + s->at + 2, s->len - s->at - 2, "*/", 2);
		if (end == NULL)
			fault_add(s->faults, s->line, "the comment is not closed");
		s->at = end == NULL ? s->len : (size_t)(end - s->text) + 2;
	} else {
		return false;
	}
	for (i = start; i < s->at; i++)
		s->line += s->text[i] == '\n';
	blank(s, start, s->at);
	return true;
}

static void skip_space(struct scanner *s)
{
	do {
		for (; s->at < s->len && strchr(" \t\r\n", peek(s, 0)) != NULL; s->at++)
			s->line += peek(s, 0) == '\n';
	} while (skip_comment(s));
}

static enum token_kind bad_token(struct scanner *s, const char *what)
{
	fault_add(s->faults, s->line, "%s", what);
	return TOKEN_BAD;
}

/* One character of a string. Tells what libconfuse would turn into something else without a
 * word. */
static void read_char(struct scanner *s, char quote)
{
	if (peek(s, 0) == '\\' && peek(s, 1) != '\0' && peek(s, 1) != '\n') {
		if (quote == '"' && strchr("\\\"'$nt", peek(s, 1)) == NULL) {
			fault_add(s->faults, s->line,
				"no such escape sequence: write \\\\, or use single quotes");
			blank(s, s->at, s->at + 1);
		}
		s->at++;
	} else if (quote == '"' && peek(s, 0) == '$' && peek(s, 1) == '{') {
		fault_add(s->faults, s->line,
			"variables are not replaced: write \\${, or use single quotes");
		blank(s, s->at, s->at + 2);
	}
	s->at++;
}

static enum token_kind read_string(struct scanner *s)
{
	const char quote = s->text[s->at++];

	while (s->at < s->len && peek(s, 0) != quote && peek(s, 0) != '\n')
		read_char(s, quote);
	if (peek(s, 0) != quote)
		return bad_token(s, "the string is not closed on its line");
	s->at++;
	s->token.text =
		arena_memdup(s->arena, s->text + s->token.start + 1, s->at - s->token.start - 2);
	return TOKEN_STRING;
}

static enum token_kind read_word(struct scanner *s)
{
	while (s->at < s->len && strchr(WORD_ENDS, peek(s, 0)) == NULL)
		s->at++;
	s->token.text = arena_memdup(s->arena, s->text + s->token.start, s->at - s->token.start);
	if (s->at == s->token.start || (s->at < s->len && strchr("#\"'()+*", peek(s, 0)) != NULL)) {
		fault_add(s->faults, s->line,
			"unexpected '%c': a value that contains it must be quoted", peek(s, 0));
		return TOKEN_BAD;
	}
	if (s->text[s->at - 1] == '$' && peek(s, 0) == '{')
		return bad_token(s, "variables are not replaced: use single quotes");
	return TOKEN_WORD;
}

static enum token_kind read_token(struct scanner *s)
{
	if (s->at >= s->len)
		return TOKEN_END;
	if (strchr("{}=,", peek(s, 0)) != NULL) {
		s->token.mark = s->text[s->at++];
		return TOKEN_MARK;
	}
	return peek(s, 0) == '"' || peek(s, 0) == '\'' ? read_string(s) : read_word(s);
}

static void next_token(struct scanner *s)
{
	s->end = s->token.end;
	skip_space(s);
	s->token = (struct token){.line = s->line, .start = s->at};
	s->token.kind = read_token(s);
	s->token.end = s->at;
}

static bool is_mark(const struct scanner *s, char mark)
{
	return s->token.kind == TOKEN_MARK && s->token.mark == mark;
}

static bool is_text(const struct scanner *s)
{
	return s->token.kind == TOKEN_WORD || s->token.kind == TOKEN_STRING;
}

/* The token is not what must stand here: the rest of the file cannot be understood. */
static bool expected(struct scanner *s, const char *what)
{
	if (s->token.kind == TOKEN_END)
		fault_add(s->faults, s->token.line, "the file ends where %s must follow", what);
	else if (s->token.kind == TOKEN_MARK)
		fault_add(
			s->faults, s->token.line, "%s must stand before '%c'", what, s->token.mark);
	else if (s->token.kind != TOKEN_BAD)
		fault_add(
			s->faults, s->token.line, "%s must stand before '%s'", what, s->token.text);
	return false;
}

static bool take_mark(struct scanner *s, char mark, const char *what)
{
	if (!is_mark(s, mark))
		return expected(s, what);
	next_token(s);
	return true;
}

/* ---- keys and sections ---- */

/* The entry before that says the same: for a key in the section that is open. NULL: none. */
static const struct scan_entry *find_same(const struct scan *scan, const struct scan_entry *like)
{
	const struct scan_entry *entry;
	size_t i;

	for (i = scan->n; i > 0; i--) {
		entry = &scan->v[i - 1];
		if (like->key != NULL && entry->key == NULL)
			return NULL;
		if (like->key != NULL && strcmp(like->key, entry->key) == 0)
			return entry;
		if (like->key == NULL && entry->key == NULL && like->section == entry->section &&
			(like->title == NULL || strcmp(like->title, entry->title) == 0))
			return entry;
	}
	return NULL;
}

static void entry_add(struct scanner *s, const struct scan_entry *entry)
{
	s->out->v = vec_room(s->arena, s->out->v, s->out->n, sizeof *s->out->v);
	s->out->v[s->out->n++] = *entry;
}

static bool check_key(struct scanner *s, const struct scan_entry *entry, bool is_list)
{
	static const char field_chars[] = "abcdefghijklmnopqrstuvwxyz0123456789_-";
	const struct conf_section *section = &conf_sections[entry->section];
	const struct conf_key *key = key_find(entry->section, entry->key);
	const struct scan_entry *same = find_same(s->out, entry);
	const char *why = NULL;

	if (same != NULL)
		why = arena_printf(s->arena, "is already in line %d", same->line);
	else if (section->kind == SECTION_FREE &&
		 (entry->key[0] == '\0' || entry->key[strspn(entry->key, field_chars)] != '\0'))
		why = "is not the name of a field";
	else if (section->kind != SECTION_FREE && key == NULL)
		why = "no such key";
	else if (is_list && (key == NULL || !key_is_list(key)))
		why = "must be a single value";
	if (why != NULL)
		fault_add(s->faults, entry->line, "%s.%s: %s", section->name, entry->key, why);
	return why == NULL;
}

static bool scan_value(struct scanner *s)
{
	if (is_text(s)) {
		next_token(s);
		return true;
	}
	if (!is_mark(s, '{'))
		return expected(s, "a value");
	next_token(s);
	if (is_mark(s, '}'))
		fault_add(s->faults, s->token.line, "the list is empty: leave the key out");
	while (is_text(s)) {
		next_token(s);
		if (!is_mark(s, ','))
			break;
		next_token(s);
	}
	return take_mark(s, '}', "'}'");
}

/* known: the section is; else only the shape of its keys matters. */
static bool scan_key(struct scanner *s, const struct scan_entry *opening, bool known)
{
	struct scan_entry entry = {.section = opening->section, .line = s->token.line};
	const size_t start = s->token.start;
	bool is_list;

	entry.key = s->token.text;
	next_token(s);
	if (!is_mark(s, '=') && section_find(entry.key) >= 0) {
		fault_add(s->faults, opening->line,
			"the section is not closed before %s in line %d", entry.key, entry.line);
		return false;
	}
	if (!take_mark(s, '=', "'='"))
		return false;
	is_list = is_mark(s, '{');
	if (!scan_value(s))
		return false;
	if (known && check_key(s, &entry, is_list))
		entry_add(s, &entry);
	else
		blank(s, start, s->end);
	return true;
}

static bool check_section(struct scanner *s, const char *name, struct scan_entry *entry)
{
	const int section = section_find(name);
	const bool titled = section >= 0 && conf_sections[section].kind == SECTION_TITLED;
	const struct scan_entry *same;

	entry->section = (enum conf_section_id)section;
	if (section < 0)
		fault_add(s->faults, entry->line, "there is no section %s", name);
	else if (titled && (entry->title == NULL || strchr(entry->title, '\\') != NULL))
		fault_add(s->faults, entry->line, "%s needs its name: %s \"pubsub.example.org\" {",
			name, name);
	else if (!titled && entry->title != NULL)
		fault_add(s->faults, entry->line, "%s takes no title", name);
	else if ((same = find_same(s->out, entry)) != NULL)
		fault_add(s->faults, entry->line, "%s: is already in line %d", name, same->line);
	else
		return true;
	return false;
}

static bool scan_opening(struct scanner *s, const char *name, struct scan_entry *out)
{
	next_token(s);
	if (is_text(s)) {
		out->title = s->token.text;
		next_token(s);
	}
	if (out->title == NULL && is_mark(s, '=')) {
		fault_add(s->faults, out->line, "%s is outside of any section", name);
		return false;
	}
	return take_mark(s, '{', "'{'");
}

static bool scan_section(struct scanner *s)
{
	struct scan_entry entry = {.line = s->token.line};
	const size_t start = s->token.start;
	const char *name = s->token.text;
	bool known;

	if (!is_text(s))
		return expected(s, "a section");
	if (!scan_opening(s, name, &entry))
		return false;
	known = check_section(s, name, &entry);
	if (known)
		entry_add(s, &entry);
	while (is_text(s))
		if (!scan_key(s, &entry, known))
			return false;
	if (s->token.kind == TOKEN_END) {
		fault_add(s->faults, entry.line, "%s: the section is not closed", name);
		return false;
	}
	if (!take_mark(s, '}', "a key or '}'"))
		return false;
	if (!known)
		blank(s, start, s->end);
	return true;
}

/* libconfuse takes the file for text that ends at its first NUL. */
static void check_chars(struct scanner *s)
{
	size_t i;
	int line = 1;

	if (s->len >= 3 && memcmp(s->text, "\xef\xbb\xbf", 3) == 0)
		blank(s, 0, 3); /* a byte order mark */
	for (i = 0; i < s->len; i++) {
		const unsigned char c = (unsigned char)s->text[i];

		line += c == '\n';
		if ((c >= 0x20 && c != 0x7f) || c == '\n' || c == '\t')
			continue;
		if (c != '\r' || i + 1 == s->len || s->text[i + 1] != '\n')
			fault_add(s->faults, line, "the character 0x%02x is not allowed", c);
		blank(s, i, i + 1);
	}
}

bool scan_text(char *text, size_t len, struct arena *arena, struct faults *faults, struct scan *out)
{
	struct scanner s = {.text = text, .len = len, .line = 1, .arena = arena, .faults = faults};

	*out = (struct scan){0};
	s.out = out;
	check_chars(&s);
	next_token(&s);
	while (s.token.kind != TOKEN_END)
		if (!scan_section(&s))
			return false;
	return true;
}

int scan_line(const struct scan *scan, enum conf_section_id section, size_t nth, const char *key)
{
	const struct scan_entry *entry;
	size_t opened = 0;
	size_t i;
	int line = 0;

	for (i = 0; i < scan->n; i++) {
		entry = &scan->v[i];
		if (entry->section != section)
			continue;
		if (entry->key == NULL && opened++ == nth)
			line = entry->line;
		else if (entry->key != NULL && opened == nth + 1 && key != NULL &&
			 strcmp(entry->key, key) == 0)
			return entry->line;
	}
	return line;
}
