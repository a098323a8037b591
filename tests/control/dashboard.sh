#!/bin/bash
# The dashboard and the alerts ask for numbers that peppyd tells, in words that Prometheus takes:
# promtool reads them, and a Prometheus of our own reads a peppyd of our own.
set -u

: "${builddir:=build}" "${srcdir:=.}"
for program in python3 promtool prometheus; do
	if ! command -v $program >/dev/null; then
		echo "1..0 # SKIP there is no $program"
		exit 0
	fi
done
folder=$(mktemp -d)
count=0
trap 'kill $(jobs -p) 2>/dev/null; wait 2>/dev/null; rm -rf "$folder"' EXIT

check() { # name, command...
	local name=$1
	shift
	count=$((count + 1))
	if "$@" >"$folder/out" 2>&1; then
		echo "ok $count - $name"
	else
		echo "not ok $count - $name"
		sed 's/^/# /' "$folder/out"
		tail -n 5 "$folder/prometheus.log" 2>/dev/null | sed 's/^/# /'
	fi
}

eventually() { # at most 20 s
	for _ in {1..100}; do
		"$@" && return
		sleep 0.2
	done
	return 1
}

free_port() {
	python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])'
}

# ---- a peppyd with something to tell ----

port=$(free_port)
cat >"$folder/peppy.conf" <<END
component "pubsub.example.org" { secret = 'x'  port = 1 }
store { path = "$folder/store" }
control { metrics-listen = "127.0.0.1:$port" }
END
chmod 600 "$folder/peppy.conf"
"$builddir/peppyd" -c "$folder/peppy.conf" 2>"$folder/log" &

fetch() {
	python3 - "http://127.0.0.1:$port/metrics" "$folder/metrics" <<-'END'
		import sys, urllib.request
		text = urllib.request.urlopen(sys.argv[1]).read()
		open(sys.argv[2], "wb").write(text)
	END
}
check "peppyd tells its numbers" eventually fetch
"$builddir/peppyctl" -c "$folder/peppy.conf" nodes create news >/dev/null
fetch
lints() {
	[ "$(promtool check metrics <"$folder/metrics" 2>&1 | tee /dev/stderr)" = "" ]
}
check "promtool has nothing to say about them" lints

# ---- what is asked for ----

# A rule for each expression, with values for what Grafana fills in; and who is named where.
python3 - "$srcdir/tools/grafana/peppy.json" "$folder" <<'END'
import json, re, sys
dashboard, folder = json.load(open(sys.argv[1])), sys.argv[2]
exprs = [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", [])]
exprs = [e.replace("$__rate_interval", "5m").replace("$instance", ".*") for e in exprs]
with open(f"{folder}/dashboard.yml", "w") as rules, open(f"{folder}/exprs", "w") as lines:
    rules.write("groups:\n- name: dashboard\n  rules:\n")
    for n, expr in enumerate(exprs):
        rules.write(f"  - {{ record: 'panel:n{n}', expr: {json.dumps(expr)} }}\n")
        lines.write(expr + "\n")
END
check "every expression of the dashboard is PromQL" promtool check rules "$folder/dashboard.yml"
cp "$srcdir/tools/prometheus/alerts.yml" "$folder/rules.yml"
check "the alerts are rules" promtool check rules "$folder/rules.yml"
cp "$srcdir/tests/control/alerts.yml" "$folder/"
check "they fire when they shall" promtool test rules "$folder/alerts.yml"

names_in() {
	grep -hoE '\b(peppy|process)_[a-z_]+' "$@" | sort -u
}
names_in <(grep -v '^#' "$folder/metrics") >"$folder/told"
names_in "$folder/exprs" <(grep expr: "$folder/rules.yml") >"$folder/asked"
all_are_told() {
	! comm -13 "$folder/told" "$folder/asked" | grep .
}
check "what dashboard and alerts ask for is told" all_are_told
sed -E 's/_(bucket|sum|count)$//' "$folder/told" | grep ^peppy | sort -u >"$folder/families"
sed -E 's/_(bucket|sum|count)$//' "$folder/asked" | sort -u >"$folder/shown"
all_are_shown() {
	! comm -23 "$folder/families" "$folder/shown" | grep .
}
check "what is told is shown" all_are_shown

# ---- a Prometheus that looks at it ----

at=$(free_port)
cat >"$folder/prometheus.yml" <<END
global: { scrape_interval: 1s, evaluation_interval: 1s }
rule_files: [rules.yml]
scrape_configs:
  - job_name: peppy
    static_configs: [{ targets: ["127.0.0.1:$port"] }]
END
prometheus --config.file="$folder/prometheus.yml" --storage.tsdb.path="$folder/tsdb" \
	--web.listen-address="127.0.0.1:$at" 2>"$folder/prometheus.log" >&2 &
ask() {
	promtool query instant "http://127.0.0.1:$at" "$1"
}
has_two() {
	ask 'count_over_time(peppy_uptime_seconds[1m]) > 1' 2>/dev/null | grep -q '=>'
}
check "Prometheus reads it" eventually has_two
all_are_answered() {
	local expr status=0
	while read -r expr; do
		ask "$expr" >"$folder/answer" 2>&1 || { echo "$expr"; status=1; }
	done <"$folder/exprs"
	return $status
}
check "and answers what the dashboard asks" all_are_answered
shows() {
	ask "$1" | tee /dev/stderr | grep -qF "$2"
}
check "with a link that is down" shows 'peppy_link_up' 'component="pubsub.example.org"'
check "and what the store has used" shows \
	"$(grep -m 1 'peppy_store_limit_bytes' "$folder/exprs")" '=> '
echo "1..$count"
