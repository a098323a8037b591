#!/bin/sh
# What disco#info advertises and what flows prove are the same features: 10-feature-NAME.flow.
flows=$srcdir/tests/flow/flows

advertised() {
	"$builddir/tests/flow/run-flows" --show "$flows/10-advertised.flow" |
		grep -o "pubsub#[a-z-]*'" | tr -d "'" | sed 's/.*#//'
}

proven() {
	for flow in "$flows"/10-feature-*.flow; do
		basename "$flow" .flow | sed 's/10-feature-//'
	done
}

both=$(mktemp -d) || exit 1
trap 'rm -r "$both"' EXIT
advertised | sort -u >"$both/advertised"
proven | sort -u >"$both/proven"
n=0
for name in $(sort -u "$both/advertised" "$both/proven"); do
	n=$((n + 1))
	if ! grep -qx -e "$name" "$both/proven"; then
		echo "not ok $n - $name is advertised, but no flow proves it"
	elif ! grep -qx -e "$name" "$both/advertised"; then
		echo "not ok $n - $name is proven, but not advertised"
	else
		echo "ok $n - $name is advertised and proven"
	fi
done
if [ "$n" -lt 30 ]; then
	n=$((n + 1))
	echo "not ok $n - a service advertises more than that"
fi
echo "1..$n"
