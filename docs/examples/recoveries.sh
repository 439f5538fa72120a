#!/usr/bin/env bash
# The transcripts of docs/operations.md: makes each loss on a small ledger and brings it back, with the real program.
#
#   docs/examples/recoveries.sh PATH-OF-BILLING        prints all of them; needs curl, and ops/kafka for the topic
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
billing=$(realpath "${1:?which program? give its path}")
work=$(mktemp -d)
cd "$work" || exit 1
port=18473 url=http://127.0.0.1:18473 server=""
trap 'stop; "$root/ops/kafka" down --data "$work/kafka" >/dev/null 2>&1; rm -rf "$work"' EXIT

title() { printf '\n## %s\n' "$*"; }
# A command as an operator types it, and what it says; paths are shortened.
run() {
  printf '$ %s\n' "$*" | sed -e "s#$work/##g" -e "s#$billing#billing#g" -e "s#$root/##g"
  "$@" 2>&1 | sed -e "s#$work/##g" | cut -c1-220
  local status=${PIPESTATUS[0]}
  [[ $status == 0 ]] || printf '(status %s)\n' "$status"
}
billing() { "$billing" "$@"; }
start() {
  "$billing" serve --data data --listen 127.0.0.1:$port --admin-key-file key --drain-seconds 0 --log-format plain "$@" >>server.log 2>&1 &
  server=$!
  for _ in $(seq 100); do
    curl -sf $url/readyz >/dev/null && return
    kill -0 $server 2>/dev/null || return 1
    sleep 0.1
  done
  return 1
}
stop() {
  [[ -n $server ]] && kill $server 2>/dev/null && wait $server
  server=""
}
# Says why a start is refused.
refused() {
  printf '$ systemctl start billing   # billing serve --data data\n'
  timeout 20 "$billing" serve --data data --listen 127.0.0.1:$port --admin-key-file key --log-format plain "$@" 2>&1 |
    sed -e "s#$work/##g" -e 's/^[0-9T:.Z-]* *//' | grep -i error | cut -c1-320
}
post() { curl -s -H "Authorization: Bearer $(<key)" -H "Idempotency-Key: $1" -H 'Content-Type: application/json' "$url$2" -d "$3"; }
id_of() { sed -e 's/.*"id":"\([^"]*\)".*/\1/'; }
# A customer with an account, its contact and an invoice; `$1` makes the keys of the commands.
books() {
  customer=$(post "$1-1" /v1/customers '{"name":"Ada Ltd","currency":"USD"}' | id_of)
  account=$(post "$1-2" /v1/accounts "{\"customer\":\"$customer\",\"number\":\"A-$1\",\"name\":\"Main\",\"opened_on\":\"2020-01-01\"}" | id_of)
  [[ ${2:-} == plain ]] || post "$1-3" "/v1/accounts/$account/contacts" '{"contacts":[{"role":"billing","name":"Kim Berg"}]}' >/dev/null
  post "$1-4" /v1/payments "{\"account\":\"$account\",\"amount\":{\"amount\":\"10.00\",\"currency\":\"USD\"},\"method\":\"wire\"}" >/dev/null
}

start && books one && stop
run billing backup --data data --to backups --keys-to key-backups

title "A lost witness"
rm data/witness/witness
refused
run billing recover witness --data data
run billing recover witness --data data --write
start && echo "(ready)" && stop

title "Lost or damaged views"
printf 'x' | dd of="$(ls data/views/*.sst | head -1)" bs=1 seek=30 conv=notrunc status=none
run billing verify --data data
run billing verify --data data --drop-damaged-views
start && echo "(ready: the views are rebuilt)" && stop

title "Lost keys of persons"
rm -r data/keys
refused
run billing recover keys --data data
run mkdir -m 700 data/keys
run cp "$(echo key-backups/keys-*)/person.keys" "$(echo key-backups/keys-*)/epoch.key" data/keys
start && echo "(ready)" && stop

title "A torn or damaged log"
start && books two && stop
run billing backup --data data --to backups --keys-to key-backups
for file in data/ledger/*.log; do printf 'x' | dd of="$file" bs=1 seek=60 conv=notrunc status=none; done
refused
run billing restore --from backups --keys-from key-backups --data new
run billing restore --from backups --keys-from key-backups --data new --write
run mv data data.damaged
run mv new data
start && echo "(ready)" && stop

title "A store that is behind its topic"
"$root/ops/kafka" up --data "$work/kafka" --port 19473 --owner $$ >kafka.txt 2>&1
topic=(--kafka 127.0.0.1:19473 --kafka-replication-factor 1 --kafka-min-insync 1)
start "${topic[@]}" && sleep 3 && stop
run billing backup --data data --to backups --keys-to key-backups
start "${topic[@]}" && books three plain && sleep 3 && stop
run mv data data.lost
billing restore --from backups --keys-from key-backups --data data --write >/dev/null 2>&1
start "${topic[@]}" || true
printf '$ curl -s %s/readyz | grep publisher\n' "$url"
curl -s $url/readyz | tr '{' '\n' | grep publisher | cut -c1-220
stop
run billing recover tail --data data "${topic[@]:0:2}"
run billing recover tail --data data "${topic[@]:0:2}" --write
start "${topic[@]}" && echo "(ready)" && stop
"$root/ops/kafka" down --data "$work/kafka" >/dev/null 2>&1

title "A full disk"
start --free-space-floor-mb 900000  # more than any disk here has
printf '$ curl … %s/v1/customers -d …\n' "$url"
post full /v1/customers '{"name":"B","currency":"USD"}'; echo
printf '$ curl -s %s/readyz\n' "$url"
curl -s $url/readyz | tr '{' '\n' | grep '"store"' | cut -c1-260
