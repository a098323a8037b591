/* attributes.h - the compiler attributes that peppy's headers use.
 * Floor 0. */
#ifndef PEPPY_ATTRIBUTES_H
#define PEPPY_ATTRIBUTES_H

#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF_LIKE(text_at, args_at) __attribute__((format(printf, text_at, args_at)))

#endif
