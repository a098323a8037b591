/* conf.c - reads a file: the scan sees its shape, libconfuse its values, the table what they
 * mean. */
#include "peppy/conf.h"

#include <assert.h>
#include <confuse.h>
#include <errno.h>
#include <string.h>

#include "conf/reader.h"
#include "conf/vec.h"
#include "peppy/jid.h"

#define CONF_FILE_MAX (256 * 1024)

/* ---- libconfuse: every value is a text; what it must be is the table's business ---- */

static cfg_opt_t *key_options(struct arena *arena, enum conf_section_id section)
{
	const struct conf_key *key;
	cfg_opt_t *options = NULL;
	size_t n = 0;

	for (key = conf_keys; key->name != NULL; key++) {
		if (key->section != section)
			continue;
		options = vec_room(arena, options, n, sizeof *options);
		if (key_is_list(key))
			options[n++] = (cfg_opt_t)CFG_STR_LIST(key->name, NULL, CFGF_NODEFAULT);
		else
			options[n++] = (cfg_opt_t)CFG_STR(key->name, NULL, CFGF_NODEFAULT);
	}
	options = vec_room(arena, options, n, sizeof *options);
	options[n] = (cfg_opt_t)CFG_END();
	return options;
}

static void keep_quiet(cfg_t *cfg, const char *format, va_list args)
{
	(void)cfg; /* it has lines wrong, and speaks of errors where there are none */
	(void)format;
	(void)args;
}

static cfg_t *parse_values(struct reader *r, const char *text)
{
	static const cfg_flag_t flags[] = {
		[SECTION_SINGLE] = CFGF_NONE,
		[SECTION_TITLED] = CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES,
		[SECTION_FREE] = CFGF_KEYSTRVAL,
	};
	cfg_opt_t options[SECTION_COUNT + 1] = {0};
	cfg_t *cfg;
	int i;

	for (i = 0; i < SECTION_COUNT; i++)
		options[i] = (cfg_opt_t)CFG_SEC(conf_sections[i].name, key_options(r->scratch, i),
			flags[conf_sections[i].kind]);
	options[SECTION_COUNT] = (cfg_opt_t)CFG_END();
	cfg = cfg_init(options, CFGF_NONE);
	if (cfg == NULL)
		return NULL;
	cfg_set_error_function(cfg, keep_quiet);
	if (cfg_parse_buf(cfg, text) == CFG_SUCCESS)
		return cfg;
	cfg_free(cfg);
	return NULL;
}

/* ---- from there into the struct ---- */

static void read_key(
	struct reader *r, const struct conf_key *key, cfg_opt_t *opt, size_t nth, void *base)
{
	const unsigned n = cfg_opt_size(opt);
	const char *why;
	bool is_good =
		key->fallback == NULL || value_parse(key, key->fallback, r->arena, base, &why);
	unsigned i;

	assert(is_good);
	if (n == 0 && key->required)
		fault_add(&r->faults, scan_line(&r->scan, key->section, nth, NULL),
			"%s.%s: must be set", conf_sections[key->section].name, key->name);
	for (i = 0; i < n; i++)
		if (!value_parse(key, cfg_opt_getnstr(opt, i), r->arena, base, &why))
			fault_add(&r->faults, scan_line(&r->scan, key->section, nth, key->name),
				"%s.%s: %s", conf_sections[key->section].name, key->name, why);
}

static void read_keys(
	struct reader *r, cfg_t *cfg, enum conf_section_id section, size_t nth, void *base)
{
	const struct conf_key *key;

	for (key = conf_keys; key->name != NULL; key++)
		if (key->section == section)
			read_key(r, key, cfg_getopt(cfg, key->name), nth, base);
}

static void read_pairs(struct reader *r, cfg_t *cfg, enum conf_section_id section)
{
	struct conf_pairs *pairs = (void *)((char *)r->conf + conf_sections[section].pairs);
	struct conf_pair pair;
	unsigned i;

	for (i = 0; i < cfg_num(cfg); i++) {
		cfg_opt_t *opt = cfg_getnopt(cfg, i);

		pair.key = arena_strdup(r->arena, cfg_opt_name(opt));
		pair.value = arena_strdup(r->arena, cfg_opt_getnstr(opt, 0));
		pair.line = scan_line(&r->scan, section, 0, pair.key);
		pairs->v = vec_room(r->arena, pairs->v, pairs->n, sizeof *pairs->v);
		pairs->v[pairs->n++] = pair;
	}
}

static void read_component(struct reader *r, cfg_t *cfg, size_t nth)
{
	struct conf_component *component;
	struct jid jid;

	r->conf->components = vec_room(r->arena, r->conf->components, r->conf->component_count,
		sizeof *r->conf->components);
	component = &r->conf->components[r->conf->component_count++];
	if (jid_parse(cfg_title(cfg), r->arena, &jid) && jid.local == NULL && jid.resource == NULL)
		component->jid = jid.full;
	else
		fault_add(&r->faults, scan_line(&r->scan, SECTION_COMPONENT, nth, NULL),
			"component: '%s' is not a domain", cfg_title(cfg));
	read_keys(r, cfg, SECTION_COMPONENT, nth, component);
	check_component(r, component, nth);
}

static void read_values(struct reader *r, cfg_t *cfg)
{
	unsigned nth;
	int i;

	for (i = 0; i < SECTION_COUNT; i++) {
		cfg_opt_t *sections = cfg_getopt(cfg, conf_sections[i].name);

		for (nth = 0; nth < cfg_opt_size(sections); nth++) {
			cfg_t *section = cfg_opt_getnsec(sections, nth);

			if (conf_sections[i].kind == SECTION_TITLED)
				read_component(r, section, nth);
			else if (conf_sections[i].kind == SECTION_FREE)
				read_pairs(r, section, i);
			else
				read_keys(r, section, i, nth, r->conf);
		}
	}
	check_conf(r);
}

static void read_file(struct reader *r)
{
	size_t len;
	char *text = file_read(r->path, CONF_FILE_MAX, r->scratch, &len, &r->is_public);
	cfg_t *cfg;

	if (text == NULL) {
		fault_add(&r->faults, 0, "cannot read the file: %s", strerror(errno));
		return;
	}
	if (!scan_text(text, len, r->scratch, &r->faults, &r->scan))
		return;
	cfg = parse_values(r, text);
	if (cfg == NULL) {
		fault_add(&r->faults, 0, "libconfuse cannot read the file");
		return;
	}
	read_values(r, cfg);
	cfg_free(cfg);
}

struct conf *conf_read(const char *path, struct buf *errors)
{
	struct reader r = {.path = path, .arena = arena_create(), .scratch = arena_create()};
	struct conf *conf = arena_alloc(r.arena, sizeof *conf);

	conf->arena = r.arena;
	r.conf = conf;
	r.faults.arena = r.scratch;
	read_file(&r);
	if (r.faults.n > 0) {
		fault_render(&r.faults, path, errors);
		conf_destroy(conf);
		conf = NULL;
	}
	arena_destroy(r.scratch);
	return conf;
}

void conf_destroy(struct conf *conf)
{
	if (conf != NULL)
		arena_destroy(conf->arena);
}
