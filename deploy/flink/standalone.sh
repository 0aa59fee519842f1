#!/usr/bin/env bash
# One part of a standalone Flink cluster for sahelwatch; each runs until it is stopped (systemd, a container, a shell).
#
#   deploy/flink/standalone.sh jobmanager                the cluster's head
#   deploy/flink/standalone.sh taskmanager               as many as there are machines or cores to use
#   deploy/flink/standalone.sh workers                   beside each taskmanager: the Python processes that do the work
#   deploy/flink/standalone.sh job-server                what jobs are handed to
#   deploy/flink/standalone.sh submit run|watch OPTIONS  sahelwatch itself, as a job on that cluster
#
# All on one machine as it stands. On several: a copy of conf/ with the jobmanager's address in it (FLINK_CONF_DIR) and
# checkpoints on a disk that all share. sahelwatch must be installed where `workers` runs, in the version that submits.
# Environment: FLINK_CONF_DIR, FLINK_JOB_SERVER_JAR, PYTHON as in local.sh; FLINK_STATE (folder for checkpoints), JOB_PORT
# (8099; the two above it are taken too), WORKER_PORT (50000), FLINK_MASTER (127.0.0.1:8081), CHECKPOINT_SECONDS (60),
# JAVA_OPTIONS.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
jar=${FLINK_JOB_SERVER_JAR:-$here/target/job-server.jar}
state=${FLINK_STATE:-${XDG_STATE_HOME:-$HOME/.local/state}/sahelwatch/flink}
python=${PYTHON:-python3}
job_port=${JOB_PORT:-8099}
worker_port=${WORKER_PORT:-50000}
master=${FLINK_MASTER:-127.0.0.1:8081}
export FLINK_CONF_DIR=${FLINK_CONF_DIR:-$here/conf}

part=${1:-}
if [ "$part" != workers ] && [ "$part" != submit ] && [ ! -f "$jar" ]; then
  echo "$0: no such file: $jar (mvn -q -f $here/pom.xml package makes it)" >&2
  exit 2
fi
mkdir -p "$state/checkpoints"
checkpoints=(-D "state.checkpoints.dir=file://$state/checkpoints")
read -ra java_options <<<"${JAVA_OPTIONS:-}"

case "$part" in
  jobmanager)
    exec java -Xmx512m "${java_options[@]}" -cp "$jar" \
      org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint \
      --configDir "$FLINK_CONF_DIR" "${checkpoints[@]}" -D "rest.port=${master##*:}"
    ;;
  taskmanager)
    exec java -Xmx512m "${java_options[@]}" -cp "$jar" org.apache.flink.runtime.taskexecutor.TaskManagerRunner \
      --configDir "$FLINK_CONF_DIR" "${checkpoints[@]}"
    ;;
  workers)
    # Beam starts each worker as "python", which need not be the one that sahelwatch is installed for
    PATH=$(dirname "$("$python" -c 'import sys; print(sys.executable)')"):$PATH
    exec "$python" -m apache_beam.runners.worker.worker_pool_main "--service_port=$worker_port"
    ;;
  job-server)
    exec java -Xmx512m "${java_options[@]}" -jar "$jar" "--flink-master=$master" --job-host=127.0.0.1 \
      "--job-port=$job_port" "--artifact-port=$((job_port + 1))" "--expansion-port=$((job_port + 2))" \
      "--artifacts-dir=$state/artifacts"
    ;;
  submit)
    streaming=()
    if [ "${2:-}" = watch ]; then
      streaming=(--streaming "--checkpointing_interval=$((1000 * ${CHECKPOINT_SECONDS:-60}))" --finish_bundle_before_checkpointing)
    fi
    exec "$python" -m pipeline "${@:2}" --runner=PortableRunner "--job_endpoint=127.0.0.1:$job_port" \
      "--artifact_endpoint=127.0.0.1:$((job_port + 1))" --environment_type=EXTERNAL \
      "--environment_config=127.0.0.1:$worker_port" "${streaming[@]}"
    ;;
  *)
    echo "usage: $0 jobmanager | taskmanager | workers | job-server | submit run|watch OPTIONS" >&2
    exit 2
    ;;
esac
