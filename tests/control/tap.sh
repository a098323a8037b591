# What the tests of peppyctl share; sourced by them. A folder of their own, peppyctl, peppyd, TAP.
# The variables are the tests'.
# shellcheck shell=sh disable=SC2034

: "${builddir:=build}" "${srcdir:=.}"
folder=$(mktemp -d)
count=0
daemon=
LC_ALL=C.UTF-8
export LC_ALL

stop() {
	[ -z "$daemon" ] || { kill "$daemon" && wait "$daemon"; }
	daemon=
}
trap 'stop 2>/dev/null; rm -rf "$folder"' EXIT

ctl() {
	"$builddir/peppyctl" -c "$folder/peppy.conf" "$@" >"$folder/out" 2>"$folder/err"
}

# ok NAME STATUS [TEXT...]: the last command ended so, and its output holds these texts
ok() {
	got=$?
	name=$1
	wanted=$2
	shift 2
	count=$((count + 1))
	verdict=ok
	[ "$got" = "$wanted" ] || verdict="not ok"
	for text in "$@"; do
		cat "$folder/out" "$folder/err" | grep -qF -e "$text" || verdict="not ok"
	done
	echo "$verdict $count - $name"
	if [ "$verdict" != ok ]; then
		echo "# status $got, not $wanted; or not all of: $*"
		sed 's/^/# /' "$folder/out" "$folder/err"
	fi
}

start() {
	"$builddir/peppyd" -c "$folder/peppy.conf" 2>>"$folder/log" &
	daemon=$!
	tries=0
	until "$builddir/peppyctl" --socket "$folder/store/peppy.sock" jobs >"$folder/out" 2>&1 ||
		[ $((tries += 1)) -gt 200 ]; do
		sleep 0.05
	done
}

cat >"$folder/peppy.conf" <<EOF
component "pubsub.example.org" { secret = 'x'  port = 1 }
store { path = "$folder/store" }
EOF
chmod 600 "$folder/peppy.conf"
