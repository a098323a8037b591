/* replay.c - runs a fuzz target over the files of its corpus, one test each, without a fuzzer.
 *
 *   NAME [FOLDER]   the default is tests/fuzz/corpus/NAME below $srcdir */
#include <dirent.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int is_no_dot_file(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* The caller frees the bytes; NULL: the file cannot be read. */
static uint8_t *read_file(const char *path, size_t *size_out)
{
	FILE *file = fopen(path, "rb");
	uint8_t *bytes = NULL;
	long size;

	if (file == NULL)
		return NULL;
	if (fseek(file, 0, SEEK_END) == 0 && (size = ftell(file)) >= 0) {
		rewind(file);
		*size_out = (size_t)size;
		bytes = malloc(*size_out + 1); /* sanitizers see a step over this end */
		if (bytes != NULL && fread(bytes, 1, *size_out, file) != *size_out) {
			free(bytes);
			bytes = NULL;
		}
	}
	fclose(file);
	return bytes;
}

static void replay(int number, const char *folder, const char *name)
{
	char path[PATH_MAX];
	uint8_t *bytes = NULL;
	size_t size;

	if (snprintf(path, sizeof path, "%s/%s", folder, name) < (int)sizeof path) {
		printf("# %s\n", path);
		fflush(stdout); /* for the law may abort */
		bytes = read_file(path, &size);
	}
	if (bytes != NULL)
		LLVMFuzzerTestOneInput(bytes, size);
	printf("%s %d - %s\n", bytes != NULL ? "ok" : "not ok", number, name);
	free(bytes);
}

int main(int argc, char **argv)
{
	const char *slash = strrchr(argv[0], '/');
	const char *srcdir = getenv("srcdir");
	char folder[PATH_MAX];
	struct dirent **entries;
	int i, count;

	if (argc > 1)
		snprintf(folder, sizeof folder, "%s", argv[1]);
	else
		snprintf(folder, sizeof folder, "%s/tests/fuzz/corpus/%s",
			srcdir != NULL ? srcdir : ".", slash != NULL ? slash + 1 : argv[0]);
	count = scandir(folder, &entries, is_no_dot_file, alphasort);
	if (count <= 0) {
		printf("Bail out! no corpus in %s\n", folder);
		return 1;
	}
	for (i = 0; i < count; i++) {
		replay(i + 1, folder, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	printf("1..%d\n", count);
	return 0;
}
