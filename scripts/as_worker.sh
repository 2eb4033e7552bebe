# One worker of a training on several machines: sets TF_CONFIG and runs what is given.
#
#     HOSTS="host1 host2" INDEX=0 sh scripts/as_worker.sh make table2-neighborhood PROFILE=gpu DATA_ROOT=...
#
# Under SLURM, by `srun sh scripts/as_worker.sh ...` with one task a node, HOSTS and INDEX are found out.
# PORT is the first port used (2222); a host that is named twice runs two workers, at ports one apart.
set -eu
: "${PORT:=2222}"
if [ -z "${HOSTS:-}" ]; then
  if [ -z "${SLURM_JOB_NODELIST:-}" ]; then
    echo 'error: say which machines train together: HOSTS="host1 host2" INDEX=0 sh scripts/as_worker.sh ...' >&2
    exit 2
  fi
  HOSTS=$(scontrol show hostnames "$SLURM_JOB_NODELIST")
  INDEX=$SLURM_PROCID
fi
listed=""
number=0
for host in $HOSTS; do
  listed="$listed${listed:+, }\"$host:$((PORT + number))\""
  number=$((number + 1))
done
export TF_CONFIG="{\"cluster\": {\"worker\": [$listed]}, \"task\": {\"type\": \"worker\", \"index\": $INDEX}}"
exec "$@"
