# bash completion for peppyctl(1)

_peppyctl() {
	local cur=${COMP_WORDS[COMP_CWORD]} word words=() i skip=
	local options="--service --as --after --limit --gone --jid --id --redirect --subid --quiet
		--format --keep
		--json --config --socket --store --help --version -c -j -o"

	for ((i = 1; i < COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		if [[ -n $skip ]]; then
			skip=
		elif [[ $word == --json || $word == -j || $word == --quiet || $word == --keep ]]; then
			:
		elif [[ $word == -* ]]; then
			[[ $word == *=* ]] || skip=$word
		else
			words+=("$word")
		fi
	done
	case $skip in
	-c | --config | --socket | --store)
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return
		;;
	--format)
		mapfile -t COMPREPLY < <(compgen -W "json xep-0227" -- "$cur")
		return
		;;
	?*)
		return
		;;
	esac
	if [[ $cur == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
		return
	fi
	case "${words[*]}" in
	"")
		mapfile -t COMPREPLY < <(compgen -W "status check jobs log metrics top watch reload
			nodes items subscriptions affiliations explain account backup restore fsck
			export load" -- "$cur")
		;;
	nodes)
		mapfile -t COMPREPLY < <(
			compgen -W "list show create configure delete purge" -- "$cur")
		;;
	items)
		mapfile -t COMPREPLY < <(compgen -W "list show publish retract" -- "$cur")
		;;
	subscriptions | affiliations)
		mapfile -t COMPREPLY < <(compgen -W "list set" -- "$cur")
		;;
	account)
		mapfile -t COMPREPLY < <(compgen -W "list show export erase" -- "$cur")
		;;
	jobs)
		mapfile -t COMPREPLY < <(compgen -W "drop" -- "$cur")
		;;
	log)
		mapfile -t COMPREPLY < <(compgen -W "error warning info debug" -- "$cur")
		;;
	"subscriptions set "*" "*)
		mapfile -t COMPREPLY < <(compgen -W "subscribed none" -- "$cur")
		;;
	"affiliations set "*" "*)
		mapfile -t COMPREPLY < <(compgen -W "owner publisher publish-only member none
			outcast" -- "$cur")
		;;
	backup | restore | fsck | export)
		mapfile -t COMPREPLY < <(compgen -d -- "$cur")
		;;
	load | "items publish "*)
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		;;
	esac
}
complete -F _peppyctl peppyctl
