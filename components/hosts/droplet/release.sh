# Applies a release on the droplet. Comes over ssh as the standard input of bash, followed by one `add` for each file
# and one `apply`, so that nothing of it is ever an argument of a process.
set -euo pipefail
umask 077
data=/var/lib/atlas
operations=/usr/local/lib/atlas/ops.mjs
shut= # while nobody may come in
releases=$data/releases
kept=5
patience=900 # seconds until every container must be healthy

# The caller may go away (a killed run): what has begun is finished all the same.
trap '' HUP PIPE
secrets=()
# hide < base64: what the deployment tells, it tells without this. Containers that crash may say anything, and what is
# said here goes into the error that Pulumi shows and keeps.
hide() { secrets+=("$(base64 -d)"); }
say() {
  local text=$* secret
  for secret in "${secrets[@]}"; do text=${text//"$secret"/[secret]}; done
  echo "$text" || true
}
fail() {
  say "release $revision: $1"
  shift
  for line in "$@"; do say "  $line"; done
  exit 1
}

mountpoint -q "$data" || { say "the data volume is not mounted at $data; next: systemctl status var-lib-atlas.mount"; exit 1; }
mkdir -p "$releases" "$data/volumes"
incoming=$(mktemp -d "$releases/.incoming-XXXXXX")
trap 'rm -rf "$incoming"' EXIT

# add NAME MODE < base64
add() {
  base64 -d > "$incoming/$1"
  chmod "$2" "$incoming/$1"
}

# compose FOLDER ARGS...: with the proxy only where the bootstrap has opened the door, and an upgrade has not shut it
compose() {
  local folder=$1
  shift
  (
    set -a
    [ -n "$shut" ] || [ ! -e "$data/door.env" ] || . "$data/door.env"
    exec docker compose --project-directory "$folder" --file "$folder/compose.yaml" "$@"
  )
}

switch_to() {
  ln -s "$1" "$releases/.link-$$"
  mv -T "$releases/.link-$$" "$releases/$2"
}

# apply REVISION VOLUMES...
apply() {
  revision=$1
  shift
  exec 9> "$releases/.lock"
  flock --wait 1200 9 || fail "another release is being applied for 20 minutes already" "next: systemctl status atlas"
  if grep -Eqs 'phase.:.(swapped|filled)' "$data/operations/restore.json"; then
    fail "a restore was cut off in the middle, and the door stays shut until it is done; nothing was touched" \
      "next: scripts/restore STACK SET --yes (scripts/backup STACK --list shows the sets)"
  fi
  for volume in "$@"; do mkdir -p -m 755 "$data/volumes/$volume"; done
  # A revision is its content: what is there already is the same.
  [ -e "$releases/$revision/compose.yaml" ] || mv -T "$incoming" "$releases/$revision"
  find "$releases" -maxdepth 1 -name '.incoming-*' -mmin +60 -exec rm -rf {} +
  good=$(readlink "$releases/good" || true)
  log=$releases/$revision/log

  say "pulling images"
  compose "$releases/$revision" --profile public pull --policy missing --quiet > "$log" 2>&1 ||
    fail "an image cannot be pulled; nothing was touched, what ran before still runs" "$(tail -n 5 "$log")" \
      "next: mend the image's name or the network, and run the up again"

  install_unit
  if other_version; then prepare_upgrade; fi
  switch_to "$releases/$revision" current
  if start && healthy && open_door; then
    switch_to "$releases/$revision" good
    touch "$releases/$revision"
    systemctl enable --quiet atlas.service
    systemctl start atlas.service
    forget_old
    say "release $revision runs"
    return
  fi
  put_back
}

# Another version changes the data when it starts: ops/upgrade takes a set first, and shuts the door until it is healthy.
other_version() {
  [ -e "$good/images.json" ] && ! cmp -s "$good/images.json" "$releases/$revision/images.json"
}

ops() {
  NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt \
    node "$operations" "$@" --deployment /etc/atlas/deployment.json 2>> "$log"
}

prepare_upgrade() {
  [ -e "$operations" ] ||
    fail "it brings another version, and this machine is new: no backup can be taken before it; nothing was touched" \
      "next: set atlas:images back, run the up, and upgrade then"
  say "preparing another version"
  local said
  said=$(ops upgrade "$(cat "$releases/$revision/images.json")") ||
    fail "it brings another version, and no backup could be taken before it; what ran before runs again" \
      "$(errors_of_ops)" "next: mend the cause and run the up again"
  say "$said"
  compose "$releases/current" rm --stop --force ingress >> "$log" 2>&1 || true
  shut=yes
}

# The log's lines of JSON, for people.
errors_of_ops() {
  grep '"level":"error"' "$log" | sed 's/.*"message":"//; s/"[,}].*//; s/\\n/\n    /g' | tail -n 5
}

open_door() {
  [ -n "$shut" ] || return 0
  shut=
  start && healthy
}

start() {
  say "starting"
  compose "$releases/current" up --detach --remove-orphans >> "$log" 2>&1 && return
  culprit=
  problem="the containers cannot be started: $(tail -n 3 "$log")"
  return 1
}

# Every container is healthy; or one is in a state that time does not mend, or there is no time left.
healthy() {
  local deadline=$((SECONDS + patience)) containers states waiting name status health restarts code
  declare -A before=()
  while :; do
    waiting=
    # One that is gone between the two commands, or an engine that does not answer: nothing is known, so look again.
    containers=$(compose "$releases/current" ps --all --quiet) || containers=
    states=$(docker inspect --format '{{.Name}} {{.State.Status}} {{if .State.Health}}{{.State.Health.Status}}{{else}}none{{end}} {{.RestartCount}} {{.State.ExitCode}}' \
      $containers) || states="/unknown unknown none 0 0"
    while read -r name status health restarts code; do
      culprit=${name#/}
      : "${before[$name]:=$restarts}"
      if [ $((restarts - before[$name])) -ge 3 ]; then
        problem="container $culprit has crashed $((restarts - before[$name])) times, last with exit code $code"
        return 1
      fi
      case $status/$health in
        running/healthy | running/none) ;;
        running/unhealthy) problem="container $culprit is unhealthy"; return 1 ;;
        exited/* | dead/*) problem="container $culprit has stopped with exit code $code"; return 1 ;;
        *) waiting=$culprit ;;
      esac
    done <<< "$states"
    [ -n "$waiting" ] || return 0
    if [ $SECONDS -ge $deadline ]; then
      culprit=$waiting
      problem="container $culprit is not healthy after $patience s"
      return 1
    fi
    sleep 0.2
  done
}

put_back() {
  local words=$problem lines=
  [ -z "$culprit" ] || lines=$(docker logs --tail 20 "$culprit" 2>&1 | sed 's/^/  | /' || true)
  if [ -z "$good" ] || [ "$good" = "$releases/$revision" ] || [ ! -e "$good/compose.yaml" ]; then
    fail "$words" "its last log lines:" "$lines" "there is no earlier release to go back to" \
      "next: scripts/ssh STACK docker logs $culprit; or mend the cause and run the up again"
  fi
  say "not healthy; going back to ${good##*/}"
  if other_version && [ -e "$operations" ]; then
    compose "$releases/current" stop backend >> "$log" 2>&1 || true
    ops rollback --yes > /dev/null ||
      fail "$words" "its last log lines:" "$lines" "and the data cannot be put back; the door stays shut:" \
        "$(errors_of_ops)" "next: scripts/rollback STACK"
  fi
  switch_to "$good" current
  if start && healthy && open_door; then
    if other_version && [ -e "$operations" ]; then ops serving "$(cat "$good/images.json")" > /dev/null || true; fi
    fail "$words" "its last log lines:" "$lines" "the release before it, ${good##*/}, serves again" \
      "next: mend the cause and run the up again"
  fi
  fail "$words" "its last log lines:" "$lines" "and the release before it does not start either: $problem" \
    "next: scripts/ssh STACK systemctl status atlas"
}

forget_old() {
  find "$releases" -mindepth 1 -maxdepth 1 -type d ! -name '.*' -printf '%T@ %p\n' | sort -rn | tail -n +$((kept + 1)) |
    while read -r _ old; do
      [ "$old" = "$(readlink "$releases/current")" ] || rm -rf "$old"
    done
}

install_unit() {
  local unit=/etc/systemd/system/atlas.service
  cat > "$unit.new" << 'UNIT'
[Unit]
Description=Atlas CMMS
# Not required: a Docker that fails comes back by itself, and the containers run on meanwhile.
Wants=docker.service network-online.target
After=docker.service network-online.target
RequiresMountsFor=/var/lib/atlas
[Service]
Type=oneshot
RemainAfterExit=yes
EnvironmentFile=-/var/lib/atlas/door.env
WorkingDirectory=/var/lib/atlas/releases/current
# Where a restore was cut off in the middle (ops/restore/journal.ts), nobody may write before it is done.
ExecStart=/bin/sh -c 'compose="docker compose --project-directory /var/lib/atlas/releases/current"; if grep -Eqs "phase.:.(swapped|filled)" /var/lib/atlas/operations/restore.json; then services=$$($$compose config --services | grep -vx -e backend -e ingress); fi; exec $$compose up --detach --remove-orphans $$services'
ExecStop=/usr/bin/docker compose --project-directory /var/lib/atlas/releases/current stop
Restart=on-failure
RestartSec=10
TimeoutStartSec=900
TimeoutStopSec=120
[Install]
WantedBy=multi-user.target
UNIT
  chmod 644 "$unit.new"
  if cmp -s "$unit.new" "$unit"; then
    rm "$unit.new"
  else
    mv "$unit.new" "$unit"
    systemctl daemon-reload
  fi
}
