# What the tests of the package share; sourced by them. $n is the number of the last test.
# shellcheck shell=sh

step() { # $1: sentence, the rest: a command
	sentence=$1
	shift
	n=$((n + 1))
	if ("$@") >/tmp/log 2>&1; then
		echo "ok $n - $sentence"
	else
		tail -n 40 /tmp/log "${also:-/dev/null}" | sed 's/^/# /'
		echo "not ok $n - $sentence"
	fi
}

within() { # $1: seconds, the rest: a command that will succeed
	patience=$1
	shift
	until "$@"; do
		patience=$((patience - 1))
		[ $patience -gt 0 ] || return 1
		sleep 1
	done
}

readme() { # $1: heading, $2: language, $3: which one: a block of code
	zcat -f /usr/share/doc/peppy/README.md* | awk -v heading="## $1" -v lang="$2" -v nth="$3" '
		/^## / { here = $0 == heading; n = 0 }
		here && $0 == "```" lang { inside = ++n == nth; next }
		/^```$/ { inside = 0 }
		inside' | sed "s|the secret|$(cat /etc/peppy/secret)|"
}

do_readme() { # $1: heading, $2: which one: a block of commands
	readme "$1" sh "$2" >/tmp/block.sh
	[ -s /tmp/block.sh ] && sh -ex /tmp/block.sh
}
