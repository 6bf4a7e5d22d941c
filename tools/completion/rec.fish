# Fish completion for the rec tools, from what --help lists: subcommands and options with their first words of help, the
# words of options such as --method a|b|c, the columns of --columns, the metrics of rec-eval, else files.

function __rec_help --description 'The help of the command line so far'
    set -l words (commandline -opc)
    set -l help ($words[1] --help 2>/dev/null)
    set -l subcommands (printf '%s\n' $help | __rec_subcommands | string replace -r '\t.*' '')
    for word in $words[2..-1]
        if contains -- $word $subcommands
            $words[1] $word --help 2>/dev/null
            return
        end
    end
    printf '%s\n' $help
end

function __rec_subcommands
    awk '/^Subcommands:/ {on=1; next} /^[^ ]/ {on=0}
      on && /^  ? ? ?[a-z]/ && $1 ~ /^[a-z0-9-]+$/ {name=$1; $1=""; sub(/^ /, ""); print name "\t" $0}'
end

function __rec_candidates
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l before $words[-1]
    set -l front (string match -r '^.*,' -- $current)
    set -q front[1]; or set front ''
    set -l help (__rec_help)
    switch $before
        case --columns
            for name in (printf '%s ' $help | string replace -ra ' +' ' ' | string match -rg -- '--columns MAP [^;]*; columns: ([a-z_]+(?:, [a-z_]+)*)' | string split ', ')
                echo $front$name=
            end
            return
        case --metrics -m --require
            if string match -q '*rec-eval' -- $words[1]
                for name in ($words[1] --list-metrics 2>/dev/null | awk 'NR > 1 {sub(/\[@k\]/, "@10", $1); print $1}')
                    if test $before = --require
                        echo $name
                    else
                        echo $front$name
                    end
                end
                return
            end
        case '-*'
            # The line of the option, compared as a word and never part of a program's text.
            for line in (string match -r '^ {1,8}-.*' -- $help)
                set -l fields (string split -n ' ' -- (string replace -a ',' ' ' -- $line))
                if contains -- $before $fields
                    set -l choices (string match -r '^[a-z0-9-]+(?:\|[a-z0-9-]+)+$' -- $fields)
                    if set -q choices[1]
                        string split '|' -- $choices[1]
                        return
                    end
                end
            end
    end
    if string match -q -- '-*' $current
        printf '%s\n' $help | awk 'substr($0, 1, 9) ~ /^ +-/ {
          line = $0; sub(/^ */, "", line)
          if (!match(line, /--[a-z][a-z0-9-]*/)) next
          name = substr(line, RSTART, RLENGTH)
          text = ""
          if (match($0, /   +[^ -]/)) text = substr($0, RSTART)
          if (length($0) <= 26 || text == "") { getline text }
          sub(/^ +/, "", text)
          print name "\t" text
        }'
        return
    end
    set -l subcommands (printf '%s\n' $help | __rec_subcommands)
    if set -q subcommands[1]
        printf '%s\n' $subcommands
    else
        __fish_complete_path $current
    end
end

for tool in rec-data rec-split rec-embed rec-attend rec-score rec-rank rec-eval rec-model rec-features rec-view rec-tune
    complete -c $tool -f -a '(__rec_candidates)'
end
