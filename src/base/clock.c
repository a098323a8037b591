/* clock.c - the system's clocks, and time as text (XEP-0082). */
#include "peppy/clock.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <time.h>

#define SECOND_US UINT64_C(1000000)

/* 9999-12-31T23:59:59Z: later years have five digits and no stamp. */
#define LAST_SECOND INT64_C(253402300799)

static uint64_t read_clock(clockid_t id)
{
	struct timespec now;
	int rc = clock_gettime(id, &now);

	assert(rc == 0);
	return (uint64_t)now.tv_sec * SECOND_US + (uint64_t)now.tv_nsec / 1000;
}

uint64_t clock_wall_us(void)
{
	return read_clock(CLOCK_REALTIME);
}

uint64_t clock_monotonic_us(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

void clock_stamp_render(uint64_t wall_us, char out[CLOCK_STAMP_SIZE])
{
	time_t second = (time_t)(wall_us / SECOND_US);
	unsigned us = (unsigned)(wall_us % SECOND_US);
	struct tm tm;
	size_t len;

	assert(second <= LAST_SECOND);
	gmtime_r(&second, &tm);
	len = strftime(out, CLOCK_STAMP_SIZE, "%Y-%m-%dT%H:%M:%S", &tm);
	if (us != 0)
		snprintf(out + len, CLOCK_STAMP_SIZE - len, ".%06uZ", us);
	else
		snprintf(out + len, CLOCK_STAMP_SIZE - len, "Z");
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* A number of just so many digits, and what has to follow it (NUL: nothing has to). */
static bool take_number(const char **text, int digits, char follows, int *out)
{
	const char *p = *text;

	for (*out = 0; digits > 0; digits--, p++) {
		if (!is_digit(*p))
			return false;
		*out = *out * 10 + (*p - '0');
	}
	if (follows != '\0' && *p++ != follows)
		return false;
	*text = p;
	return true;
}

static bool take_date(const char **text, struct tm *tm)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int year, month;
	bool leap_day;

	if (!take_number(text, 4, '-', &year) || !take_number(text, 2, '-', &month) ||
		!take_number(text, 2, 'T', &tm->tm_mday) || month < 1 || month > 12)
		return false;
	leap_day = month == 2 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
	tm->tm_year = year - 1900;
	tm->tm_mon = month - 1;
	return tm->tm_mday >= 1 && tm->tm_mday <= days[month - 1] + leap_day;
}

/* A second of 60 is a leap second; timegm() makes the next minute's first of it. */
static bool take_time(const char **text, struct tm *tm)
{
	return take_number(text, 2, ':', &tm->tm_hour) && take_number(text, 2, ':', &tm->tm_min) &&
	       take_number(text, 2, '\0', &tm->tm_sec) && tm->tm_hour <= 23 && tm->tm_min <= 59 &&
	       tm->tm_sec <= 60;
}

/* Optional; digits beyond the microsecond are cut. */
static bool take_fraction(const char **text, unsigned *us_out)
{
	unsigned unit = SECOND_US;

	*us_out = 0;
	if (**text != '.')
		return true;
	(*text)++;
	if (!is_digit(**text))
		return false;
	for (; is_digit(**text); (*text)++) {
		unit /= 10;
		*us_out += unit * (unsigned)(**text - '0');
	}
	return true;
}

static bool take_offset(const char **text, int *seconds_out)
{
	int sign, hours, minutes;

	*seconds_out = 0;
	switch (*(*text)++) {
	case 'Z':
		return true;
	case '+':
		sign = 1;
		break;
	case '-':
		sign = -1;
		break;
	default:
		return false;
	}
	if (!take_number(text, 2, ':', &hours) || !take_number(text, 2, '\0', &minutes) ||
		hours > 23 || minutes > 59)
		return false;
	*seconds_out = sign * (hours * 3600 + minutes * 60);
	return true;
}

bool clock_stamp_parse(const char *text, uint64_t *wall_us_out)
{
	struct tm tm = {0};
	unsigned us;
	int offset;
	int64_t second;

	if (!take_date(&text, &tm) || !take_time(&text, &tm) || !take_fraction(&text, &us) ||
		!take_offset(&text, &offset) || *text != '\0')
		return false;
	second = (int64_t)timegm(&tm) - offset;
	if (second < 0 || second > LAST_SECOND)
		return false;
	*wall_us_out = (uint64_t)second * SECOND_US + us;
	return true;
}
