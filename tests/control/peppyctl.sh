#!/bin/sh
# peppyctl and peppyd together, without any server: the link stays down, everything else is there.
set -u

. "${srcdir:=.}/tests/control/tap.sh"

# ---- without a daemon ----

ctl status
ok "no daemon, no answer" 69 "no peppyd answers at" "Is it running?"
"$builddir/peppyctl" -c "$folder/nothing" status >"$folder/out" 2>"$folder/err"
ok "no configuration file, no answer" 78 "nothing"
ctl fly away
ok "an unknown command is named" 64 "there is no command 'fly'"
ctl nodes lst
ok "half a command is told what belongs to it" 64 \
	"'nodes' takes one of: list, show, create, configure, delete, purge"
ctl help
ok "help is a word, too" 0 "usage: peppyctl"
ctl
ok "without a command all of them are shown" 64 "usage: peppyctl" "nodes create NODE"
ctl nodes show
ok "a missing word is asked for" 64 "usage: peppyctl nodes show NODE"
ctl reload now
ok "a word too many is refused" 64 "usage: peppyctl reload"
ctl nodes list --limit many
ok "a number must be a number" 64 "'many' is not a number"
ctl --version
ok "the version is printed" 0 "peppy "
ctl --help
ok "help is not an error" 0 "nodes create NODE"

# ---- the command line of peppyd ----

peppyd() {
	"$builddir/peppyd" "$@" >"$folder/out" 2>"$folder/err"
}

peppyd --version
ok "peppyd prints its version" 0 "peppy "
peppyd --help
ok "its help is not an error" 0 "usage: peppyd"
peppyd -c
ok "an option without its file is refused" 64 "cannot use '-c'"
peppyd -c "$folder/peppy.conf" -t
ok "a good file is said to be" 0 "peppy.conf: ok"
peppyd -c "$folder/peppy.conf" --print-config
ok "the values in force are printed" 0 'component "pubsub.example.org"' "port = 1"
sed "s/store/node-defaults { max_items = many\ntitel = x }\n&/" "$folder/peppy.conf" >"$folder/bad.conf"
for option in -t --print-config; do
	peppyd -c "$folder/bad.conf" "$option"
	ok "node-defaults that no node takes are refused with their lines, $option" 78 \
		'bad.conf:2: max_items = "many": no such value' \
		'bad.conf:3: titel = "x": no such field'
done
peppyd -c "$folder/bad.conf"
ok "nor does it start with them" 78 'bad.conf:2: max_items'
sed "s/secret = 'x'/secret-credential = 'none-of-them'/" "$folder/peppy.conf" >"$folder/passed.conf"
peppyd -c "$folder/passed.conf" -t
ok "a credential is not looked for when the file is checked" 0 "passed.conf: ok"
peppyd -c "$folder/passed.conf"
ok "without it peppyd does not start" 78 "component pubsub.example.org: there is no credential none-of-them"

start

# ---- the daemon ----

ctl status
ok "status shows the component" 0 "pubsub.example.org" "127.0.0.1"
ctl check
ok "check finds the link down and says what to configure" 1 "DOWN" \
	'Component "pubsub.example.org"' "ejabberd_service"
ctl check --json
ok "check ends the same way for programs" 1 '"up":false'
ctl jobs
ok "there are no jobs" 0
ctl log debug
ok "the log level is changed" 0 "wire     debug"
ctl log info wire
ok "or that of one area" 0 "wire     info" "store    debug"
ctl log loud
ok "an unknown level is refused" 64 "must be error, warning, info or debug"
ctl reload
ok "the file is read again" 0
echo "nonsense {" >>"$folder/peppy.conf"
"$builddir/peppyctl" --socket "$folder/store/peppy.sock" reload >"$folder/out" 2>"$folder/err"
ok "a wrong file is not" 1 "the old values stay in force"
sed -i '$d' "$folder/peppy.conf"

# ---- watching ----

ctl metrics
ok "the metrics are printed" 0 "# TYPE peppy_commit_seconds histogram" 'peppy_link_up{component=' \
	'peppy_requests_total{request="pubsub set publish"} 0' "# EOF"
ctl top
ok "and rates" 0 "publishes/s" "ms a commit"
"$builddir/peppyctl" -c "$folder/peppy.conf" watch --after 0 >"$folder/watched" 2>&1 &
watcher=$!

# ---- nodes ----

ctl nodes create blog title="Søren's" max_items=3 contact=a@example.org contact=b@example.org
ok "a node is created" 0 "blog"
ctl nodes create blog
ok "but not twice" 1 "node exists"
ctl nodes create other titel=x
ok "nor with an unknown field" 64 "'titel' is not a field"
ctl nodes show blog
ok "its configuration is shown" 0 "Søren's" "a@example.org, b@example.org" "max_items "
ctl nodes configure blog title= access_model=whitelist
ok "its configuration is changed" 0
ctl nodes show blog --json
ok "an empty value clears a field" 0 '"title":null' '"access_model":"whitelist"'
for i in 1 2 3 4 5; do ctl nodes create "page/$i"; done
ctl nodes list 'page/*' --limit 2
ok "a page is shown, and where the next one starts" 0 "page/2" "--after 'page/2'"
ctl nodes list 'page/*' --json
ok "without a limit the list is whole" 0 "page/1" "page/5"
[ "$(wc -l <"$folder/out")" = 5 ]
ok "one line of JSON for each" 0
ctl nodes list --service pubsub.example.com
ok "a service elsewhere is refused" 1 "pubsub.example.com is not a service here"

# ---- what a terminal would take for commands, or be deceived by ----

csi=$(printf '\302\233') override=$(printf '\342\200\256')
ctl nodes create "a${csi}31m${override}z"
ctl nodes list "a${csi}*"
ok "a NodeID is shown without them" 0 'a\xc2\x9b31m\xe2\x80\xaez'
ctl nodes delete "a${csi}31m${override}z" --redirect "xmpp:x?${csi}2J"
ctl nodes show "a${csi}31m${override}z"
ok "an error too" 1 'xmpp:x?\xc2\x9b2J'
ctl nodes show "a${csi}31m${override}z" --json
grep -q "$csi" "$folder/err"
ok "for programs as well" 1

# ---- items ----

echo '<entry xmlns="http://www.w3.org/2005/Atom"><title>One</title></entry>' >"$folder/one.xml"
ctl items publish blog "$folder/one.xml" --id 1
ok "an item is published from a file" 0 "1"
"$builddir/peppyctl" -c "$folder/peppy.conf" items publish blog --id 2 \
	<"$folder/one.xml" >"$folder/out" 2>"$folder/err"
ok "and from standard input" 0 "2"
ctl items show blog 1
[ "$(cat "$folder/out")" = "$(cat "$folder/one.xml")" ]
ok "it comes back byte by byte" 0
echo '<entry>' >"$folder/bad.xml"
ctl items publish blog "$folder/bad.xml"
ok "what is not XML is refused" 64 "the payload is not one XML element"
printf '<e>\377</e>' >"$folder/bad.xml"
ctl items publish blog "$folder/bad.xml"
ok "what is not UTF-8 is refused" 65 "not UTF-8"
ctl items publish blog "$folder/none.xml"
ok "a missing file is named" 66 "none.xml"
ctl items publish blog "$folder/one.xml" -o access_model=open
ok "publish-options that are not met are refused" 1 "precondition not met"
ctl items list blog
ok "the items are listed" 0 "item  publisher"
[ "$(wc -l <"$folder/out")" = 3 ]
ok "only those that were published" 0
ctl items retract blog 1
ok "an item is retracted" 0
ctl items show blog 1
ok "then it is gone" 1 "item not found"

# ---- people ----

ctl subscriptions set blog alice@example.org subscribed
ok "whoever may not read cannot be subscribed" 1
ctl affiliations set blog alice@example.org member
ok "an affiliation is set" 0
ctl subscriptions set blog alice@example.org subscribed
ok "whoever may read can be subscribed" 0
ctl subscriptions list blog
ok "the subscribers of a node are listed" 0 "alice@example.org"
ctl subscriptions list --jid alice@example.org
ok "and the subscriptions of a JID" 0 "blog"
ctl affiliations list --jid alice@example.org
ok "and the affiliations" 0 "member"
ctl explain blog alice@example.org
ok "explain says why she is not notified" 1 "alice@example.org is not notified:" \
	"subscribed" "the link to the server is down"
ctl affiliations set blog pubsub.example.org none
ok "the last owner stays" 1 "the last owner has to stay"

ctl nodes purge blog
ok "a node is purged" 0
sleep 0.5
kill "$watcher" && wait "$watcher" 2>/dev/null
cp "$folder/watched" "$folder/out"
ok "watch has seen it all" 0 "nodes create pubsub.example.org blog: 0 told" \
	"items publish pubsub.example.org blog 1: 0 told" "REFUSED: node exists" \
	"items retract pubsub.example.org blog 1: 0 told" \
	"nodes purge pubsub.example.org blog: 1 told"
ctl nodes delete blog
ok "and deleted" 0
ctl nodes show blog
ok "and gone" 1 "node not found"

# ---- the store ----

ctl nodes create blog title="Søren's"
ctl items publish blog "$folder/one.xml" --id 1
ctl affiliations set blog alice@example.org publisher
ctl subscriptions set blog alice@example.org subscribed
ctl items publish mood "$folder/one.xml" --id current --service alice@example.org
ctl fsck
ok "the store is checked while the daemon runs" 0 "nodes          7" "problems       0"
ctl backup "$folder/backup"
ok "and copied" 0 "nodes          7"
ctl backup "$folder/backup"
ok "but not over another backup" 74 "there is a store already"
ctl items retract blog 1
ctl fsck "$folder/backup"
ok "the copy is checked" 0 "items          2"
ctl export "$folder/backup"
ok "and exported" 0 '"type":"peppy-export"' '"node":"blog"' '<title>One</title>'
cp "$folder/out" "$folder/export.jsonl"
ctl account export Alice@example.org
ok "what is stored about somebody is exported" 0 '"node":"mood"' '"affiliation":"publisher"' \
	'"state":"subscribed"'
ctl account export @
ok "but not about what is not a JID" 64 "is not a JID"
ctl restore "$folder/backup"
ok "nothing is restored over a store in use" 74 "another process uses the store"
ctl load "$folder/export.jsonl"
ok "nothing is loaded into one either" 74 "another process uses the store"
ctl account list
ok "accounts are listed" 0 "alice@example.org" "unknown"
ctl account list --gone 1
[ ! -s "$folder/out" ] || ! grep -q alice "$folder/out"
ok "none has gone that was busy today" 0
ctl account show alice@example.org
ok "how much is stored about somebody is shown" 0 "nodes           1" "subscriptions   1" \
	"affiliations    1"
ctl account erase alice@example.org
ok "what is stored about somebody is erased" 0 "nodes          1" "subscriptions  1" \
	"affiliations   1"
ctl account show alice@example.org
ok "then nothing is left" 0 "nodes           0" "subscriptions   0" "affiliations    0"
ctl account erase nobody@example.com
ok "and erasing somebody unknown is not an error" 0
stop
ctl restore "$folder/backup"
ok "with the daemon stopped the backup is restored" 0 "items          2"
start
ctl items show blog 1
ok "and what was retracted since is there again" 0 "<title>One</title>"
ctl restore "$folder/nothing"
ok "a folder without a backup is refused" 66 "no store that can be read"
mkdir "$folder/junk" && printf 'junk' >"$folder/junk/data.mdb"
ctl restore "$folder/junk"
ok "and so is a file that is not a store" 66 "no store that can be read"
mkdir "$folder/cut" && head -c 20000 "$folder/backup/data.mdb" >"$folder/cut/data.mdb"
ctl restore "$folder/cut"
ok "and one that was cut off" 74 "its file was cut off"
ctl fsck
ok "the store is what it was" 0 "problems       0"

# ---- restarts ----

kill -9 "$daemon"
wait "$daemon" 2>/dev/null
daemon=
start
ctl nodes list
ok "a socket left by a daemon that was killed is replaced" 0 "page/5"
"$builddir/peppyd" -c "$folder/peppy.conf" >"$folder/out" 2>"$folder/err"
ok "a second daemon on the same store is refused" 74 "another process uses the store"
ctl nodes list
ok "and the first goes on" 0 "page/5"
stop
[ ! -e "$folder/store/peppy.sock" ]
ok "the socket goes with the daemon" 0

# ---- an account of three thousand nodes, and kill -9 while it is erased ----

rm -rf "$folder/store"
sed -n 1p "$folder/export.jsonl" >"$folder/large.jsonl"
sed -n '/"type":"node".*"node":"mood"/p' "$folder/export.jsonl" | awk '{
	for (i = 1; i <= 3000; i++) {
		line = $0
		sub(/"node":"mood"/, "\"node\":\"mood " i "\"", line)
		print line
	}
}' >>"$folder/large.jsonl"
sed -n '$p' "$folder/export.jsonl" >>"$folder/large.jsonl"
ctl load "$folder/large.jsonl"
start
ctl account show alice@example.org
ok "an account is large" 0 "nodes           3000"
promises() {
	grep -c "is to be erased" "$folder/log"
}
promised=$(promises)
ctl account erase alice@example.org &
asker=$!
tries=0
while [ "$(promises)" = "$promised" ] && [ $((tries += 1)) -lt 1000 ]; do
	sleep 0.02
done
kill -9 "$daemon"
wait "$daemon" "$asker" 2>/dev/null
start
tries=0
while ctl account show alice@example.org && ! grep -q "^nodes  *0$" "$folder/out" &&
	[ $((tries += 1)) -lt 600 ]; do
	sleep 0.1
done
ok "killed while it erases an account, it erases it to the end" 0 "nodes           0"
tries=0
while ctl jobs && [ -s "$folder/out" ] && [ $((tries += 1)) -lt 100 ]; do
	sleep 0.1
done
ok "the job is done with" 0
stop
ctl fsck
ok "and nothing is left of it" 0 "services       0" "problems       0"

echo "1..$count"
