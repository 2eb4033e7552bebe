# One training on several machines that have the same folder, started from any of them.
#
#     HOSTS="host1 host2" sh scripts/over_ssh.sh make table2-neighborhood PROFILE=gpu DATA_ROOT=...
#
# The first host is worker 0, whose words are shown; of the others only what goes wrong. Where one
# ends badly the others notice within seconds and end too. REMOTE is what reaches a host (ssh).
set -eu
: "${REMOTE:=ssh}"
if [ -z "${HOSTS:-}" ]; then
  echo 'error: say which machines train together: HOSTS="host1 host2" sh scripts/over_ssh.sh make ...' >&2
  exit 2
fi
quoted() {
  printf "'%s' " "$(printf %s "$1" | sed "s/'/'\\\\''/g")"
}
command="cd $(quoted "$PWD")&& HOSTS=$(quoted "$HOSTS")PORT=${PORT:-2222}"
words=""
for word in "$@"; do
  words="$words$(quoted "$word")"
done
number=0
started=""
for host in $HOSTS; do
  if [ "$number" -eq 0 ]; then
    $REMOTE "$host" "$command INDEX=0 exec sh scripts/as_worker.sh $words" </dev/null &
  else
    $REMOTE "$host" "$command INDEX=$number exec sh scripts/as_worker.sh $words" </dev/null >&2 &
  fi
  started="$started $!:$host"
  number=$((number + 1))
done
status=0
for one in $started; do
  ended=0
  wait "${one%%:*}" || ended=$?
  if [ "$ended" -ne 0 ]; then
    echo "error: $REMOTE ${one#*:} ended with status $ended: see what it said above, or try it by hand" >&2
    status=$ended
  fi
done
exit "$status"
