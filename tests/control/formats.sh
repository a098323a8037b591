#!/bin/sh
# Stores of other formats than ours: what peppyd and peppyctl do with them.
set -u
. "${srcdir:=.}/tests/control/tap.sh"

printf '{"type":"peppy-export","version":1}\n{"type":"end","records":0}\n' >"$folder/empty.jsonl"

make_store() { # VERSION DIR
	mkdir -p "$2" && "$builddir/tests/unit/store/upgrade" --make "$1" "$2"
}

sed -i 's/pubsub.example.org/pubsub.denmark.lit/' "$folder/peppy.conf"

# ---- an older one ----

make_store 1.0 "$folder/store"
ctl fsck
ok "the check says that it is of an older format" 66 "the older format 1.0" "peppyd upgrades it"
ctl export
ok "so does the export" 66 "the older format 1.0"
ctl backup "$folder/old"
ok "it is copied as it is" 0 "1.0" "unchecked"
[ "$(ls "$folder/store")" = "$(printf 'data.mdb\nlock.mdb\npeppy.lock')" ]
ok "nothing of that has changed it" 0

start
ctl nodes show news
ok "peppyd upgrades it when it starts" 0 "items        3"
copy=$(echo "$folder"/store/before-upgrade-1.0-*)
[ -f "$copy/data.mdb" ]
ok "and keeps what it was" 0
grep -q "the store has format 1.0: upgrading it to" "$folder/log" &&
	grep -q "is kept in $copy" "$folder/log"
ok "as the log says" 0
ctl fsck
ok "then the check finds nothing wrong" 0 "problems       0"
stop

ctl restore "$copy"
ok "what it was is restored as it is" 0 "1.0" "unchecked"
ctl fsck
ok "and is the older one again" 66 "the older format 1.0"
ctl restore "$folder/old"
ok "so is a backup of it" 0 "1.0"
"$builddir/peppyctl" --store "$folder/store" load "$folder/empty.jsonl" >"$folder/out" 2>"$folder/err"
ok "whoever writes into it upgrades it" 0
ctl fsck
ok "that too is whole" 0 "problems       0"
[ "$(echo "$folder"/store/before-upgrade-1.0-*)" = "$copy" ]
ok "the copy that is there already is not made again" 0

# ---- a newer one ----

make_store newer "$folder/newer"
sed -i "s|^store.*|store { path = \"$folder/newer\" }|" "$folder/peppy.conf"
sum=$(sha256sum <"$folder/newer/data.mdb")
for command in fsck export "backup $folder/no" "load $folder/empty.jsonl"; do
	ctl $command
	[ $? != 0 ] && grep -q "the store has format 99, this peppy knows up to" "$folder/err" &&
		! grep -q "there is no store" "$folder/err"
	ok "a newer one: no ${command%% *}" 0
done
"$builddir/peppyd" -c "$folder/peppy.conf" >"$folder/out" 2>"$folder/err"
ok "peppyd refuses it" 74 "the store has format 99"
[ "$sum" = "$(sha256sum <"$folder/newer/data.mdb")" ] && [ ! -e "$folder/no" ]
ok "and has written nothing" 0
sed -i "s|^store.*|store { path = \"$folder/store\" }|" "$folder/peppy.conf"
ctl restore "$folder/newer"
ok "nor is it restored" 66 "the store has format 99"
ctl fsck
ok "the store is what it was" 0 "problems       0"

echo "1..$count"
