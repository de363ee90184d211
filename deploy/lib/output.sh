# What people see of the scripts: lines of one kind, and a percentage that moves in place on a
# terminal and comes in quarters elsewhere. Sourced by bash scripts; it changes nothing but the
# variables named here.
# shellcheck shell=bash

if [[ -t 2 && ${TERM:-dumb} != dumb ]]; then output_terminal=yes; else output_terminal=; fi

# say WORDS: one line about what happens.
say() {
  printf '%s\n' "$*" >&2
}

# fail WORDS: says what is wrong and what to do, and ends with status 1.
fail() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# elapsed SECONDS: "4 s", "3 min 07 s".
elapsed() {
  if (($1 < 60)); then printf '%d s' "$1"; else printf '%d min %02d s' $(($1 / 60)) $(($1 % 60)); fi
}

# show_percent LABEL: reads lines "NUMBER% rest" and shows LABEL with the number. Other lines are not
# shown.
show_percent() {
  local label=$1 percent rest shown=-1 step=1
  [[ $output_terminal ]] || step=25
  while read -r percent rest; do
    [[ $percent =~ ^([0-9]+)%$ ]] || continue
    percent=${BASH_REMATCH[1]}
    ((percent >= shown + step || (percent == 100 && shown != 100))) || continue
    shown=$((percent - percent % step))
    if [[ $output_terminal ]]; then
      printf '\r\033[K%s %3d %%  %.60s' "$label" "$percent" "$rest" >&2
    else
      printf '%s %3d %%\n' "$label" "$percent" >&2
    fi
  done
  [[ ! $output_terminal || $shown -lt 0 ]] || printf '\r\033[K' >&2
}

# compile_jobs: how many compilers to start at once: one a core, and 1 GiB of memory for each, which
# is what the heaviest files take.
compile_jobs() {
  local cores gib
  cores=$(nproc)
  gib=$(awk '/^MemAvailable/ { print int($2 / 1048576) }' /proc/meminfo)
  ((gib >= 1)) || gib=1
  echo $((cores < gib ? cores : gib))
}
