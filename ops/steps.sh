# Sourced by the scripts of this folder: step lines with the time since the start, and one way to run a command that
# takes long: its output in a log file, a heartbeat while it runs, a deadline, and no process left when we are stopped.

steps_started=$SECONDS
steps_running=""
steps_heartbeat_s=${STEPS_HEARTBEAT_S:-30}

# say TEXT…: one line with the elapsed time in front.
say() { printf '[%4ds] %s\n' $((SECONDS - steps_started)) "$*"; }

# die TEXT…: the reason on stderr, status 1.
die() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

# stop_step: ends the process group of the step under way, if there is one.
stop_step() {
  [[ -n $steps_running ]] || return 0
  kill -TERM -- "-$steps_running" 2>/dev/null || true
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    kill -0 -- "-$steps_running" 2>/dev/null || break
    sleep 0.2
  done
  kill -KILL -- "-$steps_running" 2>/dev/null || true
  steps_running=""
}
trap stop_step EXIT
trap 'echo >&2; echo "${0##*/}: interrupted" >&2; exit 130' INT
trap 'echo "${0##*/}: told to stop" >&2; exit 143' TERM HUP

# last_words LOG: the last line of a log, without escapes, cut to a line's length.
last_words() { tail -c 2000 "$1" | tr '\r' '\n' | sed 's/\x1b\[[0-9;]*[A-Za-z]//g' | grep -v '^ *$' | tail -n 1 | cut -c 1-110; }

# run_step NAME LOG MINUTES COMMAND…: runs COMMAND with its output in LOG and returns its status (124 after MINUTES).
run_step() {
  local name=$1 log=$2 minutes=$3 began=$SECONDS beat=$SECONDS status=0
  shift 3
  mkdir -p "$(dirname "$log")"
  say "$name …"
  set -m
  "$@" >"$log" 2>&1 9>&- </dev/null &
  steps_running=$!
  set +m
  while kill -0 "$steps_running" 2>/dev/null; do
    sleep 0.1
    if ((SECONDS - began >= minutes * 60)); then
      echo "stopped after $minutes minutes" >>"$log"
      stop_step
      say "$name: FAILED, not done after $minutes min (log: $log)"
      return 124
    fi
    if ((SECONDS - beat >= steps_heartbeat_s)); then
      beat=$SECONDS
      say "  $name: $(last_words "$log" || true)"
    fi
  done
  wait "$steps_running" || status=$?
  steps_running=""
  if ((status == 0)); then
    say "$name: done in $((SECONDS - began)) s"
  else
    say "$name: FAILED with status $status after $((SECONDS - began)) s (log: $log)"
  fi
  return "$status"
}
