"""The MLflow folder is read by MLflow; the CSV and JSON files hold the same numbers."""

import csv
import json
import os

os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"  # read, not kept: recent releases ask for it

import mlflow
from mlflow.tracking import MlflowClient

from common import EXPORTS, tell

os.chdir(EXPORTS / "mlflow")
run_json = json.loads((EXPORTS / "tables" / "run.json").read_text(encoding="utf-8"))
client = MlflowClient("file:mlruns")
experiment = client.get_experiment_by_name(f"pylon {run_json['dataset']}")
(run,) = client.search_runs([experiment.experiment_id])
assert run.info.status == "FINISHED" and run.info.run_name == run_json["name"]
assert run.data.params["training.batchSize"] == str(run_json["spec"]["training"]["batchSize"])
for name, value in run_json["metrics"].items():
    assert run.data.metrics[f"test.{name.replace('@', '_at_')}"] == value, name
losses = [(point.step, point.value) for point in client.get_metric_history(run.info.run_id, "train.loss")]
assert losses == [(row["epoch"], row["loss"]) for row in run_json["epochsLog"]]
assert {file.path for file in client.list_artifacts(run.info.run_id)} >= {"user_tower.onnx", "item_tower.onnx", "weights.safetensors"}
rows = list(csv.DictReader((EXPORTS / "tables" / "metrics.csv").open(encoding="utf-8")))
assert {row["metric"]: float(row["value"]) for row in rows} == run_json["metrics"]
epochs = list(csv.DictReader((EXPORTS / "tables" / "epochs.csv").open(encoding="utf-8")))
assert [float(row["loss"]) for row in epochs] == [row["loss"] for row in run_json["epochsLog"]]
tell(mlflow=mlflow.__version__, metrics=len(run.data.metrics))
