#!/bin/sh
# What is installed was linked as configure found that it can be: one line of TAP each.
programs='peppyd peppyctl peppy'
cd "${builddir:-.}" || exit 1

if ! command -v readelf >/dev/null || grep -q '^SANITIZERS = .' Makefile; then
	echo "1..0 # SKIP no readelf, or built with sanitizers"
	exit 0
fi

holds() { # $1: what, $2: options of readelf, $3: what has to be in its answer
	n=$((n + 1))
	for program in $programs; do
		readelf $2 "$program" | grep -q -e "$3" || bad="$bad $program"
	done
	echo "${bad:+not }ok $n - $1${bad:+: not$bad}"
	bad=
}

n=0
echo 1..5
if grep -q '^HARDENING_LDFLAGS = .*-pie' Makefile; then
	holds "programs load anywhere" -hW 'Type: *DYN'
else
	n=1
	echo "ok 1 - programs load anywhere # SKIP the compiler cannot"
fi
holds "addresses of functions are read-only" -dW 'BIND_NOW'
holds "and so is what the loader has written" -lW 'GNU_RELRO'
holds "no stack is executable" -lW 'GNU_STACK.* RW '
holds "overrun stacks are seen" -sW '__stack_chk_fail'
