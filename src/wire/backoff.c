#include "wire/backoff.h"

#include "peppy/hash.h"

#define PATIENT_AFTER_STEPS 60
#define PATIENT_STEPS 5

unsigned backoff_next_ms(struct backoff *backoff)
{
	unsigned most_ms = backoff->step_ms;
	unsigned random;
	unsigned wait_ms;

	if (!backoff->tried) {
		backoff->tried = true;
		return 0;
	}
	if (backoff->waited_ms >= PATIENT_AFTER_STEPS * backoff->step_ms)
		most_ms *= PATIENT_STEPS;
	hash_random(&random, sizeof random);
	wait_ms = most_ms - random % (most_ms / 2 + 1);
	if (backoff->waited_ms < PATIENT_AFTER_STEPS * backoff->step_ms)
		backoff->waited_ms += wait_ms;
	return wait_ms;
}

void backoff_reset(struct backoff *backoff)
{
	backoff->waited_ms = 0;
	backoff->tried = false;
}
