/* jid.c - JIDs in parts. ASCII, which is nearly all there is, is prepared here, the rest by libidn;
 * a property test holds that both do the same. */
#include "peppy/jid.h"

#include <arpa/inet.h>
#include <string.h>

#include <stringprep.h>

/* A part may shrink while it is prepared, but to less than a quarter only if most of it maps to
 * nothing. Longer ones are refused unseen, for libidn is slow. */
#define RAW_MAX (4 * JID_PART_MAX)

struct parts { /* text NULL: there is no such part */
	struct jid_part local;
	struct jid_part domain;
	struct jid_part resource;
};

struct profile {
	const Stringprep_profile *tables;
	bool (*forbids)(char c); /* of ASCII */
	bool folds;              /* A-Z become a-z */
};

static bool is_control(char c)
{
	return c < 0x20 || c == 0x7f;
}

static bool forbidden_in_local(char c) /* RFC 6122, appendix A.5, and the space */
{
	return is_control(c) || strchr(" \"&'/:<>@", c) != NULL;
}

static bool forbidden_in_nothing(char c)
{
	(void)c;
	return false;
}

static const struct profile local_profile = {stringprep_xmpp_nodeprep, forbidden_in_local, true};
static const struct profile domain_profile = {stringprep_nameprep, forbidden_in_nothing, true};
static const struct profile resource_profile = {stringprep_xmpp_resourceprep, is_control, false};

/* RFC 7622, 3.1: the first @ ends the local part. */
static struct parts split_bare(struct jid_part bare)
{
	const char *at = memchr(bare.text, '@', bare.len);
	struct parts parts = {.domain = bare};
	size_t local_len;

	if (at == NULL)
		return parts;
	local_len = (size_t)(at - bare.text);
	parts.local = (struct jid_part){bare.text, local_len};
	parts.domain = (struct jid_part){at + 1, bare.len - local_len - 1};
	return parts;
}

/* The first slash ends the bare JID. */
static struct parts split(const char *text)
{
	const char *slash = strchr(text, '/');
	size_t bare_len = slash != NULL ? (size_t)(slash - text) : strlen(text);
	struct parts parts = split_bare((struct jid_part){text, bare_len});

	if (slash != NULL)
		parts.resource = (struct jid_part){slash + 1, strlen(slash + 1)};
	return parts;
}

static char *put(char *out, struct jid_part part)
{
	memcpy(out, part.text, part.len);
	out[part.len] = '\0';
	return out + part.len;
}

/* "full\0", then "bare\0" if there is a resource, then "local\0" if there is one. */
static struct jid join(const struct parts *parts, struct arena *arena)
{
	const struct jid_part *local = &parts->local, *resource = &parts->resource;
	size_t bare_len = parts->domain.len + (local->text != NULL ? local->len + 1 : 0);
	char *text = arena_alloc(arena, 2 * bare_len + local->len + resource->len + 4);
	struct jid jid = {.full = text, .bare = text};

	if (local->text != NULL) {
		text = put(text, *local);
		*text++ = '@';
	}
	text = put(text, parts->domain);
	if (resource->text != NULL) {
		*text++ = '/';
		jid.resource = text;
		text = put(text, *resource);
		jid.bare = ++text;
		text = put(text, (struct jid_part){jid.full, bare_len});
	}
	jid.domain = jid.bare + bare_len - parts->domain.len;
	if (local->text != NULL) {
		jid.local = ++text;
		put(text, *local);
	}
	return jid;
}

static bool is_ascii(struct jid_part part)
{
	size_t i;

	for (i = 0; i < part.len; i++)
		if ((unsigned char)part.text[i] >= 0x80)
			return false;
	return true;
}

static bool prepare_ascii(const struct profile *profile, char *text)
{
	for (; *text != '\0'; text++) {
		if (profile->forbids(*text))
			return false;
		if (profile->folds && *text >= 'A' && *text <= 'Z')
			*text = (char)(*text + ('a' - 'A'));
	}
	return true;
}

/* Some sequences around Unicode's Public Review Issue 29 become another text when they are prepared
 * a second time. They name nobody: a JID that we stored would not be found again. */
static bool prepare_unicode(const struct profile *profile, char text[RAW_MAX + 1])
{
	char again[RAW_MAX + 1];

	strcpy(again, text);
	if (stringprep(text, RAW_MAX + 1, 0, profile->tables) != STRINGPREP_OK)
		return false;
	if (strcmp(text, again) == 0)
		return true;
	strcpy(again, text);
	return stringprep(again, sizeof again, 0, profile->tables) == STRINGPREP_OK &&
	       strcmp(text, again) == 0;
}

/* Prepares part in buffer, which it refers to afterwards. */
static bool prepare(const struct profile *profile, struct jid_part *part, char buffer[RAW_MAX + 1])
{
	bool ascii = is_ascii(*part);

	if (part->len > (ascii ? JID_PART_MAX : RAW_MAX))
		return false;
	put(buffer, *part);
	if (!(ascii ? prepare_ascii(profile, buffer) : prepare_unicode(profile, buffer)))
		return false;
	*part = (struct jid_part){buffer, strlen(buffer)};
	return part->len > 0 && part->len <= JID_PART_MAX;
}

static bool is_ipv6_literal(const char *text, size_t len)
{
	char address[INET6_ADDRSTRLEN];
	struct in6_addr ignored;

	if (len < 2 || len - 2 >= sizeof address || text[0] != '[' || text[len - 1] != ']')
		return false;
	put(address, (struct jid_part){text + 1, len - 2});
	return inet_pton(AF_INET6, address, &ignored) == 1;
}

/* Labels with anything in them; of ASCII letters, digits, hyphens and underscores. */
static bool is_host_name(const char *text)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789-_";
	bool label_open = false;

	for (; *text != '\0'; text++) {
		if (*text == '.' && !label_open)
			return false;
		label_open = *text != '.';
		if (label_open && (unsigned char)*text < 0x80 && strchr(allowed, *text) == NULL)
			return false;
	}
	return label_open;
}

static bool prepare_domain(struct jid_part *domain, char buffer[RAW_MAX + 1])
{
	if (!prepare(&domain_profile, domain, buffer))
		return false;
	if (buffer[domain->len - 1] == '.')
		buffer[--domain->len] = '\0';
	return is_host_name(buffer) || is_ipv6_literal(buffer, domain->len);
}

bool jid_parse(const char *text, struct arena *arena, struct jid *out)
{
	char local[RAW_MAX + 1], domain[RAW_MAX + 1], resource[RAW_MAX + 1];
	struct parts parts = split(text);

	if (parts.local.text != NULL && !prepare(&local_profile, &parts.local, local))
		return false;
	if (!prepare_domain(&parts.domain, domain))
		return false;
	if (parts.resource.text != NULL && !prepare(&resource_profile, &parts.resource, resource))
		return false;
	*out = join(&parts, arena);
	return true;
}

void jid_take(const char *text, struct arena *arena, struct jid *out)
{
	struct parts parts = split(text);

	*out = join(&parts, arena);
}

struct jid jid_received(const char *text, struct arena *arena)
{
	struct jid jid;

	if (!jid_parse(text, arena, &jid))
		jid_take(text, arena, &jid);
	return jid;
}

const char *jid_domain(const char *bare)
{
	const char *at = strchr(bare, '@');

	return at != NULL ? at + 1 : bare;
}

struct jid jid_join(struct jid_part bare, struct jid_part resource, struct arena *arena)
{
	struct parts parts = split_bare(bare);

	if (resource.len > 0)
		parts.resource = resource;
	return join(&parts, arena);
}

struct jid jid_bare(struct jid jid)
{
	jid.full = jid.bare;
	jid.resource = NULL;
	return jid;
}

struct jid jid_copy(struct jid jid, struct arena *arena)
{
	struct jid copy = {0};

	if (jid.full != NULL)
		jid_take(jid.full, arena, &copy);
	return copy;
}

static bool text_equal(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

bool jid_equal(struct jid a, struct jid b)
{
	return text_equal(a.full, b.full);
}

bool jid_equal_bare(struct jid a, struct jid b)
{
	return text_equal(a.bare, b.bare);
}
