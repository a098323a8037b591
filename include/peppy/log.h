/* log.h - one line an event on standard error, logfmt: level, area, text.
 * Floor 0. The only mutable global of peppy. Never log payloads or secrets. */
#ifndef PEPPY_LOG_H
#define PEPPY_LOG_H

#include <stdbool.h>

#include "peppy/attributes.h"

enum log_level {
	LOG_LEVEL_ERROR,
	LOG_LEVEL_WARNING,
	LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG,
	LOG_LEVEL_COUNT
};

void log_level_set(enum log_level level);
MUST_CHECK bool log_level_parse(const char *word, enum log_level *out);

/* area is the folder that speaks: "wire", "store", ... Control characters in the text are
 * written as \xNN, so that a client's text can never make a line of its own. */
void log_error(const char *area, const char *format, ...) PRINTF_LIKE(2, 3);
void log_warning(const char *area, const char *format, ...) PRINTF_LIKE(2, 3);
void log_info(const char *area, const char *format, ...) PRINTF_LIKE(2, 3);
void log_debug(const char *area, const char *format, ...) PRINTF_LIKE(2, 3);

#endif
