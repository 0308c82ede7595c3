"""Logs the run to MLflow, once: python log.py

To a database beside this file (`mlflow ui --backend-store-uri sqlite:///mlflow.db` shows it), or to a server or another database:
python log.py --tracking-uri http://HOST:5000 (or MLFLOW_TRACKING_URI). Params, metrics over epochs, the files in artifacts/, and a pyfunc
model that recommends.
"""

import argparse
import json
import os
from pathlib import Path
from typing import Any

import mlflow
import pandas as pd
from mlflow.entities import Metric, Param, RunTag
from mlflow.models import ModelSignature
from mlflow.tracking import MlflowClient
from mlflow.types import ColSpec, ParamSchema, ParamSpec, Schema
from mlflow.types.schema import Array

FOLDER = Path(__file__).resolve().parent
LOCAL = f"sqlite:///{FOLDER / 'mlflow.db'}"
MOST_METRICS, MOST_PARAMS = 1000, 100  # in one request
FILES = "pylon.files"  # the tag of a run that has them


def signature() -> ModelSignature:
    outputs = [
        ColSpec("string", "user"),
        ColSpec("boolean", "known"),
        ColSpec(Array("string"), "items"),
        ColSpec(Array("double"), "scores"),
    ]
    params = ParamSchema([ParamSpec("k", "long", 10), ParamSpec("include_seen", "boolean", False)])
    return ModelSignature(Schema([ColSpec("string", "user")]), Schema(outputs), params)


def first_user() -> str:
    ids: list[str] = json.loads((FOLDER / "artifacts" / "vectors" / "user_ids.json").read_text(encoding="utf-8"))
    return ids[0]


def experiment_of(client: MlflowClient, name: str, is_local: bool) -> str:
    """Made where it is missing. Artefacts of the local database lie beside it, by their whole path; a server has its own place."""
    found = client.get_experiment_by_name(name)
    if found is not None:
        return str(found.experiment_id)
    return str(client.create_experiment(name, (FOLDER / "mlartifacts").as_uri() if is_local else None))


def log(client: MlflowClient, experiment: str, facts: dict[str, Any], there: str | None) -> str:
    """@param there: the run that Pylon has told to MLflow while it trained, which gets the files and the model alone
    @returns the run's id in MLflow; one that breaks off is told as failed there"""
    run = there or client.create_run(experiment, start_time=facts["started"], run_name=facts["name"]).info.run_id
    try:
        metrics = [Metric(**each) for each in facts["metrics"]]
        params = [Param(**each) for each in facts["params"]]
        client.log_batch(run, tags=[RunTag(**each) for each in facts["tags"]])
        for at in range(0, 0 if there else len(metrics), MOST_METRICS):
            client.log_batch(run, metrics=metrics[at : at + MOST_METRICS])
        for at in range(0, len(params), MOST_PARAMS):
            client.log_batch(run, params=params[at : at + MOST_PARAMS])
        client.log_artifacts(run, str(FOLDER / "artifacts"))
        with mlflow.start_run(run_id=run):
            mlflow.pyfunc.log_model(
                name="recommender",
                python_model=str(FOLDER / "recommender.py"),
                artifacts={"vectors": str(FOLDER / "artifacts" / "vectors")},
                signature=signature(),
                input_example=pd.DataFrame({"user": [first_user()]}),
                pip_requirements=["mlflow>=3", "numpy", "pandas"],
            )
    except BaseException:
        client.set_terminated(run, "FAILED")
        raise
    client.set_tag(run, FILES, "mlflow")
    client.set_terminated(run, "FINISHED", facts["ended"])
    return str(run)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tracking-uri", default=os.environ.get("MLFLOW_TRACKING_URI", LOCAL))
    parser.add_argument("--experiment", help="its name; default: pylon and the data set's")
    args = parser.parse_args()
    facts = json.loads((FOLDER / "run.json").read_text(encoding="utf-8"))
    mlflow.set_tracking_uri(args.tracking_uri)
    client = MlflowClient(args.tracking_uri)
    experiment = experiment_of(client, args.experiment or facts["experiment"], args.tracking_uri == LOCAL)
    mine = f"tags.`pylon.run` = '{facts['run']}' and attributes.status = 'FINISHED'"
    there = client.search_runs([experiment], filter_string=mine)
    found = there[0] if there else None
    done = found is not None and FILES in found.data.tags
    run = str(found.info.run_id) if done else log(client, experiment, facts, found and found.info.run_id)
    print(json.dumps({"run": run, "experiment": experiment, "logged": not done, "trackingUri": args.tracking_uri}))


if __name__ == "__main__":
    main()
