/* scan.h - the shape of the file, before libconfuse reads its values.
 *
 * libconfuse 3.3 lets pass what must not: a repeated key wins silently, a repeated section adds to
 * the first, a section ends at the end of the file, ${VAR} is replaced by the environment, an
 * unquoted value ends at '#', "\s" is "s", stray characters are skipped; it stops at the first
 * fault, counts comments as lines, and an open string spoils the next file read. So the scan
 * accepts a strict subset of its language, remembers the line of every key, and blanks in the text
 * what it has reported, so that libconfuse reads the rest. */
#ifndef CONF_SCAN_H
#define CONF_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/fault.h"
#include "conf/keys.h"

struct scan_entry {
	const char *key; /* NULL: this is the opening of a section */
	const char *title;
	enum conf_section_id section;
	int line;
};

struct scan { /* a plain value; its entries live in the arena, in the order of the file */
	struct scan_entry *v;
	size_t n;
};

/* Scans text, which is changed and keeps its length and lines. false: the text is so wrong that
 * libconfuse must not see it. Everything wrong is in faults. */
MUST_CHECK bool scan_text(
	char *text, size_t len, struct arena *arena, struct faults *faults, struct scan *out);

/* The line of a key in the nth section of that kind; that of the section if the key is not there;
 * 0 if the section is not there. */
int scan_line(const struct scan *scan, enum conf_section_id section, size_t nth, const char *key);

#endif
