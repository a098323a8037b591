#!/bin/sh
# package.sh - the Debian package as an operator meets it: built, installed on a copy of this machine,
# and then what README.md tells him to do (operator.sh). The copy is an overlay with a network and
# processes of its own, and goes with the test. Needs root, debhelper, and both servers. Before, where
# systemd-nspawn (package systemd-container) boots such a copy, systemd runs the unit there (booted.sh).
# shellcheck disable=SC2154 # make sets srcdir and builddir
set -u

skip() {
	echo "1..0 # SKIP $1"
	exit 0
}

here=$srcdir/tests/package

# ---- in the namespaces: the copy of the machine ----

overlay() { # $1: folder
	root=$1/root
	mount -t tmpfs peppy "$1/over" && mkdir "$1/over/upper" "$1/over/work" &&
		mount -t overlay -o "lowerdir=/,upperdir=$1/over/upper,workdir=$1/over/work" \
			peppy "$root"
}
name_hosts() {
	echo 127.0.0.1 localhost example.org pubsub.example.org >"$root/etc/hosts"
}
enter() { # $1: folder
	overlay "$1" || return
	mount -t proc proc "$root/proc" && mount --rbind /dev "$root/dev" &&
		mount -t tmpfs peppy "$root/run" && mount -t tmpfs peppy "$root/tmp" || return
	ip link set lo up || return
	name_hosts
	cp "$1"/peppy_*.deb "$here/operator.sh" "$here/steps.sh" "$root/tmp/"
}

# A machine that boots, with a network of its own; it is switched off when the unit below is done.
boot() { # $1: folder, $2: number of the last test
	overlay "$1" || return
	name_hosts
	mkdir "$root/peppy-test"
	cp "$1"/peppy_*.deb "$here/booted.sh" "$here/steps.sh" "$root/peppy-test/"
	rm -f "$root/etc/machine-id"
	cat >"$root/etc/systemd/system/peppy-test.service" <<-END
		[Unit]
		After=basic.target
		Requires=basic.target
		SuccessAction=poweroff-force
		FailureAction=poweroff-force
		[Service]
		Type=oneshot
		ExecStart=/bin/sh /peppy-test/booted.sh $2
		StandardOutput=file:/peppy-test/out
		TimeoutStartSec=600
	END
	timeout 700 systemd-nspawn --quiet --directory "$root" --boot --register=no --keep-unit \
		--private-network --console=pipe systemd.unit=peppy-test.service </dev/null >"$1/console" 2>&1
	cat "$root/peppy-test/out"
}

if [ "${1-}" = --inside ]; then
	folder=$2
	enter "$folder" || exit 77
	[ "${3-}" != --probe ] || exit 0
	exec chroot "$folder/root" env -i PATH="$PATH" HOME=/root LC_ALL=C.UTF-8 sh /tmp/operator.sh "$3"
fi

if [ "${1-}" = --boot ]; then
	boot "$2" "$3"
	exit
fi

# ---- outside ----

[ "${PEPPY_TEST_SERVERS-}" != no ] || skip "PEPPY_TEST_SERVERS is no"
! grep -q '^SANITIZERS = .' "$builddir/Makefile" || skip "a package has no sanitizers"
[ "$(id -u)" = 0 ] || skip "only root installs packages"
for program in dpkg-buildpackage dh unshare ip prosody ejabberdctl; do
	command -v $program >/dev/null || skip "$program is not installed"
done

folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
trap 'exit 1' HUP INT TERM
mkdir "$folder/root" "$folder/over"
apart="unshare --mount --net --pid --fork --kill-child --propagation private"
touch "$folder/peppy_probe.deb"
$apart sh "$here/package.sh" --inside "$folder" --probe 2>/dev/null ||
	skip "this machine cannot be overlaid"
rm "$folder/peppy_probe.deb"

n=0
result() { # $1: exit status, $2: sentence, $3: log
	n=$((n + 1))
	if [ "$1" = 0 ]; then
		echo "ok $n - $2"
	else
		tail -n 30 "$3" | sed 's/^/# /'
		echo "not ok $n - $2"
	fi
	return "$1"
}

build() {
	env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -s -C "$builddir" distdir distdir="$folder/peppy" &&
		cd "$folder/peppy" && chmod -R u+w . &&
		env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL -u srcdir -u builddir \
			DEB_BUILD_OPTIONS="nocheck parallel=$(nproc)" dpkg-buildpackage -us -uc -b
}

(build) >"$folder/log" 2>&1
if ! result $? "the package builds from what is distributed" "$folder/log"; then
	echo "1..$n"
	exit 1
fi
if command -v lintian >/dev/null; then
	lintian --allow-root --fail-on error,warning "$folder"/peppy_*.changes >"$folder/log" 2>&1
	result $? "lintian finds nothing" "$folder/log"
fi
booted=$(unshare --mount --propagation private sh "$here/package.sh" --boot "$folder" "$n" 2>/dev/null)
if [ -n "$booted" ]; then
	echo "$booted"
	n=$(echo "$booted" | sed -nE 's/^(not )?ok ([0-9]+) .*/\2/p' | tail -n 1)
else
	n=$((n + 1))
	echo "ok $n - systemd runs the unit # SKIP no systemd-nspawn, or it does not boot here"
fi
$apart sh "$here/package.sh" --inside "$folder" "$n"
