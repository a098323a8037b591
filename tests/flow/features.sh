#!/bin/sh
# What disco#info advertises and what flows prove are the same features. Those of pubsub are proven by
# 10-feature-NAME.flow, others by a flow with a line "# feature NAME".
flows=$srcdir/tests/flow/flows
pubsub=http://jabber.org/protocol/pubsub

advertised() {
	"$builddir/tests/flow/run-flows" --show "$flows/10-advertised.flow" |
		grep -o "<feature var='[^']*'" | cut -d "'" -f 2
}

proven() {
	for flow in "$flows"/10-feature-*.flow; do
		echo "$pubsub#$(basename "$flow" .flow | sed 's/10-feature-//')"
	done
	sed -n 's/^# feature //p' "$flows"/*.flow
}

both=$(mktemp -d) || exit 1
trap 'rm -r "$both"' EXIT
advertised | sort -u >"$both/advertised"
proven | sort -u >"$both/proven"
n=0
for name in $(sort -u "$both/advertised" "$both/proven"); do
	n=$((n + 1))
	said=$(echo "$name" | tr '#' '@') # in TAP it would begin a directive
	if ! grep -Fqx -e "$name" "$both/proven"; then
		echo "not ok $n - $said is advertised, but no flow proves it"
	elif ! grep -Fqx -e "$name" "$both/advertised"; then
		echo "not ok $n - $said is proven, but not advertised"
	else
		echo "ok $n - $said is advertised and proven"
	fi
done
if [ "$n" -lt 50 ]; then
	n=$((n + 1))
	echo "not ok $n - a service advertises more than that"
fi
echo "1..$n"
