#include "load.h"

#include <stdio.h>
#include <stdlib.h>

#include "clock.h"
#include "fault.h"
#include "peppy/memory.h"

#define ANSWERED UINT64_MAX

void load_begin(struct load *load, unsigned number)
{
	load->number = number;
	load->start_ns = clock_ns();
	load->sent_ns = memory_alloc(load->count * sizeof *load->sent_ns);
	load->by_sender = memory_alloc((load->senders + 1) * sizeof *load->by_sender);
}

void load_end(struct load *load)
{
	free(load->sent_ns);
	free(load->by_sender);
	load->sent_ns = NULL;
	load->by_sender = NULL;
}

static void send_request(struct load *load, struct buf *out, uint64_t n, uint64_t due_ns)
{
	char id[48];

	snprintf(id, sizeof id, "b%u.%llu", load->number, (unsigned long long)n);
	load->sent_ns[n] = due_ns;
	load->sent++;
	load->write(load->ctx, out, n, id);
}

void load_send(struct load *load, struct buf *out, uint64_t now_ns)
{
	if (load->sent < load->count)
		send_request(load, out, load->sent, now_ns);
}

static void send_next_of(struct load *load, struct buf *out, unsigned sender, uint64_t now_ns)
{
	uint64_t n = load->by_sender[sender] * load->senders + sender;

	if (n >= load->count)
		return;
	load->by_sender[sender]++;
	send_request(load, out, n, now_ns);
}

static void pump_paced(struct load *load, struct buf *out, uint64_t now_ns)
{
	if (load->stop && load->count > load->sent)
		load->count = load->sent;
	while (load->sent < load->count) {
		uint64_t due =
			load->start_ns + (uint64_t)((double)load->sent / load->per_second * 1e9);

		if (due > now_ns)
			break;
		send_request(load, out, load->sent, due);
	}
}

void load_pump(struct load *load, struct buf *out, uint64_t now_ns)
{
	if (load->per_second > 0) {
		pump_paced(load, out, now_ns);
		return;
	}
	if (load->sent > 0)
		return; /* from now on answers bring the next */
	for (unsigned i = 0; i < load->outstanding; i++)
		for (unsigned sender = 0; sender < load->senders; sender++)
			send_next_of(load, out, sender, now_ns);
}

bool load_take(struct load *load, const struct stanza *iq, struct buf *out, uint64_t now_ns)
{
	struct slice id = scan_attr(iq->tag, "id");
	char prefix[24];
	uint64_t n;

	snprintf(prefix, sizeof prefix, "b%u.", load->number);
	if (id.at == NULL || !scan_number(id, prefix, &n))
		return false;
	if (n >= load->count || load->sent_ns[n] == 0 || load->sent_ns[n] == ANSWERED)
		fault("%s was answered although nobody waits for it: %.*s", id.at,
			(int)iq->bytes.len, iq->bytes.at);
	if (!scan_is(scan_attr(iq->tag, "type"), "result"))
		fault("an error: %.*s", (int)iq->bytes.len, iq->bytes.at);
	if (load->check != NULL)
		load->check(load->ctx, n, iq);
	histogram_add(&load->latency, now_ns > load->sent_ns[n] ? now_ns - load->sent_ns[n] : 0);
	load->sent_ns[n] = ANSWERED;
	load->answered++;
	if (load->senders > 0 && load->per_second == 0)
		send_next_of(load, out, (unsigned)(n % load->senders), now_ns);
	return true;
}

bool load_is_done(const struct load *load)
{
	return load->answered == load->count;
}
