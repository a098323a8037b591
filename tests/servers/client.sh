#!/bin/sh
# The client before there is a server: what it refuses, and how it says so. Prints TAP.
peppy=${builddir:-build}/peppy
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
unset PEPPY_JID PEPPY_PASSWORD PEPPY_HOST PEPPY_PORT PEPPY_CA_FILE XDG_CONFIG_HOME
HOME=$folder
export HOME
number=0

# expect STATUS TEXT NAME COMMAND...: exit status, and a text on standard output or error
expect() {
	wanted=$1 text=$2 name=$3
	shift 3
	number=$((number + 1))
	said=$("$@" 2>&1 </dev/null)
	status=$?
	case $said in *"$text"*) found=yes ;; *) found=no ;; esac
	if [ "$status" = "$wanted" ] && [ $found = yes ]; then
		echo "ok $number - $name"
	else
		echo "not ok $number - $name"
		echo "$said" | sed "s/^/# exit status $status: /"
	fi
}

account() { # its lines
	printf '%s\n' "$@" >"$folder/account"
	chmod 600 "$folder/account"
}

as_romeo() {
	PEPPY_JID=romeo@localhost PEPPY_PASSWORD=secret PEPPY_HOST=127.0.0.1 PEPPY_PORT=1 "$peppy" "$@"
}

echo 1..23
expect 0 "usage: peppy" "--help prints the commands" "$peppy" --help
expect 0 "peppy " "--version prints a version" "$peppy" --version
expect 64 "usage: peppy" "no command is misuse" "$peppy"
expect 64 "there is no command 'node'" "an unknown command is misuse" "$peppy" node explode
expect 64 "usage: peppy publish" "publish wants to know what" "$peppy" publish
expect 64 "unrecognized option" "a password cannot be an option" "$peppy" --password x ping
expect 64 "no account" "without an account nothing is tried" "$peppy" ping
expect 64 "--field cannot be" "-o wants KEY=VALUE" "$peppy" node create -o title
expect 64 "--count cannot be" "a count is at least one" "$peppy" watch --count 0
expect 64 "--max cannot be" "a number is not negative" "$peppy" items --max -1
expect 64 "--id cannot be" "what XML cannot carry is refused" \
	"$peppy" retract --id "$(printf 'a\001b')"
expect 64 "--node is missing" "items wants a node" as_romeo items
expect 64 "not a word of this event" "a tune has no colour" as_romeo publish tune colour=blue
expect 64 "not a word of this event" "a mood is one element" as_romeo publish mood 'very happy'
expect 64 "is not a PNG" "an avatar is a PNG" as_romeo publish avatar "$peppy"
expect 64 "No such file" "a file has to be there" as_romeo publish "$folder/none.xml" --node x
echo '<a><b></a>' >"$folder/bad.xml"
expect 64 "not well-formed" "a payload has to be well-formed" \
	as_romeo publish "$folder/bad.xml" --node x
expect 64 "on loopback only" "plain text leaves the machine for nobody" \
	as_romeo ping --plain --host example.org
expect 64 "on loopback only" "nor does an unchecked certificate" \
	as_romeo ping --insecure-tls --host 192.0.2.1
expect 2 "cannot log in: Connection refused" "no server is a connection that failed" as_romeo ping

account romeo@localhost secret
expect 2 "cannot log in" "an account file may be two lines" \
	"$peppy" ping -f "$folder/account" --host 127.0.0.1 --port 1
account jid=romeo@localhost password=secret host=127.0.0.1 port=1
expect 2 "cannot log in" "or key=value" "$peppy" ping -f "$folder/account"
chmod 644 "$folder/account"
expect 64 "chmod 600" "a password that others can read is refused" \
	"$peppy" ping -f "$folder/account"
