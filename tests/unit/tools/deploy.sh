#!/bin/sh
# What runs peppyd elsewhere is right: the sandbox of the unit, the libraries in the container. One line of
# TAP each.
srcdir=$(cd "${srcdir:-.}" && pwd) || exit 1
cd "${builddir:-.}" || exit 1
n=0

ok() { # $1: exit status, $2: sentence, $3: why not
	n=$((n + 1))
	if [ "$1" = 0 ]; then
		echo "ok $n - $2"
	else
		echo "not ok $n - $2: $3"
	fi
}

sentence="systemd rates the exposure of the unit at 2.0 or better"
if command -v systemd-analyze >/dev/null && systemd-analyze security --help | grep -q -e --offline; then
	rated=$(systemd-analyze security --offline=true --threshold=20 src/peppyd.service 2>&1)
	ok $? "$sentence" "$(echo "$rated" | tail -n 1)"
else
	n=$((n + 1))
	echo "ok $n - $sentence # SKIP there is no systemd-analyze that can"
fi

# Packages of the libraries that a program names itself; others come with these.
packages_of() {
	readelf -d "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]$/\1/p' | while read -r library; do
		dpkg-query -S "*/$library" 2>/dev/null | sed -n '1s/[:,].*//p'
	done | sort -u | grep -v '^libc6$'
}
if ! command -v dpkg-query >/dev/null || ! command -v readelf >/dev/null ||
	grep -q '^SANITIZERS = .' Makefile; then
	n=$((n + 1))
	echo "ok $n - the container has the libraries # SKIP this is no Debian, or built with sanitizers"
else
	for program in peppyd peppyctl peppy; do
		missing=
		for package in $(packages_of $program); do
			grep -qw -e "$package" "$srcdir/Containerfile" || missing="$missing $package"
		done
		[ -z "$missing" ]
		ok $? "the container has the libraries of $program" "not$missing"
	done
fi
echo "1..$n"
