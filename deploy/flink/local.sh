#!/usr/bin/env bash
# sahelwatch on Flink on one machine: Beam's job server with an embedded Flink cluster, and the command beside it.
#
#   deploy/flink/local.sh run   --feeds CATALOGUE --output URI --contact ADDRESS ...
#   deploy/flink/local.sh watch --feeds CATALOGUE --output URI --contact ADDRESS ...
#
# What follows is the command line of `sahelwatch`, which must be installed (or PYTHON and PYTHONPATH name it). Its exit
# status is this script's. Needs Java 11 or 17 and, the first time, Maven. Environment:
#   FLINK_JOB_SERVER_JAR   the jar (default: target/job-server.jar beside this script, built when missing)
#   FLINK_STATE            folder for checkpoints (default: ~/.local/state/sahelwatch/flink)
#   FLINK_LOG              file for Flink's log (default: a temporary one, shown when the server does not start)
#   CHECKPOINT_SECONDS     between two checkpoints of `watch` (default: 60)
#   PYTHON                 the interpreter (default: python3)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
jar=${FLINK_JOB_SERVER_JAR:-$here/target/job-server.jar}
state=${FLINK_STATE:-${XDG_STATE_HOME:-$HOME/.local/state}/sahelwatch/flink}
python=${PYTHON:-python3}

if [ $# -eq 0 ]; then
  echo "usage: $0 run|watch OPTIONS (those of sahelwatch)" >&2
  exit 2
fi
command -v java >/dev/null || { echo "$0: java is not on the PATH" >&2; exit 2; }
if [ ! -f "$jar" ]; then
  [ -z "${FLINK_JOB_SERVER_JAR:-}" ] || { echo "$0: no such file: $jar" >&2; exit 2; }
  command -v mvn >/dev/null || { echo "$0: $jar is missing and mvn, which builds it, is not on the PATH" >&2; exit 2; }
  mvn -q -B -f "$here/pom.xml" package >&2
fi

work=$(mktemp -d)
log=${FLINK_LOG:-$work/job-server.log}
mkdir -p "$state/checkpoints"
cp "$here/conf/config.yaml" "$work/"
printf 'state.checkpoints.dir: file://%s/checkpoints\n' "$state" >>"$work/config.yaml"

# the server must not outlive this script, not even one that is killed
dying_with_us=()
if setpriv --pdeathsig KILL true 2>/dev/null; then dying_with_us=(setpriv --pdeathsig KILL); fi

FLINK_CONF_DIR=$work "${dying_with_us[@]}" java -Xmx768m -jar "$jar" --flink-master='[local]' \
  --job-host=127.0.0.1 --job-port=0 --artifact-port=0 --expansion-port=0 --artifacts-dir="$work/artifacts" \
  >"$log" 2>&1 &
server=$!
pipeline='' ending=''
stop() {
  [ -z "$pipeline" ] || kill -TERM "$pipeline" 2>/dev/null || true
  kill -TERM "$server" 2>/dev/null || true
  wait "$server" 2>/dev/null || true
  rm -rf "$work"
}
trap stop EXIT
# asked to end: what runs drains; what has not begun does not begin
end() {
  ending=yes
  [ -z "$pipeline" ] || kill -TERM "$pipeline"
}
trap end TERM INT

port_of() { sed -n "s/.*$1 started on [^ ]*:\([0-9]*\)$/\1/p" "$log" | head -n 1; }
for _ in $(seq 300); do
  [ -z "$ending" ] || exit 143
  [ -n "$(port_of JobService)" ] && break
  kill -0 "$server" 2>/dev/null || { cat "$log" >&2; exit 1; }
  sleep 0.2
done
job_port=$(port_of JobService) artifact_port=$(port_of ArtifactStagingService)
[ -n "$job_port" ] && [ -n "$artifact_port" ] || { cat "$log" >&2; exit 1; }

streaming=()
if [ "$1" = watch ]; then
  streaming=(--streaming "--checkpointing_interval=$((1000 * ${CHECKPOINT_SECONDS:-60}))" --finish_bundle_before_checkpointing)
fi
"${dying_with_us[@]}" "$python" -m pipeline "$@" --runner=PortableRunner --environment_type=LOOPBACK \
  "--job_endpoint=127.0.0.1:$job_port" "--artifact_endpoint=127.0.0.1:$artifact_port" "${streaming[@]}" &
pipeline=$!
[ -z "$ending" ] || end
status=0
wait "$pipeline" || status=$?
# a trapped signal ends the first wait early; the second one gives the command's own status
while kill -0 "$pipeline" 2>/dev/null; do status=0; wait "$pipeline" || status=$?; done
pipeline=
exit "$status"
