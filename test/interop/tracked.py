"""Runs written by MLflow's and TensorFlow's own code, for Pylon to read: tracked.py FOLDER. Prints what each of them reads of it itself."""

import json
import math
import os
import sys
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import mlflow  # noqa: E402
import tensorflow as tf  # noqa: E402
from mlflow.tracking import MlflowClient  # noqa: E402

folder = Path(sys.argv[1])
told: dict[str, dict[str, object]] = {"mlflow": {}, "tensorboard": {}}

uri = f"sqlite:///{folder / 'mlflow.db'}"
mlflow.set_tracking_uri(uri)
mlflow.set_experiment("rivals")
client = MlflowClient(uri)
for name, rate in (("a 红", 0.1), ("b", 0.3)):
    with mlflow.start_run(run_name=name) as run:
        mlflow.log_params({"rate": rate, "model": "als"})
        for step in range(30):
            mlflow.log_metric("loss", math.exp(-rate * step), step=step)
        mlflow.log_metrics({"recall@20".replace("@", "_at_"): rate / 3}, step=29)
        if name == "b":
            mlflow.log_metric("diverged", float("nan"), step=0)
            mlflow.log_metric("diverged", float("inf"), step=1)
    points = client.get_metric_history(run.info.run_id, "loss")
    told["mlflow"][name] = {"id": run.info.run_id, "loss": sorted([point.step, point.value] for point in points), "recall": rate / 3}

# the form of TensorFlow 2, a tensor each; and the old one, a simple value each
with tf.summary.create_file_writer(str(folder / "boards" / "new")).as_default():
    for step in range(25):
        tf.summary.scalar("loss", 1 / (1 + step), step=step)
    tf.summary.histogram("weights", tf.range(9.0), step=0)
with tf.compat.v1.Graph().as_default():
    writer = tf.compat.v1.summary.FileWriter(str(folder / "boards" / "old"))
    for step in range(25):
        writer.add_summary(tf.compat.v1.Summary(value=[tf.compat.v1.Summary.Value(tag="loss", simple_value=2 / (1 + step))]), step)
    writer.add_session_log(tf.compat.v1.SessionLog(status=tf.compat.v1.SessionLog.START), 20)
    for step in range(20, 25):
        writer.add_summary(tf.compat.v1.Summary(value=[tf.compat.v1.Summary.Value(tag="loss", simple_value=0.5)]), step)
    writer.close()
for run_name in ("new", "old"):
    points: dict[int, float] = {}
    for path in (folder / "boards" / run_name).glob("*tfevents*"):
        for raw in tf.data.TFRecordDataset(str(path)):
            event = tf.compat.v1.Event.FromString(raw.numpy())
            if event.session_log.status == event.session_log.START:
                points = {step: value for step, value in points.items() if step < event.step}
            for value in event.summary.value:
                if value.tag == "loss":
                    points[event.step] = value.simple_value if value.WhichOneof("value") == "simple_value" else float(tf.make_ndarray(value.tensor))
    told["tensorboard"][run_name] = [list(point) for point in sorted(points.items())]
print(json.dumps(told))
