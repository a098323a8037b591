/* caps_hash.h - verification of capabilities: are they those of the hash? */
#ifndef PEP_CAPS_HASH_H
#define PEP_CAPS_HASH_H

#include <stdbool.h>

#include "peppy/arena.h"
#include "peppy/xml.h"

#define CAPS_NOTIFY "+notify" /* ends the features that tell which nodes are wanted */

#define CAPS_HASH_PREFIX "urn:xmpp:caps#" /* XEP-0390 4.3 */

/* Is this a hash function that we verify by? */
bool caps_hash_is_known(const char *algorithm);

/* The 'ver' of XEP-0115 5.1, the hash of XEP-0390 4.1; in the arena. NULL: ill-formed. */
char *caps_hash_ver(const struct xml_element *query, const char *algorithm, struct arena *arena);
char *caps_hash_value(const struct xml_element *query, const char *algorithm, bool inherit_lang,
	struct arena *arena);

/* Does this answer to disco#info belong to the key: "sha-1 VER" or
 * "urn:xmpp:caps#sha-256.VALUE"? */
bool caps_hash_matches(const char *key, const struct xml_element *query, struct arena *arena);

#endif
