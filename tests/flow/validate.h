/* validate.h - holds what peppy sends against schemas/peppy.xsd. */
#ifndef TESTS_VALIDATE_H
#define TESTS_VALIDATE_H

#include <stdbool.h>
#include <stddef.h>

/* xml is one stanza that stands alone (its namespace declared on it). The schemas are read at the
 * first call, from the folder that the environment variable srcdir names. Not valid: *why_out says
 * what is wrong; it is the caller's to free. */
bool validate_stanza(const char *xml, size_t len, char **why_out);

#endif
