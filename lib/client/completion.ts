/**
 * `completion`: scripts with which a shell completes the commands, the options and the names of
 * images.
 */
import { COLORS, COMMANDS, GRAPHICS, OPTIONS, SHELLS, SYMBOLS } from "./options.ts";

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

function bash(): string {
  const choices = Object.entries(CHOICES).map(([option, values]) =>
    `    ${option}) COMPREPLY=($(compgen -W "${values.join(" ")}" -- "$word")); return ;;`
  );
  return `# bash completion for client:  source <(client completion bash)
_client() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} name
  COMPREPLY=()
  case $before in
${choices.join("\n")}
    --data|--output) COMPREPLY=($(compgen -f -- "$word")); return ;;
  esac
  case $word in
    -*) COMPREPLY=($(compgen -W "${options}" -- "$word")); return ;;
  esac
  case \${COMP_WORDS[3]} in
    image|list|browse)
      [ "$COMP_CWORD" -gt 3 ] || return
      local folder=""
      [[ $word == */* ]] && folder=\${word%/*}
      while IFS= read -r name; do
        [[ $name == "$word"* ]] && COMPREPLY+=("$(printf %q "$name")")
      done < <("\${COMP_WORDS[0]}" "\${COMP_WORDS[1]}" "\${COMP_WORDS[2]}" list "$folder" 2>/dev/null)
      compopt -o nospace 2>/dev/null ;;
    *) [ "$COMP_CWORD" -eq 3 ] && COMPREPLY=($(compgen -W "${commands}" -- "$word")) ;;
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
  case \${words[CURRENT-1]} in
${choices.join("\n")}
    --data|--output) _files; return ;;
  esac
  case \${words[CURRENT]} in
    -*) compadd -- ${options}; return ;;
  esac
  case \${words[4]} in
    image|list|browse)
      (( CURRENT > 4 )) || return
      local word=\${words[CURRENT]} folder=""
      [[ $word == */* ]] && folder=\${word%/*}
      local -a names
      names=("\${(@f)$("\${words[1]}" "\${words[2]}" "\${words[3]}" list "$folder" 2>/dev/null)}")
      compadd -S "" -- $names ;;
    *) (( CURRENT == 4 )) && compadd -- ${commands} ;;
  esac
}
compdef _client client
`;
}

function fish(): string {
  const lines = OPTIONS.map((name) => {
    const values = CHOICES[`--${name}`];
    return `complete -c client -l ${name}` + (values ? ` -x -a "${values.join(" ")}"` : "");
  });
  return `# fish completion for client:  client completion fish | source
complete -c client -f
complete -c client -n "test (count (commandline -opc)) -eq 3" -a "${commands}"
function __client_names
    set -l words (commandline -opc)
    set -l folder (string match -r '.*(?=/)' -- (commandline -ct))
    $words[1] $words[2] $words[3] list "$folder" 2>/dev/null
end
complete -c client -n "contains -- (commandline -opc)[4] image list browse" -a "(__client_names)"
${lines.join("\n")}
complete -c client -l data -F
complete -c client -l output -F
`;
}
