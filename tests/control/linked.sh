#!/bin/bash
# peppyctl and peppyd with a link that is up: what the shell publishes leaves like anybody's.
set -u

: "${builddir:=build}" "${srcdir:=.}"
if ! python3 -c 'import socket' 2>/dev/null; then
	echo "1..0 # SKIP there is no python3"
	exit 0
fi
folder=$(mktemp -d)
count=0
trap 'kill $(jobs -p) 2>/dev/null; wait 2>/dev/null; rm -rf "$folder"' EXIT

ctl() {
	"$builddir/peppyctl" -c "$folder/peppy.conf" "$@" >"$folder/out" 2>&1
}

report() { # status, name
	count=$((count + 1))
	if [ "$1" = 0 ]; then
		echo "ok $count - $2"
	else
		echo "not ok $count - $2"
		sed 's/^/# /' "$folder/out" "$folder/log"
	fi
}

# Until the command succeeds, at most 10 s.
eventually() {
	for _ in {1..100}; do
		"$@" && return
		sleep 0.1
	done
	return 1
}

sent() { # every text was sent
	for text in "$@"; do
		grep -qF -e "$text" "$folder/sent" || return 1
	done
}

is_up() {
	ctl status && grep -q "127.0.0.1 *$port *yes" "$folder/out"
}

says() { # text, command...
	local text=$1
	shift
	ctl "$@"
	grep -qF -e "$text" "$folder/out"
}

fetch() { # path, file; prints the status
	python3 - "$metrics" "$1" "$2" <<-'EOF'
		import sys, urllib.error, urllib.request
		try:
		    answer = urllib.request.urlopen(urllib.request.Request(
		        f"http://127.0.0.1:{sys.argv[1]}{sys.argv[2]}",
		        headers={"Accept": "application/openmetrics-text"}))
		except urllib.error.HTTPError as error:
		    answer = error
		with open(sys.argv[3], "wb") as out:
		    out.write(answer.read())
		print(answer.status)
	EOF
}

mkfifo "$folder/to-component" "$folder/port"
python3 -B "$srcdir/tests/control/stub.py" "$folder/sent" \
	<"$folder/to-component" >"$folder/port" &
server=$!
exec 3>"$folder/to-component" 4<"$folder/port"
read -r port <&4
metrics=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])')
cat >"$folder/peppy.conf" <<EOF
component "pubsub.example.org" { secret = 'the-secret-of-the-link'  port = $port }
store { path = "$folder/store" }
control { metrics-listen = "127.0.0.1:$metrics" }
EOF
chmod 600 "$folder/peppy.conf"
python3 - "$folder/notify" >"$folder/notified" 3>&- 4<&- <<'EOF' &
import socket, sys
systemd = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
systemd.bind(sys.argv[1])
while True:
    print(systemd.recv(4096).decode().replace("\n", " "), flush=True)
EOF
bound() { [ -S "$folder/notify" ]; }
eventually bound
NOTIFY_SOCKET="$folder/notify" "$builddir/peppyd" -c "$folder/peppy.conf" 2>"$folder/log" 3>&- 4<&- &
daemon=$!

eventually is_up
report $? "the link comes up"
if grep -q 'HAVE_SYSTEMD 1' "$builddir/config.h"; then
	notified() { grep -q "$1" "$folder/notified"; }
	notified 'READY=1 STATUS=0 of 1 links up'
	report $? "systemd hears that it is ready before the link is up"
	eventually notified '^STATUS=1 of 1 links up'
	report $? "and that the link is"
	eventually notified '^WATCHDOG=1'
	report $? "and that it is alive"
fi

# ---- a component ----

ctl nodes create news
ctl subscriptions set news alice@elsewhere.example subscribed
ctl explain news alice@elsewhere.example
report $? "a subscriber is notified"
echo '<entry xmlns="http://www.w3.org/2005/Atom"><title>One</title></entry>' |
	"$builddir/peppyctl" -c "$folder/peppy.conf" items publish news --id 1 >"$folder/out" 2>&1
report $? "an item is published from the shell"
eventually sent "to='alice@elsewhere.example'" "<items node='news'><item id='1'>" \
	"<entry xmlns=\"http://www.w3.org/2005/Atom\"><title>One</title></entry></item>"
report $? "and the subscriber gets it"
ctl items retract news 1
eventually sent "<retract id='1'/>"
report $? "and receives its retraction"

echo "<iq type='get' id='busy' from='romeo@example.org/a' to='pubsub.example.org'><pubsub" \
	"xmlns='http://jabber.org/protocol/pubsub'><items node='news'/></pubsub></iq>" >&3
eventually sent "id='busy'"
ctl top
grep -qE '[0-9] +1 +pubsub.example.org +news$' "$folder/out" &&
	grep -qE ' 1 +romeo@example.org$' "$folder/out"
report $? "top names the node and who asked"
ctl top --json
grep -q '"nodes":\[{"service":"pubsub.example.org","node":"news","times":1,' "$folder/out" &&
	grep -q '"stanzas_per_s":' "$folder/out"
report $? "and for programs as well"

# ---- SIGHUP ----

ask_as() { # JID, id
	echo "<iq type='get' id='$2' from='$1/a' to='pubsub.example.org'><query" \
		"xmlns='http://jabber.org/protocol/disco#info'/></iq>" >&3
}
answered() { # id, type
	grep -q "type='$2'[^>]*id='$1'\|id='$1'[^>]*type='$2'" "$folder/sent"
}
ask_as mallory@example.org before
eventually answered before result
report $? "whoever is not blocked is answered"
echo 'limits { blocked = {"mallory@example.org"} }' >>"$folder/peppy.conf"
kill -HUP $daemon
read_again() { grep -q "configuration has been reloaded" "$folder/log"; }
eventually read_again
ask_as mallory@example.org after
eventually answered after error
report $? "SIGHUP blocks those who are in the file now"
ask_as romeo@example.org other
eventually answered other result && ctl status --json && grep -q '"connects":1[,}]' "$folder/out"
report $? "and nobody else, and the link stays"
ctl metrics
grep -q '^peppy_limits_exceeded_total{limit="blocked"} 1$' "$folder/out"
report $? "which is counted"

# ---- an account ----

says "accounts   NO" check
report $? "nothing is delegated yet"
echo "<message from='example.org' to='pubsub.example.org'><delegation" \
	"xmlns='urn:xmpp:delegation:2'><delegated" \
	"namespace='http://jabber.org/protocol/pubsub'/></delegation></message>" >&3
eventually says "accounts   yes" check
report $? "a delegation is noticed"
says 'privileged_entities' check
report $? "and check says what is missing besides"
ctl check
[ $? = 1 ]
report $? "half of the rights is a problem"
echo "<message from='example.org' to='pubsub.example.org'><privilege" \
	"xmlns='urn:xmpp:privilege:2'><perm access='message' type='outgoing'/>" \
	"<perm access='roster' type='get'/><perm access='presence' type='roster'/>" \
	"</privilege></message>" >&3
eventually ctl check
report $? "with the privileges all is well"
ctl nodes create urn:example:mood --service hamlet@example.org access_model=open
ctl subscriptions set urn:example:mood bob@elsewhere.example subscribed \
	--service hamlet@example.org
echo '<sad xmlns="urn:example:mood"/>' | "$builddir/peppyctl" -c "$folder/peppy.conf" \
	items publish urn:example:mood --service hamlet@example.org >"$folder/out" 2>&1
eventually sent "<sad xmlns=\"urn:example:mood\"/>" "from='hamlet@example.org'"
report $? "an account's item leaves in its name"

# ---- the log ----

ctl log debug
evil='x&#10;2026-11-20T00:00:00Z level=error area=store msg=&quot;lost&quot;&#x9b;31m&#x2028;&#x202e;'
send_evil() { # id
	echo "<iq type='set' id='$1$evil' from='romeo@example.org/$evil' to='pubsub.example.org'><pubsub" \
		"xmlns='http://jabber.org/protocol/pubsub'><publish node='$evil'><item id='$evil'>" \
		"<e xmlns='urn:e'>the-payload</e></item></publish></pubsub></iq>" >&3
}
for n in 1 2 3; do send_evil $n; done
echo "<iq type='get' id='evil-done' from='romeo@example.org/a' to='pubsub.example.org'><query" \
	"xmlns='http://jabber.org/protocol/disco#info'/></iq>" >&3
eventually sent "id='evil-done'"
ctl nodes create "$(printf 'x\nlevel=error \302\233 \342\200\256')"
ctl reload
stamp='[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,15}Z'
! LC_ALL=C.UTF-8 grep -vE \
	"^$stamp level=(error|warning|info|debug) area=[a-z]+ (left_out=[0-9]+ )?msg=\"([^\"\\]|\\\\.)*\"$" \
	"$folder/log" >"$folder/out" && ! LC_ALL=C grep -P '[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]' "$folder/log"
report $? "every line of the log is one that peppyd has written, whatever JIDs and ids hold"
! grep -E 'the-payload|the-secret' "$folder/log"
report $? "at no level does it hold payloads or secrets"
ctl nodes list
! LC_ALL=C grep -P '[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]' "$folder/out"
report $? "and no node's name commands a terminal"

# ---- numbers ----

[ "$(fetch /metrics "$folder/out")" = 200 ] &&
	grep -q '^peppy_link_up{component="pubsub.example.org"} 1$' "$folder/out" &&
	grep -qE '^peppy_notifications_total [1-9]' "$folder/out" &&
	[ "$(tail -n 1 "$folder/out")" = "# EOF" ]
report $? "the metrics are served over HTTP"
[ "$(fetch /readyz "$folder/out")" = 200 ]
report $? "with its link up peppyd is ready"
kill "$server"
not_ready() { [ "$(fetch /readyz "$folder/out")" = 503 ]; }
eventually not_ready
report $? "without it, it is not"
[ "$(fetch /healthz "$folder/out")" = 200 ]
report $? "but it is healthy"

echo "1..$count"
