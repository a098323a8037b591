#!/bin/bash
# Is every command of peppyctl in its manual and in its completion?
set -u

: "${builddir:=build}" "${srcdir:=.}"
count=0

report() { # verdict, name
	count=$((count + 1))
	echo "$1 $count - $2"
}

check() { # name, command...
	local name=$1
	shift
	if "$@"; then report ok "$name"; else report "not ok" "$name"; fi
}

in_manual() {
	grep -qE "^\.It Ic $1( |$)" "$srcdir/tools/peppyctl.1.in"
}

completes() { # words..., the last one begun
	COMP_WORDS=(peppyctl "$@")
	COMP_CWORD=$#
	COMPREPLY=()
	_peppyctl
}

offers() { # word, words before it...
	local word=$1
	shift
	completes "$@" "${word:0:2}"
	printf '%s\n' "${COMPREPLY[@]}" | grep -qx -e "$word"
}

in_completion() {
	local words
	read -ra words <<<"$1"
	if [ ${#words[@]} = 1 ]; then
		offers "${words[0]}"
	else
		offers "${words[0]}" && offers "${words[1]}" "${words[0]}"
	fi
}

complete() { :; } # the builtin is for interactive shells
. "$srcdir/tools/peppyctl.bash"

mapfile -t verbs < <("$builddir/peppyctl" --help |
	sed -nE 's/^  ([a-z]+( (list|show|create|configure|delete|purge|publish|retract|set|export|erase|drop))?)( .*)?$/\1/p')
check "the commands are found" [ ${#verbs[@]} -gt 25 ]
for verb in "${verbs[@]}"; do
	check "$verb is in the manual" in_manual "$verb"
	check "$verb is completed" in_completion "$verb"
done
mapfile -t options < <("$builddir/peppyctl" --help | grep -oE -e '--[a-z]+' | sort -u)
for option in "${options[@]}"; do
	check "$option is completed" offers "$option"
done
completes --service x nodes pu
check "options and their values are passed over" [ "${COMPREPLY[*]}" = purge ]
completes affiliations set n j mem
check "words are completed where they stand" [ "${COMPREPLY[*]}" = member ]

echo "1..$count"
