#!/bin/sh
# booted.sh - the unit, run by systemd itself, on a copy of this machine that has been booted.
# $1: number of the last test.
# shellcheck disable=SC2317 # functions are called by name
set -u

n=$1
cd /peppy-test || exit 1
. ./steps.sh

of_unit() { # $1: property
	systemctl show --property "$1" --value peppyd
}
log_since() { # $1: cursor file, $2: text
	journalctl --quiet --unit peppyd --output cat --cursor-file "$1" | grep -F -e "$2"
}
status_is() { # $1: text
	[ "$(of_unit StatusText)" = "$1" ]
}
runs() {
	systemctl is-active --quiet peppyd
}

# ---- what is to hold ----

starts_with_the_package() {
	dpkg -i peppy_*.deb && runs && [ "$(of_unit Type)" = notify ] && within 10 status_is "0 of 1 links up"
}
is_confined() {
	process=/proc/$(of_unit MainPID)
	grep -E '^(CapEff|NoNewPrivs|Seccomp):' "$process/status" | tr -d '\t\n' |
		grep -E 'CapEff:0+NoNewPrivs:1Seccomp:2' &&
		[ "$(stat -c %U "$process")" = peppy ] &&
		grep -E ' / / ro[, ]' "$process/mountinfo" &&
		grep -E ' /var/lib/peppy rw[, ]' "$process/mountinfo"
}
is_linked() {
	mkdir -p /run/prosody && chown prosody /run/prosody
	{
		echo 'VirtualHost "example.org"'
		readme 'Attach it to Prosody' lua 1
	} >/etc/prosody/conf.d/example.org.cfg.lua
	systemctl restart prosody && within 20 status_is "1 of 1 links up"
}
reads_again() {
	log_since /tmp/reads . >/dev/null
	sed -i 's/#level = info/level = debug/' /etc/peppy/peppy.conf && systemctl reload peppyd &&
		within 5 sh -c 'peppyctl log | grep debug' && runs
}
keeps_what_was_published() {
	peppyctl nodes create news && echo '<a xmlns="urn:example:a"/>' | peppyctl items publish news --id 1
}
is_back() { # $1: how often systemd has started it again
	[ "$(of_unit NRestarts)" = "$1" ] && peppyctl items show news 1 | grep urn:example:a
}
takes_a_credential() {
	mkdir -p /etc/systemd/system/peppyd.service.d
	readme 'Configure' ini 1 >/etc/systemd/system/peppyd.service.d/override.conf
	sed -i 's/secret-file = .*/secret-credential = "peppy-secret"/' /etc/peppy/peppy.conf
	systemctl daemon-reload && systemctl restart peppyd &&
		within 20 status_is "1 of 1 links up" && peppyctl status && peppyd -t
}
survives_kill() {
	keeps_what_was_published && kill -9 "$(of_unit MainPID)" && within 10 is_back 1
}
wakes_when_it_hangs() {
	mkdir -p /run/systemd/system/peppyd.service.d
	printf '[Service]\nWatchdogSec=2\nTimeoutAbortSec=1\n' >/run/systemd/system/peppyd.service.d/hang.conf
	systemctl daemon-reload && systemctl restart peppyd && kill -STOP "$(of_unit MainPID)" &&
		within 15 is_back 1
	awake=$?
	rm /run/systemd/system/peppyd.service.d/hang.conf
	systemctl daemon-reload && systemctl restart peppyd && return $awake
}
refuses_to_start() {
	! systemctl start peppyd
}
is_restored() { # after more failures than systemd likes
	do_readme 'Backup and restore' 1 && systemctl stop peppyd &&
		head -c 30000 /dev/urandom >/var/lib/peppy/data.mdb || return
	for _ in 1 2 3 4 5 6 7; do
		refuses_to_start && systemctl stop peppyd || return
	done
	do_readme 'Backup and restore' 2 && peppyctl items show news 1 | grep urn:example:a
}
stays_down_when_misconfigured() {
	cp /etc/peppy/peppy.conf /tmp/kept && echo nonsense >>/etc/peppy/peppy.conf
	refuses_to_start_again=no
	systemctl restart peppyd || refuses_to_start_again=yes
	sleep 3
	[ $refuses_to_start_again = yes ] && [ "$(of_unit ActiveState)" = failed ]
	down=$?
	cp /tmp/kept /etc/peppy/peppy.conf
	systemctl start peppyd && return $down
}
goes_with_the_package() {
	dpkg -P peppy && ! runs && [ ! -e /var/lib/peppy ] && [ ! -e /lib/systemd/system/peppyd.service ]
}

step "booted: the package starts peppyd, which tells systemd how far it is" starts_with_the_package
step "booted: it has no rights, and writes nowhere but to its store" is_confined
step "booted: systemd is told when the link is up" is_linked
step "booted: systemctl reload reads the configuration again" reads_again
step "booted: the secret may be a credential" takes_a_credential
step "booted: killed, it is started again and has lost nothing" survives_kill
step "booted: if it hangs, the watchdog starts it again" wakes_when_it_hangs
step "booted: a damaged store is restored with the README's commands" is_restored
step "booted: with a wrong configuration it stays down" stays_down_when_misconfigured
step "booted: purging the package leaves nothing" goes_with_the_package
