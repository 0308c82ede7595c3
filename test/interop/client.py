"""The Python client against a real engine: python client.py HOME FILES; prints what it found as JSON."""

import json
import sys
import threading
from pathlib import Path

import numpy as np
import pandas as pd
import pylon_workbench as pylon

home, files = sys.argv[1], Path(sys.argv[2])
found: dict[str, object] = {}

with pylon.open(home) as workspace:
    found["version"] = workspace.version
    imported = workspace.import_dataset("small", interactions=files / "events.csv", items=files / "items.csv")
    found["interactions"] = imported["interactions"]
    assert list(workspace.datasets().index) == ["small"]

    run = workspace.train("small", recipe="two-tower", set=["training.epochs=2"], name="from Python", seed=3)
    epochs = list(run.follow())
    # the final fit runs its epochs once more
    found["epochs"] = [each["epoch"] for each in epochs]
    assert run.state == "finished"
    assert run.wait() is run
    assert len(run.epochs()) > 0 and "ndcg@20" in run.epochs().columns

    runs = workspace.runs("small")
    assert runs.loc[run.id, "name"] == "from Python"
    metrics = run.metrics
    assert runs.loc[run.id, "recall@20"] == metrics["recall@20"] == run.evaluate(k=(20,))["recall@20"]
    by_sql = workspace.sql(f"SELECT value FROM metrics WHERE run = '{run.id}' AND metric = 'recall@20' AND part = 'test'")
    found["sql"] = by_sql["value"].tolist()
    found["recall"] = metrics["recall@20"]

    # what the engine retrieves is the inner product of what it hands out
    users, user_vectors = run.vectors("user")
    items, item_vectors = run.vectors("item")
    assert user_vectors.dtype == np.float32 and len(users) == 80 and len(items) == len(item_vectors)
    hits = run.recommend(user="u7", k=5)
    unit = [each / np.linalg.norm(each, axis=1, keepdims=True) for each in (user_vectors, item_vectors)]
    scores = pd.Series(unit[1] @ unit[0][list(users).index("u7")], index=items)
    assert np.allclose(scores[hits["item"]].to_numpy(), hits["score"], atol=1e-5)
    assert list(hits.index) == [1, 2, 3, 4, 5]
    typed = run.recommend(features={"history": ["i3", "i17"]}, k=3)
    assert len(typed) == 3
    assert "i3" not in list(run.similar(item="i3", k=4)["item"])

    # a failure is an error with its code, and a run that does not exist too
    for ask, code in (
        (lambda: run.recommend(user="nobody"), "not-found"),
        (lambda: workspace.train("small", recipe="two-towers"), "bad-input"),
        (lambda: workspace.call("no.verb"), "bad-input"),
        (lambda: workspace.run("zzz"), "not-found"),
        (lambda: workspace.import_dataset("other", interactions=files / "gone.csv"), "not-found"),
    ):
        try:
            ask()
        except pylon.PylonError as error:
            assert error.code == code, (error.code, str(error))
        else:
            raise AssertionError(code)

    # many calls at once, each its own answer
    answers: dict[int, object] = {}
    threads = [threading.Thread(target=lambda k=k: answers.update({k: len(run.recommend(user="u1", k=k))})) for k in range(1, 9)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert answers == {k: k for k in range(1, 9)}

    # stopped with a checkpoint, and gone on with
    long = workspace.train("small", recipe="two-tower", set=["training.epochs=400", "training.earlyStopping=null"])
    for _ in long.follow():
        long.stop()
        break
    try:
        long.wait()
    except pylon.Cancelled:
        found["stopped"] = long.state

try:
    workspace.datasets()
except pylon.PylonError as error:
    found["closed"] = error.code

# another client sees what the first one made
with pylon.open(home) as again:
    assert again.run("from Python").id == run.id
    best = again.compare(run, again.run(run.id))
    assert len(best) == 1

try:
    pylon.open(home, command=["/nowhere/pylon"])
except pylon.PylonError as error:
    found["nowhere"] = error.code

print(json.dumps(found))
