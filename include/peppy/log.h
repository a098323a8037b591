/* log.h - one line an event on standard error, in logfmt: level, area, text.
 * Floor 0. The levels are global, because a log that had to be handed around would not be used.
 * Never log payloads or secrets. */
#ifndef PEPPY_LOG_H
#define PEPPY_LOG_H

#include <stdbool.h>
#include <stddef.h>

#include "peppy/attributes.h"

enum log_level {
	LOG_LEVEL_ERROR,
	LOG_LEVEL_WARNING,
	LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG,
	LOG_LEVEL_COUNT
};

void log_level_set(enum log_level level); /* of all areas */
const char *log_level_word(enum log_level level);
MUST_CHECK bool log_level_parse(const char *word, enum log_level *out);

/* From now on a line is "PROGRAM: TEXT", for whoever has called the program and waits for it.
 * before is called ahead of each; it may be NULL. */
void log_speak_as(const char *program, void (*before)(void));

/* The areas; NULL: there are no more. */
const char *log_area(size_t i);

/* false: there is no such area. */
MUST_CHECK bool log_area_level_set(const char *area, enum log_level level);
enum log_level log_area_level(const char *area); /* which must exist */

/* area is the folder that speaks: "wire", "store", ... Control characters in the text, what turns
 * the direction of a line and what is not UTF-8 are written as \xNN, so that a client's text can
 * never make a line of its own. A line starts with the time; in the journal, which has its own,
 * with the priority instead. One place in the code writes at most 50 lines in ten seconds, but for
 * debugging and in control, where operators act; its next line says how many were left out. */
void log_error(const char *area, const char *format, ...) PRINTF_LIKE(2, 3);
void log_warning(const char *area, const char *format, ...) PRINTF_LIKE(2, 3);
void log_info(const char *area, const char *format, ...) PRINTF_LIKE(2, 3);
void log_debug(const char *area, const char *format, ...) PRINTF_LIKE(2, 3);

#endif
