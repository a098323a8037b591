#!/bin/sh
# operator.sh - does what README.md says, with the package, on a machine that is thrown away afterwards.
# Blocks of code are taken from the README itself. $1: number of the last test.
# shellcheck disable=SC2317 # functions are called by name
set -u

n=$1
secret=/etc/peppy/secret

also=/tmp/peppyd.log
. /tmp/steps.sh

# ---- peppyd, without systemd ----

mkdir /tmp/bin
cat >/tmp/bin/systemctl <<'END'
#!/bin/sh
# processes are a namespace of their own here
case $1 in
start) runuser -u peppy -- peppyd >>/tmp/peppyd.log 2>&1 & ;;
stop) pkill -x peppyd ;;
esac
for _ in 1 2 3 4 5 6 7 8 9 10; do
	case $1 in
	start) peppyctl status && exit ;;
	stop) pgrep -x peppyd || exit 0 ;;
	esac
	sleep 1
done
exit 1
END
chmod 755 /tmp/bin/systemctl
PATH=/tmp/bin:$PATH
peppyd_start() {
	systemctl start peppyd
}
peppyd_stop() {
	systemctl stop peppyd
}

# ---- the package ----

has_what_it_needs() {
	[ "$(stat -c '%U %G %a' $secret)" = 'root peppy 640' ] &&
		[ "$(stat -c '%U %G %a' /var/lib/peppy)" = 'peppy peppy 700' ] &&
		peppyd -t && runuser -u peppy -- peppyd -t
}
keeps_what_was_configured() {
	sed -i 's/#create-nodes = local/create-nodes = anyone/' /etc/peppy/peppy.conf &&
		cp $secret /tmp/secret.before && dpkg -i /tmp/peppy_*.deb &&
		grep create-nodes.=.anyone /etc/peppy/peppy.conf && cmp $secret /tmp/secret.before
}
is_removed_but_for_data() {
	dpkg -r peppy && [ ! -e /usr/sbin/peppyd ] && [ -e /var/lib/peppy/data.mdb ] && [ -e $secret ]
}
is_purged() {
	dpkg -P peppy && [ ! -e /var/lib/peppy ] && [ ! -e /etc/peppy ]
}

# ---- people ----

as() { # $1: who, the rest: what he does
	who=$1
	shift
	HOME=/tmp/$who timeout 60 peppy "$@"
}
make_people() { # $1: makes an account
	for name in romeo juliet; do
		mkdir -p /tmp/$name/.config/peppy
		printf '%s\n' $name@example.org 'the password' >/tmp/$name/.config/peppy/account
		chmod 600 /tmp/$name/.config/peppy/account
		"$1" $name || return
	done
	as romeo contact juliet@example.org && as juliet contact romeo@example.org &&
		as romeo contact juliet@example.org | grep both
}
trusts_whom_it_should() {
	as romeo ping --service pubsub.example.org | grep 'pubsub.example.org answers' &&
		! (export SSL_CERT_FILE=/dev/null SSL_CERT_DIR=/nowhere && as romeo ping) 2>/tmp/refused &&
		grep 'certificate is refused: .*--ca-file' /tmp/refused
}
publishes_and_reads() {
	cd /tmp/romeo && HOME=/tmp/romeo && do_readme 'Does it work?' 2 | grep Hello
}
hears() { # juliet, of what romeo publishes by the README
	as juliet watch --count 1 --timeout 30 >/tmp/heard 2>/tmp/watching &
	within 20 grep -q watching /tmp/watching &&
		as romeo publish tune artist='Mouse on Mars' title='Cache Coeur Naif' &&
		wait $! && grep 'Mouse on Mars' /tmp/heard
}
hears_what_was_missed() {
	as juliet watch --count 1 --timeout 30 | grep -A 3 since | grep 'Mouse on Mars'
}
finds_the_node() {
	as juliet disco items --service romeo@example.org | grep protocol/tune
}

# ---- the links ----

link_is_up() {
	peppyctl check | grep 'link.*: up'
}
is_plain() {
	within 20 link_is_up && peppyctl check | grep 'accounts *NO'
}
all_is_granted() {
	peppyctl check && [ "$(peppyctl check | grep -c ' yes$')" = 4 ]
}

# ---- Prosody ----

prosody_with() { # $1: which block of the README
	readme 'Attach it to Prosody' lua "$1" >/etc/prosody/conf.d/example.org.cfg.lua
	[ "$1" != 1 ] || sed -i '1i VirtualHost "example.org"' /etc/prosody/conf.d/example.org.cfg.lua
	: >/var/log/prosody/prosody.log
	prosodyctl check config && prosodyctl restart && within 20 prosodyctl status
}
prosody_account() {
	prosodyctl register "$1" example.org 'the password'
}
prosody_is_content() {
	! grep -P '\t(error|warn)\t' /var/log/prosody/prosody.log | grep -v 'disco\|nesting'
}
prosody_plain() {
	install -d -o prosody -g prosody /run/prosody /var/log/prosody
	install -m 600 -o prosody /tmp/example.org.key /tmp/example.org.crt /etc/prosody/certs &&
		prosody_with 1 && is_plain
}
prosody_eventing() {
	prosody_with 2 && within 20 all_is_granted && prosody_is_content
}

# ---- ejabberd ----

merge() { # adds to what ejabberd.yml has under its keys what standard input has under the same ones
	awk 'NR == FNR && /^[a-z]/ { key = $1; next }
		NR == FNR { lines[key] = lines[key] $0 "\n"; next }
		{ print }
		$1 in lines && /^[a-z]/ { printf "%s", lines[$1] }' - /etc/ejabberd/ejabberd.yml >/tmp/merged &&
		cat /tmp/merged >/etc/ejabberd/ejabberd.yml
}
without() { # $1: a module
	awk -v module="  $1:" '/^  [a-z#]/ || /^[a-z]/ { gone = index($0, module) == 1 } !gone' \
		/etc/ejabberd/ejabberd.yml >/tmp/without && cat /tmp/without >/etc/ejabberd/ejabberd.yml
}
ejabberd_is_up() {
	ejabberdctl status
}
ejabberd_account() {
	ejabberdctl register "$1" example.org 'the password'
}
ejabberd_plain() {
	install -d -o ejabberd -g ejabberd /run/ejabberd /var/log/ejabberd
	cat /tmp/example.org.crt /tmp/example.org.key >/etc/ejabberd/ejabberd.pem
	sed -i 's/^  - localhost$/  - example.org/' /etc/ejabberd/ejabberd.yml
	readme 'Attach it to ejabberd' yaml 1 | merge
	ejabberdctl start && within 60 ejabberd_is_up && is_plain
}
ejabberd_eventing() {
	without mod_pubsub && without mod_avatar && readme 'Attach it to ejabberd' yaml 2 | merge
	ejabberdctl restart && within 60 ejabberd_is_up && within 20 all_is_granted
}

# ---- the operator ----

reads_the_configuration_again() {
	sed -i 's/#level = info/level = debug/' /etc/peppy/peppy.conf && peppyctl reload &&
		peppyctl log | grep debug
}
refuses_a_wrong_one() {
	echo nonsense >>/etc/peppy/peppy.conf
	! peppyctl reload && ! peppyd -t
	refused=$?
	sed -i '$d' /etc/peppy/peppy.conf
	return $refused
}
has_backup() {
	do_readme 'Backup and restore' 1
}
gets_it_back() {
	peppyd_stop && head -c 30000 /dev/urandom >/var/lib/peppy/data.mdb && ! peppyctl fsck &&
		! peppyd_start && do_readme 'Backup and restore' 2
}
is_unharmed() {
	peppyctl fsck && as romeo items --service pubsub.example.org --node news | grep Hello &&
		as romeo items --node tune | grep 'Mouse on Mars'
}

# ---- all of it ----

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 \
	-subj /CN=example.org -addext subjectAltName=DNS:example.org \
	-keyout /tmp/example.org.key -out /tmp/example.org.crt 2>/dev/null
cp /tmp/example.org.crt /usr/local/share/ca-certificates/
update-ca-certificates >/dev/null 2>&1

step "the package installs" dpkg -i /tmp/peppy_*.deb
step "user, folder and secret are there, and the sample configuration is right" has_what_it_needs
step "installed again, it keeps what was configured" keeps_what_was_configured
step "peppyd starts" peppyd_start

step "Prosody takes it as a plain service" prosody_plain
step "with the README's lines Prosody delegates and grants everything" prosody_eventing
step "Prosody: two people become contacts" make_people prosody_account
step "Prosody: the service answers, and a certificate that nobody trusts is refused" trusts_whom_it_should
step "Prosody: a node is made, published to and read with the README's commands" publishes_and_reads
step "Prosody: a contact hears of a tune" hears
step "Prosody: a contact who comes back gets the last tune" hears_what_was_missed
step "Prosody: a contact finds the node" finds_the_node
step "a changed configuration is read again" reads_the_configuration_again
step "a wrong one is refused, and the old values stay" refuses_a_wrong_one
step "a backup is made while it runs" has_backup
step "after the store is destroyed the backup brings it back" gets_it_back
step "everything is there" is_unharmed
prosodyctl stop >/dev/null 2>&1

step "ejabberd takes it as a plain service" ejabberd_plain
step "with the README's lines ejabberd delegates and grants everything" ejabberd_eventing
step "ejabberd: two people become contacts" make_people ejabberd_account
step "ejabberd: a contact hears of a tune" hears
step "ejabberd: a contact who comes back gets the last tune" hears_what_was_missed
step "ejabberd: a contact finds the node" finds_the_node

step "peppyd stops" peppyd_stop
step "removing the package leaves the data" is_removed_but_for_data
step "purging it leaves nothing" is_purged
echo "1..$n"
