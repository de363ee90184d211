# One collector and one agent on loopback in a directory of their own, from `init` to the first
# verdicts, and the end of both. Sourced by deploy/quickstart.
#
# Sets: directory (absolute), collector_config, ca_file, url, host.
# shellcheck shell=bash
# The variables set for others are not used in this file:
# shellcheck disable=SC2034

# Present in every directory made here, so that nothing else is ever removed.
readonly session_mark=.muster-quickstart
# How long the programs may take; generous, as a loaded machine is no error.
readonly start_seconds=30 report_seconds=120
session_pids=() session_names=() session_users=() agent_directory=''

# session_open DIRECTORY KEEP: makes the directory, or takes over what a run that was killed left.
session_open() {
  directory=$1 session_keep=$2
  [[ $directory == /* ]] || directory=$PWD/$directory
  local mark=$directory/$session_mark
  # sun_path of a Unix socket ends at 107 bytes.
  ((${#directory} <= 80)) ||
    fail "the path $directory is too long for a Unix socket in it: choose a shorter --directory"
  umask 077
  if [[ -e $directory && ! -e $mark ]] && [[ -n $(ls -A -- "$directory" 2>&1) ]]; then
    fail "$directory exists and is not of an earlier quickstart: choose another --directory"
  fi
  mkdir -p -- "$directory" || fail "cannot make $directory: choose another --directory"
  [[ -O $directory ]] || fail "$directory belongs to another user: choose another --directory"
  exec 7>>"$mark" || fail "cannot write in $directory: choose another --directory"
  flock -n 7 || fail "another quickstart runs in $directory: end it, or choose another --directory"
  [[ $(<"$mark") != kept ]] ||
    fail "$directory was kept by an earlier run: remove it, or choose another --directory"
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  trap session_close EXIT
  find "$directory" -mindepth 1 ! -name "$session_mark" -delete
}

# Ends both programs, by id, and removes the directory.
session_close() {
  local status=$? pid user tries=0
  trap '' INT TERM HUP
  trap - EXIT
  for pid in "${session_pids[@]}"; do kill -TERM "$pid" 2>/dev/null || true; done
  # The agent ends within 2 s of SIGTERM; what has not within 10 is stuck.
  for pid in "${session_pids[@]}"; do
    while kill -0 "$pid" 2>/dev/null && ((tries++ < 100)); do sleep 0.1; done
    kill -KILL "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
  if [[ $session_keep ]]; then
    echo kept >"$directory/$session_mark"
    say "Kept $directory"
    [[ ! $agent_directory || $agent_directory == "$directory"/* ]] || say "Kept $agent_directory"
  else
    [[ ! $agent_directory ]] || rm -rf -- "$agent_directory"
    rm -rf -- "$directory"
    # Refused while another quickstart has an agent of that user.
    for user in "${session_users[@]}"; do userdel "$user" 2>/dev/null || true; done
  fi
  exit "$status"
}

# session_run NAME COMMAND...: starts a program that stays, with its log.
session_run() {
  local name=$1
  shift
  # Not the lock (7): a program that outlives us must not hold it. And none outlives us, not even when
  # we are killed.
  setpriv --pdeathsig TERM -- "$@" >"$directory/$name.log" 2>&1 </dev/null 7>&- &
  session_pids+=($!)
  session_names+=("$name")
}

# session_fail WORDS: says what went wrong, with the end of every log.
session_fail() {
  local log
  for log in "$directory"/*.log; do
    [[ -s $log ]] || continue
    printf -- '--- the end of %s\n' "${log##*/}" >&2
    tail -n 15 -- "$log" >&2
  done
  fail "$*"
}

# Fails if a program has ended that should be running.
session_check() {
  local i
  for i in "${!session_pids[@]}"; do
    kill -0 "${session_pids[$i]}" 2>/dev/null ||
      session_fail "the ${session_names[$i]} ended by itself; its log above says why"
  done
}

# session_until SECONDS WHAT COMMAND...: waits until the command succeeds.
session_until() {
  local end=$((SECONDS + $1)) what=$2
  shift 2
  until "$@" 2>/dev/null; do
    session_check
    ((SECONDS < end)) || session_fail "$what took too long; the logs above may say why"
    sleep 0.1
  done
}

# session_step WORDS COMMAND...: a command that must succeed; its words are shown only if it does not.
session_step() {
  local what=$1 output
  shift
  output=$("$@" 2>&1 </dev/null) || { printf '%s\n' "$output" >&2; session_fail "$what failed"; }
}

# free_port PREFERRED: prints it if nobody listens there on loopback, else another one.
free_port() {
  local port=$1 tries=0
  while (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do
    ((++tries < 100)) || fail "no free port found on loopback"
    # Below the ephemeral range, so that no outgoing connection takes it meanwhile.
    port=$((20000 + RANDOM % 10000))
  done
  echo "$port"
}

# json_field FIELD: the first string field of that name, of protobuf's JSON on standard input.
json_field() {
  sed -nE "s/.*\"$1\": ?\"([^\"]*)\".*/\1/p" | head -n 1
}

# Asked over HTTPS: the verbs would open the store themselves while the collector does not run yet.
collector_ready() {
  curl --silent --fail --noproxy '*' --cacert "$ca_file" "$url/-/ready" >/dev/null
}

# Whether every section of this host has arrived. The agent's own comes with the first sync.
host_reported() {
  local detail probe
  detail=$("$1" host show "$host" --config "$collector_config" --format json)
  for probe in agent host packages-apt certificates; do
    grep -qE "\"probe\": ?\"$probe\"" <<<"$detail" || return 1
  done
}

# session_make_user NAME WHAT: a system user that cannot log in, if there is none of that name.
session_make_user() {
  getent passwd "$1" >/dev/null && return
  if [[ -x /usr/bin/systemd-sysusers ]]; then
    systemd-sysusers --inline "u $1 - \"$2\"" >/dev/null 2>&1
  else
    useradd --system --user-group --home-dir / --shell /usr/sbin/nologin --comment "$2" "$1" 2>/dev/null
  fi && getent passwd "$1" >/dev/null && session_users+=("$1")
}

# session_separate: as root, the agent runs as on a server: as user muster, with its launcher and its
# probes apart. Sets agent_directory, where that user can reach it, and agent_options.
session_separate() {
  agent_directory=$directory/agent agent_options=()
  ((EUID == 0)) || return 0
  if session_make_user muster "Muster agent" && session_make_user muster-probe "Muster probes"; then
    [[ ${#session_users[@]} == 0 ]] || say "Made the users ${session_users[*]}; they go when this ends"
  else
    # Where /etc cannot be written. No other user has these numbers: they are below systemd's.
    agent_options=(--user 61098 --probe-user 61099)
    say "Cannot make the users muster and muster-probe; the agent runs as user 61098"
  fi
  chmod 711 -- "$directory"
  if ! setpriv --reuid "${agent_options[1]:-muster}" --regid nogroup --clear-groups \
    test -x "$directory"; then
    agent_directory=$(mktemp -d /var/tmp/muster-quickstart-agent.XXXXXX)
    say "Keeping the agent's files in $agent_directory, since its user cannot reach $directory"
  fi
}

# session_start COLLECTOR AGENT: everything from `init` to this host's first verdicts.
session_start() {
  local collector=$1 agent=$2 grpc_port http_port token
  grpc_port=$(free_port 8433) http_port=$(free_port 8443)
  collector_config=$directory/collector/collector.yml
  ca_file=$directory/collector/ca.pem
  url=https://127.0.0.1:$http_port

  say "Starting a collector on $url"
  session_step "muster-collector init" "$collector" init --state-directory "$directory/collector" \
    --name 127.0.0.1 --name localhost \
    --grpc-listen "127.0.0.1:$grpc_port" --http-listen "127.0.0.1:$http_port"
  session_run collector "$collector" serve --config "$collector_config"
  session_until $start_seconds "starting the collector" collector_ready

  session_separate
  say "Enrolling an agent"
  token=$("$collector" token create --config "$collector_config" --ttl 10m --format json) ||
    session_fail "muster-collector token create failed"
  json_field token <<<"$token" >"$directory/token"
  session_step "muster-agent enroll" "$agent" enroll --collector "$url" \
    --token-file "$directory/token" --ca-sha256 "$(json_field ca_sha256 <<<"$token")" \
    --state-directory "$agent_directory" --config "$directory/agent.yml"
  rm -f -- "$directory/token"
  host=$("$collector" host list --config "$collector_config" --format json | json_field name)
  [[ $host ]] || session_fail "the collector does not list the host that has just enrolled"
  session_run agent "$agent" run --config "$directory/agent.yml" "${agent_options[@]}"

  say "Waiting for the first look at this host"
  session_until $report_seconds "the first look" host_reported "$collector"
}

# session_wait: until a program ends, which is an error, or a signal ends this.
session_wait() {
  # `wait` is interrupted by a signal that has a trap, `sleep` in the foreground is not.
  wait -n "${session_pids[@]}" || true
  session_check
}
