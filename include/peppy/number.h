/* number.h - numbers as clients, operators and files write them: digits, no sign, no blanks.
 * Floor 0. */
#ifndef PEPPY_NUMBER_H
#define PEPPY_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

#include "peppy/attributes.h"

/* Reads the digits at *text and moves *text behind them. false: there are none, or they are more
 * than max; *text and *out are untouched. */
MUST_CHECK bool number_take(const char **text, uint64_t max, uint64_t *out);

/* A text that is a number and nothing else. false: it is not, or more than max; *out is
 * untouched. */
MUST_CHECK bool number_parse(const char *text, uint32_t max, uint32_t *out);

#endif
