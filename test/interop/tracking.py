"""The MLflow export logs itself to a database by MLflow's client, once; what is there and what its model recommends (argument 2: the ten of
some users) is the run's. The CSV and JSON files hold the same numbers."""

import csv
import json
import subprocess
import sys

import mlflow
import pandas as pd
from mlflow.tracking import MlflowClient

from common import EXPORTS, tell

folder, expected = EXPORTS / "mlflow", json.loads(sys.argv[2])
logged, again = (json.loads(subprocess.run([sys.executable, folder / "log.py"], check=True, capture_output=True, text=True).stdout) for _ in range(2))
assert logged["logged"] and not again["logged"] and logged["run"] == again["run"]

run_json = json.loads((EXPORTS / "tables" / "run.json").read_text(encoding="utf-8"))
client = MlflowClient(logged["trackingUri"])
experiment = client.get_experiment_by_name(f"pylon {run_json['dataset']}")
(run,) = client.search_runs([experiment.experiment_id])
assert run.info.status == "FINISHED" and run.info.run_name == run_json["name"] and run.data.tags["pylon.run"] == run_json["run"]
assert run.data.params["training.batchSize"] == str(run_json["spec"]["training"]["batchSize"])
for name, value in run_json["metrics"].items():
    assert run.data.metrics[f"test/{name.replace('@', '_at_')}"] == value, name
losses = [(point.step, point.value) for point in client.get_metric_history(run.info.run_id, "epoch/loss")]
assert losses == [(row["epoch"], row["loss"]) for row in run_json["epochsLog"]]
assert {file.path for file in client.list_artifacts(run.info.run_id)} >= {"user_tower.onnx", "item_tower.onnx", "weights.safetensors"}

mlflow.set_tracking_uri(logged["trackingUri"])
model = mlflow.pyfunc.load_model(f"runs:/{run.info.run_id}/recommender")
found = model.predict(pd.DataFrame({"user": [*expected, "nobody"]})).set_index("user")
assert {user: found.loc[user, "items"] for user in expected} == expected
assert found["known"].to_dict() == {**dict.fromkeys(expected, True), "nobody": False} and found.loc["nobody", "items"] == []
assert len(model.predict(pd.DataFrame({"user": [next(iter(expected))]}), params={"k": 3, "include_seen": True})["items"][0]) == 3

rows = list(csv.DictReader((EXPORTS / "tables" / "metrics.csv").open(encoding="utf-8")))
assert {row["metric"]: float(row["value"]) for row in rows} == run_json["metrics"]
epochs = list(csv.DictReader((EXPORTS / "tables" / "epochs.csv").open(encoding="utf-8")))
assert [float(row["loss"]) for row in epochs] == [row["loss"] for row in run_json["epochsLog"]]
tell(mlflow=mlflow.__version__, metrics=len(run.data.metrics))
