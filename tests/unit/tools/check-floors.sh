#!/bin/sh
# Does tools/check-floors find what it is there to find? Small trees with one forbidden include each.
set -eu

: "${srcdir:=$(dirname "$0")/../../..}"
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
count=0

# Runs the check over a tree of three harmless files and one more: path, line.
verdict() {
	rm -rf "$tree/src" "$tree/include"
	mkdir -p "$tree/include/peppy" "$tree/src/base" "$tree/src/store" "$(dirname "$tree/$1")"
	echo '#include "peppy/attributes.h"' >"$tree/include/peppy/map.h"
	echo '#include "peppy/map.h"' >"$tree/src/base/map.c"
	echo '#include <stdint.h>' >"$tree/src/base/siphash.h"
	printf '/* one more */\n%s\n' "$2" >"$tree/$1"
	if "$srcdir/tools/check-floors" "$tree" >"$tree/out" 2>&1; then echo allows; else echo forbids; fi
}

check() { # allows|forbids, path, line
	count=$((count + 1))
	if [ "$(verdict "$2" "$3")" = "$1" ]; then
		echo "ok $count - $1 ${3#\#} in $2"
	else
		echo "not ok $count - $1 ${3#\#} in $2"
		sed 's/^/# /' "$tree/out"
	fi
}

check allows  src/base/jid.c         '#include "peppy/map.h"'
check allows  src/base/jid.c         '#include "base/siphash.h"'
check allows  src/base/jid.c         '#include "siphash.h"'
check allows  src/base/jid.c         '#include <stringprep.h>'
check allows  src/store/store.c      '#include "peppy/pubsub.h"'
check allows  src/store/lmdb_txn.c   '#include <lmdb.h>'
check allows  src/main.c             '#include "peppy/router.h"'
check allows  src/main.c             '#include <event2/event.h>'
check allows  src/base/jid.c         '#include "config.h"'
check allows  include/peppy/service.h '#include "peppy/contacts.h"'

check forbids src/base/jid.c         '#include "peppy/xml.h"'
check forbids src/base/jid.c         '# include "peppy/xml.h"'
check forbids src/base/jid.c         '#include <peppy/xml.h>'
check forbids src/xml/parser.c       '#include "peppy/pubsub.h"'
check forbids src/store/store.c      '#include "base/siphash.h"'
check forbids src/store/store.c      '#include "../base/siphash.h"'
check forbids src/store/store.c      '#include "siphash.h"'
check forbids src/store/store.c      '#include "peppy/xml.h"'
check forbids src/store/store.c      '#include <lmdb.h>'
check forbids src/router/router.c    '#include "peppy/control.h"'
check forbids src/router/router.c    '#include <event2/event.h>'
check forbids src/base/jid.c         '#include <openssl/evp.h>'
check forbids src/base/jid.c         '#include "peppy/unheard_of.h"'
check forbids src/unheard_of/jid.c   '#include <stdint.h>'
check forbids include/peppy/unheard_of.h '#include <stdint.h>'
check forbids include/peppy/map.h    '#include "peppy/store.h"'
check forbids include/peppy/map.h    '#include "base/siphash.h"'
check forbids include/peppy/store.h  '#include <lmdb.h>'

# The diagnosis names the file and the line.
count=$((count + 1))
verdict src/store/store.c '#include "peppy/service.h"' >/dev/null
if grep -q '^# src/store/store.c:2: peppy/service.h lies above$' "$tree/out"; then
	echo "ok $count - names file and line"
else
	echo "not ok $count - names file and line"
fi
echo "1..$count"
