# Completion for bash 4.4 and newer: the program itself is asked what may follow.
_zalo_alert() {
    local IFS=$'\n' line=${COMP_LINE:0:COMP_POINT} word=${COMP_WORDS[COMP_CWORD]}
    mapfile -t COMPREPLY < <(COMP_LINE=$line _ZALO_ALERT_COMPLETE=complete_bash "$1" 2>/dev/null)
    [[ ${#COMPREPLY[@]} == 1 && -z ${COMPREPLY[0]} ]] && COMPREPLY=()

    # Bash parts words at : and @ too, as in new:44 and DT-1@ngay-2: what stands before the last of them is written already.
    local typed=${line##*[[:space:]]}
    [[ $typed == "$word" || $word == [\"\']* ]] || COMPREPLY=("${COMPREPLY[@]#"${typed%"${word#[:@]}"}"}")

    [[ $word == [\"\']* ]] || COMPREPLY=("${COMPREPLY[@]// /\\ }")
}

complete -o default -F _zalo_alert zalo-alert
