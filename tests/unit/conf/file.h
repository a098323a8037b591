/* file.h - configuration files for tests: written, read, and what was said about them. */
#ifndef TESTS_CONF_FILE_H
#define TESTS_CONF_FILE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "peppy/buf.h"
#include "peppy/conf.h"

/* What every file needs; on two lines. */
#define COMPONENT "component \"pubsub.example.org\" { secret = \"sesame\" }\n"
#define STORE "store { path = \"/var/lib/peppy\" }\n"

struct file {
	char path[32];
	struct conf *conf; /* NULL: refused */
	char *said;        /* what was wrong, without the path: ":12: ..." */
};

static inline void file_write(const char *path, const void *bytes, size_t len, mode_t mode)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static inline char *without_path(const char *path, const struct buf *errors)
{
	const size_t path_len = strlen(path);
	char *said = calloc(1, errors->len + 1);
	size_t i = 0, n = 0;

	while (i < errors->len) {
		assert_memory_equal(errors->data + i, path, path_len);
		for (i += path_len; errors->data[i] != '\n';)
			said[n++] = errors->data[i++];
		said[n++] = errors->data[i++];
	}
	return said;
}

static inline struct file file_read_bytes(const void *bytes, size_t len)
{
	struct file file = {.path = "/tmp/peppy-conf.XXXXXX"};
	struct buf errors = {0};
	const int fd = mkstemp(file.path);

	assert_true(fd >= 0);
	close(fd);
	file_write(file.path, bytes, len, 0600);
	file.conf = conf_read(file.path, &errors);
	unlink(file.path);
	assert_true((file.conf == NULL) == (errors.len > 0));
	file.said = without_path(file.path, &errors);
	buf_finish(&errors);
	return file;
}

static inline struct file file_read_text(const char *text)
{
	return file_read_bytes(text, strlen(text));
}

static inline void file_finish(struct file *file)
{
	conf_destroy(file->conf);
	free(file->said);
}

/* The file is refused with exactly these words. */
static inline void assert_refused(const char *text, const char *said)
{
	struct file file = file_read_text(text);

	assert_string_equal(file.said, said);
	file_finish(&file);
}

static inline struct file assert_accepted(const char *text)
{
	struct file file = file_read_text(text);

	assert_string_equal(file.said, "");
	assert_non_null(file.conf);
	return file;
}

#endif
