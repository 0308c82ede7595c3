"""What MLflow's own client has of the runs of an experiment: every point of every metric, as told. Usage: mlflow_runs.py URI EXPERIMENT"""

import json
import sys

from mlflow.tracking import MlflowClient

client = MlflowClient(sys.argv[1])
experiment = client.get_experiment_by_name(sys.argv[2])
assert experiment is not None
runs = {}
for run in client.search_runs([experiment.experiment_id]):
    history = {key: sorted([point.step, point.value] for point in client.get_metric_history(run.info.run_id, key)) for key in run.data.metrics}
    tags = run.data.tags
    runs[tags.get("pylon.run") or tags["pylon.search"]] = {
        "id": run.info.run_id,
        "name": run.info.run_name,
        "status": run.info.status,
        "params": run.data.params,
        "tags": run.data.tags,
        "history": history,
    }
print(json.dumps(runs))
