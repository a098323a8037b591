#!/bin/sh
# Is every limit in SECURITY.md, with its default, what it is counted as and a test that is there? Is there
# every test that is named for what may break? One line of TAP each.
cd "${srcdir:-.}" || exit 1
sample=${builddir:-build}/src/peppy.conf.sample

limits() { # name and default of each; "" for a list
	sed -n '/^limits/,/^}/s/^[[:space:]]*#\{0,1\}\([a-z-]*\)[[:space:]]*= *"\{0,1\}\([^"]*\).*$/\1 \2/p' "$sample"
}

row() { # key
	grep -F "| \`$1\` |" SECURITY.md
}

n=0
limits >"${TMPDIR:-/tmp}/peppy-limits.$$"
while read -r key value; do
	n=$((n + 1))
	test=$(row "$key" | awk -F ' *[|] *' '{ print $6 }')
	counted=$(row "$key" | awk -F ' *[|] *' '{ print $5 }')
	said=$(row "$key" | awk -F ' *[|] *' '{ sub(/ .*/, "", $3); print $3 }')
	why=
	[ -n "$test" ] && [ -f "$test" ] || why=": no test"
	[ "$counted" = - ] || grep -qF "\"$counted\"" src/router/observe.c || why=": counted as nothing"
	case $value in
	[0-9]*) [ "$said" = "$value" ] || why=": its default is $value" ;;
	esac
	echo "${why:+not }ok $n - $key$why"
done <"${TMPDIR:-/tmp}/peppy-limits.$$"
rm -f "${TMPDIR:-/tmp}/peppy-limits.$$"
limits=$n

# files, and functions in any of them
named() {
	sed -n '/^## When things break/,/^## How/p' SECURITY.md |
		grep -oE '(tests/[a-z0-9_/.-]+\.[a-z]+|test_[a-z0-9_]+)' | sort -u
}
is_there() {
	case $1 in
	tests/*) [ -f "$1" ] ;;
	*) grep -rqE "[( 	]$1[,)]" tests/unit tests/durability ;;
	esac
}
for name in $(named); do
	n=$((n + 1))
	if is_there "$name"; then echo "ok $n - $name"; else echo "not ok $n - $name"; fi
done
echo "1..$n"
[ "$limits" -gt 20 ] && [ $((n - limits)) -gt 30 ]
