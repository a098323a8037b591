#!/bin/sh
# What a store holds goes out and comes in, as lines of JSON and as XEP-0227.
set -u
. "${srcdir:=.}/tests/control/tap.sh"

into() { # DIR ARGUMENT...: of peppyctl
	store=$1
	shift
	"$builddir/peppyctl" --store "$store" "$@" >"$folder/out" 2>"$folder/err"
}

same() {
	cmp -s "$1" "$2"
}

# ---- something to carry ----

sed -i "s/port = 1/port = 1  domains = {\"example.org\", \"example.com\"}/" "$folder/peppy.conf"
start
printf '<entry xmlns="http://www.w3.org/2005/Atom"><title>One &lt; two</title></entry>' \
	>"$folder/one.xml"
ctl nodes create blog title="Søren's" access_model=authorize
ctl items publish blog "$folder/one.xml" --id 1
ctl items publish blog "$folder/one.xml" --id 2
ctl items publish blog "$folder/one.xml" --id 1
ctl affiliations set blog alice@example.org publisher
ctl subscriptions set blog alice@example.org subscribed
ctl subscriptions set blog bob@example.org subscribed
ctl items publish mood "$folder/one.xml" --id current --service alice@example.org
ctl items publish nick "$folder/one.xml" --id current --service bob@example.com
ctl items publish mood "$folder/one.xml" --id current --service zoe@example.org
stop

# ---- there and back ----

ctl export
ok "a store is exported as lines of JSON" 0 '"type":"peppy-export"' '"type":"end"'
cp "$folder/out" "$folder/export.jsonl"
ctl export --format xep-0227
ok "and as XEP-0227" 0 "<server-data xmlns='urn:xmpp:pie:0'>" "<host jid='example.org'>" \
	"<user name='alice'>" "<service xmlns='urn:peppy:export:1' jid='pubsub.example.org'>"
cp "$folder/out" "$folder/export.xml"
[ "$(grep -c '<host ' "$folder/export.xml")" = 2 ]
ok "every domain is one host" 0
ctl export --format pigeon
ok "other formats there are none" 64 "json or xep-0227"
for format in jsonl xml; do
	into "$folder/$format" load "$folder/export.$format"
	ok "$format is loaded into a new store" 0 "records"
	into "$folder/$format" fsck
	ok "$format: which is whole" 0 "nodes          4" "items          5" \
		"subscriptions  2" "problems       0"
	into "$folder/$format" export
	same "$folder/out" "$folder/export.jsonl"
	ok "$format: and exports the same lines" 0
	into "$folder/$format" export --format xep-0227
	same "$folder/out" "$folder/export.xml"
	ok "$format: and the same XML" 0
	into "$folder/$format" load "$folder/export.$format"
	ok "$format: twice it is not loaded" 65 "exists already" "nothing was loaded"
	into "$folder/$format" load --keep "$folder/export.$format"
	ok "$format: unless what is there is to be kept" 0 "nodes_kept"
	into "$folder/$format" export
	same "$folder/out" "$folder/export.jsonl"
	ok "$format: which then has not changed" 0
done

# ---- what is wrong ----

sed '$d' "$folder/export.jsonl" >"$folder/cut.jsonl"
into "$folder/other" load "$folder/cut.jsonl"
ok "lines without their end are not loaded" 65 "the file was cut off" "nothing was loaded"
{ cat "$folder/export.jsonl" && echo '{"type":"node"}'; } >"$folder/bad.jsonl"
into "$folder/other" load "$folder/bad.jsonl"
ok "nor is there anything behind it" 65 "behind the end"
sed '$i {"type":"node"}' "$folder/export.jsonl" >"$folder/bad.jsonl"
into "$folder/other" load "$folder/bad.jsonl"
ok "one bad line, and nothing is loaded" 65 "bad.jsonl: line" "a node needs" \
	"nothing was loaded"
head -c 3000 "$folder/export.xml" >"$folder/cut.xml"
into "$folder/other" load "$folder/cut.xml"
ok "nor is half a document" 65 "cut.xml: line" "nothing was loaded"
{ echo '<!DOCTYPE server-data [<!ENTITY a "b">]>' && cat "$folder/export.xml"; } >"$folder/dtd.xml"
sed -i 2d "$folder/dtd.xml"
into "$folder/other" load "$folder/dtd.xml"
ok "one with a DTD is refused" 65 "document type"
into "$folder/other" load "$folder/export.jsonl" "$folder/bad.jsonl"
ok "of several files all have to be right" 65 "already come" "nothing was loaded"
into "$folder/other" load "$folder/none"
ok "a file that is not there is told" 66 "none: No such file"
into "$folder/other" load /dev/null
ok "an empty one holds nothing" 65 "is empty"
into "$folder/other" fsck
ok "nothing of all that was loaded" 0 "nodes          0"

# ---- several files, and files that include files ----

mkdir "$folder/split" "$folder/split/example.org"
sed -n "/<user name='alice'>/,/<\/user>/p" "$folder/export.xml" |
	sed "s/<user /<user xmlns='urn:xmpp:pie:0' /" >"$folder/split/example.org/alice.xml"
xi="xmlns:xi='http://www.w3.org/2001/XInclude'"
echo "<host xmlns='urn:xmpp:pie:0' jid='example.org' $xi><xi:include \
href='example.org/alice.xml'/></host>" >"$folder/split/example.org.xml"
echo "<server-data xmlns='urn:xmpp:pie:0' $xi><xi:include href='example.org.xml'/>\
</server-data>" >"$folder/split/main.xml"
into "$folder/several" load "$folder/split/main.xml"
ok "files that include each other are loaded" 0 "records"
into "$folder/several" export
ok "with what they hold" 0 '"service":"alice@example.org","node":"mood"'
ln -s "$folder/one.xml" "$folder/split/link.xml"
sed 's/example.org.xml/link.xml/' "$folder/split/main.xml" >"$folder/split/evil.xml"
into "$folder/several" load "$folder/split/evil.xml"
ok "links out of the folder are not followed" 65 "link.xml: Too many levels"

# ---- more than one transaction holds: all of it or nothing, whatever ends it ----

{
	sed -n 1p "$folder/export.jsonl"
	sed -n '/"type":"node".*"node":"mood"/p' "$folder/export.jsonl" | sed 's/"mood"/"many"/;q'
	sed -n '/"type":"item".*"node":"mood"/p' "$folder/export.jsonl" | awk 'NR == 1 {
		sub(/"mood"/, "\"many\"")
		for (i = 1; i <= 30000; i++) {
			line = $0
			sub(/"item":"current"/, "\"item\":\"" i "\"", line)
			print line
		}
	}'
	sed -n '$p' "$folder/export.jsonl"
} >"$folder/many.jsonl"
into "$folder/large" load "$folder/export.jsonl"
sed "s:^store.*:store { path = \"$folder/large\"  max-size = 4M }:" "$folder/peppy.conf" \
	>"$folder/full.conf"
"$builddir/peppyctl" -c "$folder/full.conf" load "$folder/many.jsonl" >"$folder/out" 2>"$folder/err"
ok "a full store ends a large load" 74 "store is full: nothing was loaded"
[ ! -e "$folder/large/loading" ]
ok "and its disk has its room again" 0
"$builddir/peppyctl" --store "$folder/large" load "$folder/many.jsonl" 2>/dev/null &
loader=$!
tries=0
until [ "$(stat -c %s "$folder/large/loading/data.mdb" 2>/dev/null || echo 0)" -gt 1000000 ] ||
	[ $((tries += 1)) -gt 1000 ]; do
	sleep 0.01
done
kill -9 "$loader"
wait "$loader" 2>/dev/null
[ -e "$folder/large/loading/data.mdb" ]
ok "kill -9 ends another in its midst" 0
into "$folder/large" export
same "$folder/out" "$folder/export.jsonl"
ok "then the store is what it was" 0
into "$folder/large" load "$folder/many.jsonl"
ok "run again, it is loaded" 0 "records  30001"
[ ! -e "$folder/large/loading" ]
ok "nothing is left beside the store" 0
into "$folder/large" fsck
ok "which holds all of it, and what it held before" 0 "nodes          5" "items          30005" \
	"problems       0"
into "$folder/large" load "$folder/many.jsonl"
ok "once more, it is there already" 65 "exists already" "nothing was loaded"

echo "1..$count"
