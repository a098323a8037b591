/* The laws of the configuration file: it is refused and every line that says why names the file, or
 * it is accepted and what is in force, printed, is accepted again and means the same.
 *
 * Input: the file. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "peppy/conf.h"
#include "peppy/log.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct conf *read_bytes(const char *path, const void *bytes, size_t len, struct buf *errors)
{
	FILE *file = fopen(path, "wb");

	assert(file != NULL && fwrite(bytes, 1, len, file) == len);
	assert(fclose(file) == 0);
	return conf_read(path, errors);
}

static void assert_refusal(const char *path, const struct buf *errors)
{
	size_t at = 0;

	assert(errors->len > 0 && errors->data[errors->len - 1] == '\n');
	while (at < errors->len) {
		const char *line = errors->data + at;

		assert(strncmp(line, path, strlen(path)) == 0 && line[strlen(path)] == ':');
		at += (size_t)((char *)memchr(line, '\n', errors->len - at) - line) + 1;
	}
}

/* A secret is printed as ***, which is one as well. */
static void assert_same(const char *path, const struct conf *conf)
{
	struct buf once = {0}, twice = {0}, errors = {0};
	struct conf *again;

	conf_print(conf, &once);
	again = read_bytes(path, once.data, once.len, &errors);
	assert(again != NULL && errors.len == 0);
	conf_print(again, &twice);
	assert(once.len == twice.len && memcmp(once.data, twice.data, once.len) == 0);
	conf_destroy(again);
	buf_finish(&once);
	buf_finish(&twice);
	buf_finish(&errors);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[] = "/tmp/peppy-fuzz-XXXXXX";
	int fd = mkstemp(path);
	struct buf errors = {0};
	struct conf *conf;

	assert(fd >= 0);
	log_level_set(LOG_LEVEL_ERROR);
	conf = read_bytes(path, data, size, &errors);
	if (conf == NULL)
		assert_refusal(path, &errors);
	else
		assert_same(path, conf);
	conf_destroy(conf);
	buf_finish(&errors);
	close(fd);
	unlink(path);
	return 0;
}
