#!/bin/sh
# Sends this job to a Ray cluster: sh submit.sh http://HEAD:8265 --workers 8 --shards 8
# The folder must lie under the same path on every node. A cluster that asks for a token (Ray 2.60 does): RAY_AUTH_MODE=token and RAY_AUTH_TOKEN.
set -eu
address=$1
shift
folder=$(cd "$(dirname "$0")" && pwd)
# slow machines take minutes to begin a process, and Ray gives up after seconds unless told otherwise
exec ray job submit --address "$address" \
  --runtime-env-json '{"env_vars": {"RAY_worker_register_timeout_seconds": "300", "RAY_enable_worker_prestart": "0"}}' \
  -- python "$folder/run_job.py" --engine ray "$@"
