/* log.c - a line is put together on the stack and leaves with one write(2), so that lines of
 * several processes on one pipe do not mix. */
#include "peppy/log.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "peppy/array.h"
#include "peppy/clock.h"

#define FLOODS 256
#define FLOOD_LINES 50 /* of one place in the code in */
#define FLOOD_US UINT64_C(10000000)

#define TEXT_MAX 2048 /* bytes of a text before escaping; what is longer is cut */

static struct area { /* the folders under src */
	const char *name;
	enum log_level level;
} areas[] = {
	{"base", LOG_LEVEL_INFO},
	{"codec", LOG_LEVEL_INFO},
	{"conf", LOG_LEVEL_INFO},
	{"control", LOG_LEVEL_INFO},
	{"main", LOG_LEVEL_INFO},
	{"model", LOG_LEVEL_INFO},
	{"outbox", LOG_LEVEL_INFO},
	{"pep", LOG_LEVEL_INFO},
	{"router", LOG_LEVEL_INFO},
	{"service", LOG_LEVEL_INFO},
	{"store", LOG_LEVEL_INFO},
	{"wire", LOG_LEVEL_INFO},
	{"xml", LOG_LEVEL_INFO},
};
#define AREA_COUNT (int)ARRAY_COUNT(areas)

static enum log_level loudest = LOG_LEVEL_INFO; /* of them */

static const char *speaker; /* to people; NULL: to whoever keeps logs */
static void (*before_speaking)(void);

/* The priorities are those of syslog(3); the journal takes them off the front of a line. */
static const struct level {
	const char *word;
	char priority;
} levels[LOG_LEVEL_COUNT] = {
	[LOG_LEVEL_ERROR] = {"error", '3'},
	[LOG_LEVEL_WARNING] = {"warning", '4'},
	[LOG_LEVEL_INFO] = {"info", '6'},
	[LOG_LEVEL_DEBUG] = {"debug", '7'},
};

static int area_find(const char *area)
{
	for (int i = 0; i < AREA_COUNT; i++)
		if (strcmp(areas[i].name, area) == 0)
			return i;
	return -1;
}

static void find_loudest(void)
{
	loudest = LOG_LEVEL_ERROR;
	for (int i = 0; i < AREA_COUNT; i++)
		if (areas[i].level > loudest)
			loudest = areas[i].level;
}

void log_level_set(enum log_level level)
{
	for (int i = 0; i < AREA_COUNT; i++)
		areas[i].level = level;
	loudest = level;
}

const char *log_level_word(enum log_level level)
{
	return levels[level].word;
}

const char *log_area(size_t i)
{
	return i < AREA_COUNT ? areas[i].name : NULL;
}

bool log_area_level_set(const char *area, enum log_level level)
{
	int found = area_find(area);

	if (found < 0)
		return false;
	areas[found].level = level;
	find_loudest();
	return true;
}

enum log_level log_area_level(const char *area)
{
	return areas[area_find(area)].level;
}

void log_speak_as(const char *program, void (*before)(void))
{
	speaker = program;
	before_speaking = before;
}

bool log_level_parse(const char *word, enum log_level *out)
{
	int i;

	for (i = 0; i < LOG_LEVEL_COUNT; i++) {
		if (strcmp(word, levels[i].word) == 0) {
			*out = (enum log_level)i;
			return true;
		}
	}
	return false;
}

/* systemd.exec(5): JOURNAL_STREAM names the device and inode of the stream it handed over; a
 * child whose standard error was redirected since then inherits the variable all the same. */
static bool goes_to_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long device, inode;
	struct stat st;

	return stream != NULL && sscanf(stream, "%llu:%llu", &device, &inode) == 2 &&
	       fstat(STDERR_FILENO, &st) == 0 && st.st_dev == device && st.st_ino == inode;
}

/* Does it end lines (U+2028, U+2029), or turn the direction in which text is shown (U+200E, U+200F,
 * U+202A to U+202E, U+2066 to U+2069)? */
static bool misleads(const unsigned char *text)
{
	if (text[0] != 0xe2)
		return false;
	if (text[1] == 0x80)
		return text[2] == 0x8e || text[2] == 0x8f || (text[2] >= 0xa8 && text[2] <= 0xae);
	return text[1] == 0x81 && text[2] >= 0xa6 && text[2] <= 0xa9;
}

/* Bytes of the UTF-8 sequence that text starts with, 0 if it is none, is longer than the text
 * or a control character (U+0080 to U+009F are read as commands by terminals). */
static size_t sequence_len(const unsigned char *text)
{
	size_t len, i;

	if (text[0] < 0x80)
		return text[0] >= 0x20 && text[0] != 0x7f;
	if (text[0] < 0xc2 || text[0] > 0xf4 || (text[0] == 0xc2 && text[1] < 0xa0) ||
		misleads(text))
		return 0;
	len = text[0] < 0xe0 ? 2 : text[0] < 0xf0 ? 3 : 4;
	for (i = 1; i < len; i++)
		if ((text[i] & 0xc0) != 0x80)
			return 0;
	return len;
}

static char *escape(const unsigned char *text, char *out)
{
	size_t len;

	while (*text != '\0') {
		len = sequence_len(text);
		if (len == 0) {
			out += sprintf(out, "\\x%02x", *text++);
			continue;
		}
		if (speaker == NULL && (*text == '"' || *text == '\\'))
			*out++ = '\\';
		memcpy(out, text, len);
		out += len;
		text += len;
	}
	return out;
}

/* ---- floods ---- */

/* What one place in the code has said lately. Two that share a place in the table begin anew
 * whenever the other one speaks. */
static struct flood {
	const char *format;
	uint64_t since_us; /* monotonic */
	unsigned lines, left_out;
} floods[FLOODS];

/* Clients shall not fill the disk with lines. What operators do is always told, and so is what they
 * want for debugging. *left_out: lines since the last one from there. */
static bool is_flood(enum log_level level, const char *area, const char *format, unsigned *left_out)
{
	struct flood *flood = &floods[(uintptr_t)format / 8 % FLOODS];
	const uint64_t now_us = clock_monotonic_us();

	*left_out = 0;
	if (level == LOG_LEVEL_DEBUG || strcmp(area, "control") == 0)
		return false;
	if (flood->format != format)
		*flood = (struct flood){.format = format, .since_us = now_us};
	if (now_us - flood->since_us >= FLOOD_US) {
		flood->since_us = now_us;
		flood->lines = 0;
	}
	if (flood->lines >= FLOOD_LINES) {
		flood->left_out++;
		return true;
	}
	flood->lines++;
	*left_out = flood->left_out;
	flood->left_out = 0;
	return false;
}

/* ---- lines ---- */

static char *open_line(enum log_level level, const char *area, unsigned left_out, char *out)
{
	char stamp[CLOCK_STAMP_SIZE];

	if (speaker != NULL)
		return out + sprintf(out, "%.32s: ", speaker);
	if (goes_to_journal()) {
		out += sprintf(out, "<%c>", levels[level].priority);
	} else {
		clock_stamp_render(clock_wall_us(), stamp);
		out += sprintf(out, "%s ", stamp);
	}
	out += sprintf(out, "level=%s area=%.32s ", levels[level].word, area);
	if (left_out > 0)
		out += sprintf(out, "left_out=%u ", left_out);
	return stpcpy(out, "msg=\"");
}

/* Who is in no list is as loud as the loudest. */
static bool is_silent(enum log_level level, const char *area)
{
	int found = area_find(area);

	return found >= 0 && level > areas[found].level;
}

static void write_line(enum log_level level, const char *area, const char *format, va_list args)
{
	char text[TEXT_MAX];
	char line[160 + 4 * TEXT_MAX]; /* every byte may become \xNN */
	char *end;
	unsigned left_out;
	ssize_t ignored;
	int len;

	if (level > loudest || is_silent(level, area) || is_flood(level, area, format, &left_out))
		return;
	len = vsnprintf(text, sizeof text, format, args);
	end = open_line(level, area, left_out, line);
	end = escape((const unsigned char *)text, end);
	if (len >= (int)sizeof text)
		end = stpcpy(end, "...");
	end = stpcpy(end, speaker == NULL ? "\"\n" : "\n");
	if (before_speaking != NULL)
		before_speaking();
	ignored = write(STDERR_FILENO, line, (size_t)(end - line));
	(void)ignored; /* nobody could be told */
}

void log_error(const char *area, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	write_line(LOG_LEVEL_ERROR, area, format, args);
	va_end(args);
}

void log_warning(const char *area, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	write_line(LOG_LEVEL_WARNING, area, format, args);
	va_end(args);
}

void log_info(const char *area, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	write_line(LOG_LEVEL_INFO, area, format, args);
	va_end(args);
}

void log_debug(const char *area, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	write_line(LOG_LEVEL_DEBUG, area, format, args);
	va_end(args);
}
