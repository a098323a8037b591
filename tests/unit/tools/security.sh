#!/bin/sh
# Is every limit in SECURITY.md, with its default and a test that is there? One line of TAP each.
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
	test=$(row "$key" | awk -F ' *[|] *' '{ print $5 }')
	said=$(row "$key" | awk -F ' *[|] *' '{ sub(/ .*/, "", $3); print $3 }')
	why=
	[ -n "$test" ] && [ -f "$test" ] || why=": no test"
	case $value in
	[0-9]*) [ "$said" = "$value" ] || why=": its default is $value" ;;
	esac
	echo "${why:+not }ok $n - $key$why"
done <"${TMPDIR:-/tmp}/peppy-limits.$$"
rm -f "${TMPDIR:-/tmp}/peppy-limits.$$"
echo "1..$n"
[ "$n" -gt 20 ]
