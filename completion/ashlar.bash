# SPDX-License-Identifier: LGPL-2.1-or-later
# Completion of ashlar's command lines in bash: the program knows its table, and what is there.
# shellcheck shell=bash disable=SC2207

_ashlar() {
  local line found word current=${COMP_LINE:0:COMP_POINT}
  local -a words=()
  COMPREPLY=()
  while IFS= read -r line; do
    found=${line%%$'\t'*}
    if [[ -n $found ]]; then words+=("$found"); else compopt -o default 2>/dev/null; fi
  done < <("$1" help --complete -- "$current" 2>/dev/null </dev/null)
  # Readline replaces what stands behind the last of these only.
  word=${current##*[[:blank:]]}
  local cut=${word%"${word##*["$COMP_WORDBREAKS"]}"}
  for found in "${words[@]}"; do COMPREPLY+=("${found#"$cut"}"); done
}
complete -F _ashlar ashlar
