"""A search's export as Optuna reads it: the file of a journal, its study, what its trials had and reached, and its own importances of them."""

import json
import sys

import optuna

from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import TrialState

optuna.logging.set_verbosity(optuna.logging.ERROR)
journal, shown = sys.argv[1:3]
search = json.load(open(shown, encoding="utf-8"))
study = optuna.load_study(study_name=search["name"], storage=JournalStorage(JournalFileBackend(journal)))
STATES = {"complete": TrialState.COMPLETE, "paused": TrialState.PRUNED, "failed": TrialState.FAIL}
explored = [trial for trial in search["list"] if trial["finalOf"] is None]
assert len(study.trials) == len(explored), len(study.trials)
for ours, theirs in zip(explored, study.trials):
    assert theirs.state == STATES[ours["state"]], ours["number"]
    assert theirs.user_attrs["trial"] == ours["number"]
    assert abs(theirs.duration.total_seconds() - ours["seconds"]) < 0.01
    for path, value in ours["params"].items():
        assert theirs.params[path] == (json.dumps(value, separators=(",", ":")) if isinstance(value, list) else value), path
    curve = {i + 1: value for i, value in enumerate(ours["curve"]) if value is not None}
    assert theirs.intermediate_values == curve, ours["number"]
assert study.best_trial.user_attrs["trial"] == search["best"]["trial"] and study.best_value == search["best"]["value"]
importances = optuna.importance.get_param_importances(study)
worst = max(abs(importances[path] - share) for path, share in search["importance"].items())
assert worst < 1e-6, worst
# and its sampler goes on from there
asked = study.ask(study.best_trial.distributions)
assert asked.params.keys() == study.best_trial.params.keys()
print(json.dumps({"optuna": optuna.__version__, "trials": len(explored), "importance": worst}))
