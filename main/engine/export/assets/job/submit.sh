#!/bin/sh
# Sends this job to a Ray cluster: sh submit.sh http://HEAD:8265 --workers 8 --shards 8
# The folder must lie under the same path on every node; where it does not, the program alone is sent, and the data lies in --storage s3://…
# A cluster that asks for a token (Ray 2.60 does): RAY_AUTH_MODE=token and RAY_AUTH_TOKEN.
set -eu
address=$1
shift
folder=$(cd "$(dirname "$0")" && pwd)
program=$folder/run_job.py
more=
for each in "$@"; do
  case $each in --storage | --storage=*)
    program=run_job.py
    more=', "excludes": ["/passes", "/interactions", "/record", "/checkpoints", "/result", "/metrics.jsonl"]'
    ;;
  esac
done
# slow machines take minutes to begin a process, and Ray gives up after seconds unless told otherwise
environment='{"env_vars": {"RAY_worker_register_timeout_seconds": "300", "RAY_enable_worker_prestart": "0"}'$more'}'
[ "$program" = run_job.py ] && set -- --working-dir "$folder" --runtime-env-json "$environment" -- python "$program" --engine ray "$@" ||
  set -- --runtime-env-json "$environment" -- python "$program" --engine ray "$@"
exec ray job submit --address "$address" "$@"
