# Completion for fish: the program itself is asked what may follow; where it knows nothing, a file may.
function __zalo_alert_words
    set --local line (commandline --cut-at-cursor --current-process)
    set --local words (env _ZALO_ALERT_COMPLETE=complete_fish _TYPER_COMPLETE_FISH_ACTION=get-args _TYPER_COMPLETE_ARGS="$line" zalo-alert 2>/dev/null)
    if test -n "$words"
        printf '%s\n' $words
    else
        __fish_complete_path (commandline --cut-at-cursor --current-token)
    end
end

complete --command zalo-alert --no-files --arguments '(__zalo_alert_words)'
