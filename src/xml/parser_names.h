/* parser_names.h - which namespace a name is in (Namespaces in XML 1.0). Expat could tell, but it
 * writes out the namespace of every prefixed attribute, so that a few prefixes of long namespaces
 * cost it the square of a stanza's length. Here a name gets a pointer to what its prefix was
 * declared as, by one look into a hash table. */
#ifndef XML_PARSER_NAMES_H
#define XML_PARSER_NAMES_H

#include <stdbool.h>

#include "peppy/arena.h"
#include "peppy/attributes.h"
#include "peppy/xml.h"

#define XML_NS "http://www.w3.org/XML/1998/namespace" /* of the prefix xml */

struct names_declaration {
	struct xml_ns ns;                /* first: an element's list of them is one of these */
	struct names_declaration *outer; /* of the same prefix, which this one hides */
	bool is_first; /* of those in force that give its namespace to a prefix: these all have
	                  its copy of it, so that the same pointer is the same namespace */
};

struct names { /* all zero: nothing is declared */
	struct names_declaration *by_default;
	struct map *prefixes; /* to the innermost declaration */
	struct map *uris;     /* to the first declaration */
	struct XML_ParserStruct *judge;
};

void names_finish(struct names *names); /* whatever is in force */

/* Frees room that was needed once, but not for what is in force; nothing there hides another. */
void names_renew(struct names *names);

/* Functions that return a text say why the document is not well-formed; NULL: it is. */

/* declaration's uri is the attribute's value. It is in force until names_end for the list in which
 * it stands; lists of inner elements end first. */
bool names_is_declaration(const char *attr_name);
MUST_CHECK const char *names_declare(
	struct names *names, const char *attr_name, struct names_declaration *declaration);
void names_end(struct names *names, const struct xml_ns *declared);

const char *names_default(const struct names *names); /* "" for none */

/* Cuts a name at its colon. Without one it is in the namespace that *ns tells already. */
MUST_CHECK const char *names_resolve(
	struct names *names, char *name, const char **ns, const char **local_out);

/* An element's attributes must not be the same by namespace and name; by prefix and name they are
 * not. */
MUST_CHECK const char *names_compare(const struct xml_attr *attrs, struct arena *arena);

/* All declarations in force, in the arena but for their texts. */
const struct xml_ns *names_in_force(const struct names *names, struct arena *arena);

#endif
