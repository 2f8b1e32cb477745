/**
 * `completion`: scripts with which a shell completes the commands, the options and the names of
 * images.
 */
import {
  COLORS,
  COMMANDS,
  GRAPHICS,
  OPTIONS,
  OPTIONS_WITH_VALUE,
  SHELLS,
  SYMBOLS,
} from "./options.ts";

/** A shell that there is a script for. */
export type Shell = typeof SHELLS[number];

const CHOICES: Readonly<Record<string, readonly string[]>> = {
  "--lang": ["ko", "en"],
  "--symbols": SYMBOLS,
  "--colors": COLORS,
  "--graphics": GRAPHICS,
};

/** Returns the script for a shell. Names are asked of the server, with the cookies of this user. */
export function completionScript(shell: Shell): string {
  return { bash, zsh, fish }[shell]();
}

const commands = COMMANDS.join(" ");
const options = OPTIONS.map((name) => `--${name}`).join(" ");

/** Options with a value, and those that say how the server is reached. */
const VALUED = OPTIONS_WITH_VALUE.map((name) => `--${name}`).join("|");
const REACHING = ["--data", "--ca"].join("|");

/*
 * All three walk over the words before the one at hand. The server is one word or two, and options
 * may stand anywhere: the command is the first word behind the server that is one. Names are asked
 * for with the server and the options before, as they were typed.
 */

function bash(): string {
  const choices = Object.entries(CHOICES).map(([option, values]) =>
    `    ${option}) COMPREPLY=($(compgen -W "${values.join(" ")}" -- "$word")); return ;;`
  );
  return `# bash completion for client:  source <(client completion bash)
_client() {
  local -a words=() server=()
  local i n=0 place=0 word before command="" folder="" cut="" quote="" name
  # The shell parts words at colons, which a server and a name may have.
  for ((i = 0; i <= COMP_CWORD; i++)); do
    if ((n > 0)) && [[ \${COMP_WORDS[i]} == :* || \${words[n-1]} == *: ]]; then
      words[n-1]+=\${COMP_WORDS[i]}
    else
      words[n]=\${COMP_WORDS[i]}
      n=$((n + 1))
    fi
  done
  word=\${words[n-1]} before=\${words[n-2]}
  COMPREPLY=()
  case $before in
${choices.join("\n")}
    --data|--output|--ca) COMPREPLY=($(compgen -f -- "$word")); return ;;
  esac
  case $word in
    -*) COMPREPLY=($(compgen -W "${options}" -- "$word")); return ;;
  esac
  for ((i = 1; i < n - 1; i++)); do
    case \${words[i]} in
      ${REACHING}) server+=("\${words[i]}" "\${words[i+1]}"); i=$((i + 1)) ;;
      ${VALUED}) i=$((i + 1)) ;;
      --tls) server+=(--tls) ;;
      -*) ;;
      *)
        if ((place > 0)) && [[ " ${commands} " == *" \${words[i]} "* ]]; then
          command=\${command:-\${words[i]}}
        elif [[ $command == "" ]]; then
          place=$((place + 1))
          server+=("\${words[i]}")
        fi ;;
    esac
  done
  case $command in
    "")
      if ((place == 0)); then COMPREPLY=($(compgen -W "completion" -- "$word"))
      elif [[ \${server[*]} == completion ]]; then
        COMPREPLY=($(compgen -W "${SHELLS.join(" ")}" -- "$word"))
      elif ((place == 2)) || [[ \${server[*]} == *:* ]]; then
        COMPREPLY=($(compgen -W "${commands}" -- "$word"))
      fi ;;
    image|list|browse)
      # Names hold no backslash: each one quotes what follows. After a quote, nothing needs one.
      [[ $word == [\\"\\']* ]] && quote=\${word:0:1}
      word=\${word#"$quote"} word=\${word//\\\\/}
      [[ $word == */* ]] && folder=\${word%/*}
      [[ -z $quote && $word == *:* && $COMP_WORDBREAKS == *:* ]] && cut=\${word%"\${word##*:}"}
      while IFS= read -r name; do
        [[ $name == "$word"* ]] || continue
        name=\${name#"$cut"}
        [[ -n $quote ]] || name=$(printf %q "$name")
        COMPREPLY+=("$name")
      done < <("\${words[0]}" "\${server[@]}" list "$folder" 2>/dev/null)
      compopt -o nospace 2>/dev/null ;;
  esac
}
complete -F _client client
`;
}

function zsh(): string {
  const choices = Object.entries(CHOICES).map(([option, values]) =>
    `    ${option}) compadd -- ${values.join(" ")}; return ;;`
  );
  return `#compdef client
# zsh completion for client:  source <(client completion zsh)
_client() {
  local -a server names
  local i place=0 word=\${words[CURRENT]} command="" folder=""
  case \${words[CURRENT-1]} in
${choices.join("\n")}
    --data|--output|--ca) _files; return ;;
  esac
  case $word in
    -*) compadd -- ${options}; return ;;
  esac
  for ((i = 2; i < CURRENT; i++)); do
    case \${words[i]} in
      ${REACHING}) server+=("\${words[i]}" "\${words[i+1]}"); ((i++)) ;;
      ${VALUED}) ((i++)) ;;
      --tls) server+=(--tls) ;;
      -*) ;;
      *)
        if ((place > 0)) && [[ " ${commands} " == *" \${words[i]} "* ]]; then
          command=\${command:-\${words[i]}}
        elif [[ $command == "" ]]; then
          ((place++))
          server+=("\${words[i]}")
        fi ;;
    esac
  done
  case $command in
    "")
      if ((place == 0)); then compadd -- completion
      elif [[ "\${server[*]}" == completion ]]; then compadd -- ${SHELLS.join(" ")}
      elif ((place == 2)) || [[ "\${server[*]}" == *:* ]]; then compadd -- ${commands}
      fi ;;
    image|list|browse)
      # Names hold no backslash: each one quotes what follows, as does a quote at the start.
      word=\${\${word#[\\"\\']}//\\\\/}
      [[ $word == */* ]] && folder=\${word%/*}
      names=("\${(@f)$("\${words[1]}" "\${(@Q)server}" list "$folder" 2>/dev/null)}")
      compadd -S "" -- $names ;;
  esac
}
compdef _client client
`;
}

function fish(): string {
  const lines = OPTIONS.map((name) => {
    const values = CHOICES[`--${name}`];
    const isFile = name === "data" || name === "output" || name === "ca";
    const value = values
      ? ` -x -a "${values.join(" ")}"`
      : isFile
      ? " -r -F"
      : OPTIONS_WITH_VALUE.includes(name)
      ? " -x"
      : "";
    return `complete -c client -l ${name}${value}`;
  });
  return `# fish completion for client:  client completion fish | source
function __client_candidates
    set -l words (commandline -opc)
    set -l server
    set -l command ""
    set -l place 0
    set -l i 2
    while test $i -le (count $words)
        switch $words[$i]
            case ${REACHING.replaceAll("|", " ")}
                set -a server $words[$i] $words[(math $i + 1)]
                set i (math $i + 1)
            case ${VALUED.replaceAll("|", " ")}
                set i (math $i + 1)
            case --tls
                set -a server --tls
            case '-*'
            case '*'
                if test $place -gt 0; and contains -- $words[$i] ${commands}
                    test -n "$command"; or set command $words[$i]
                else if test -z "$command"
                    set place (math $place + 1)
                    set -a server $words[$i]
                end
        end
        set i (math $i + 1)
    end
    switch "$command"
        case ""
            if test $place -eq 0
                echo completion
            else if test "$server" = completion
                printf '%s\\n' ${SHELLS.join(" ")}
            else if test $place -eq 2; or string match -q -- '*:*' "$server"
                printf '%s\\n' ${commands}
            end
        case image list browse
            set -l folder (string match -r '.*(?=/)' -- (commandline -ct | string unescape))
            $words[1] $server list "$folder" 2>/dev/null
    end
end
complete -c client -f -a "(__client_candidates)"
${lines.join("\n")}
`;
}
