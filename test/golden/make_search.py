"""Writes search.json: what Optuna makes of some histories of trials (the acquisition of its multivariate TPE with constant liar at 50 points,
importances by PED-ANOVA) and where its TPE comes on Branin and Hartmann6, so that main/engine/search is tested against it. Deterministic.

Values that are equal are put in order by NumPy's quick sort, differently from machine to machine; here, as in Pylon, in the order of the
trials. Failed trials, which Optuna leaves out and Pylon counts as bad, do not occur.

    pip install optuna==5.0.0 numpy && python3 test/golden/make_search.py
"""
import json
import math
import pathlib
import statistics

import numpy as np
import optuna
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.samplers._tpe import parzen_estimator, sampler as tpe
from optuna.trial import TrialState, create_trial

optuna.logging.set_verbosity(optuna.logging.ERROR)

SPACE = {
    "rate": FloatDistribution(1e-4, 1e-1, log=True),
    "share": FloatDistribution(-1.0, 2.0),
    "width": IntDistribution(8, 512, log=True),
    "layers": IntDistribution(0, 4),
    "loss": CategoricalDistribution(("softmax", "bpr", "ccl")),
}
BRANCHES = {
    "loss": CategoricalDistribution(("softmax", "ccl")),
    "rate": FloatDistribution(1e-4, 1e-1, log=True),
    "margin": FloatDistribution(0.0, 1.0),
}


class StableSort:
    """NumPy but for its argsort."""

    def __getattr__(self, name):
        return getattr(np, name)

    @staticmethod
    def argsort(values):
        return np.argsort(values, kind="stable")


parzen_estimator.np = StableSort()


def draw(rng, distribution):
    if isinstance(distribution, CategoricalDistribution):
        return distribution.choices[rng.integers(len(distribution.choices))]
    low, high = distribution.low, distribution.high
    x = math.exp(rng.uniform(math.log(low), math.log(high))) if distribution.log else rng.uniform(low, high)
    return int(round(x)) if isinstance(distribution, IntDistribution) else x


def worth(params):
    loss = {"softmax": 0.1, "bpr": 0.0, "ccl": 0.05}[params["loss"]]
    rate = -abs(math.log10(params["rate"]) + 2.3) * 0.1
    return 0.5 + loss + rate + 0.02 * params.get("share", 0) - 0.01 * params.get("layers", 0) + 0.1 * params.get("margin", 0)


def history(rng, space, count, running, paused, conditional=False):
    trials = []
    for number in range(count):
        params = {name: draw(rng, distribution) for name, distribution in space.items()}
        if conditional and params["loss"] != "ccl":
            del params["margin"]
        state = "running" if number >= count - running else "paused" if rng.random() < paused else "complete"
        epochs = int(rng.integers(1, 9))
        value = None if state == "running" else worth(params) + rng.normal(0, 0.02)
        trials.append({"params": params, "state": state, "value": value, "epochs": 0 if state == "running" else epochs})
    return trials


def study_of(space, trials, seed=0):
    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=seed))
    for trial in trials:
        distributions = {name: space[name] for name in trial["params"]}
        common = {"params": trial["params"], "distributions": distributions}
        if trial["state"] == "complete":
            study.add_trial(create_trial(value=trial["value"], **common))
        elif trial["state"] == "paused":
            study.add_trial(create_trial(state=TrialState.PRUNED, intermediate_values={trial["epochs"]: trial["value"]}, **common))
        else:
            study.add_trial(create_trial(state=TrialState.RUNNING, **common))
    return study


def acquisitions(rng, space, trials, names):
    """log l - log g of the fields `names` at 50 points."""
    study = study_of(space, trials)
    sampler = study.sampler
    all_trials = study.get_trials(deepcopy=False)
    known = sum(trial.state != TrialState.RUNNING for trial in all_trials)
    below, above = tpe._split_trials(study, all_trials, tpe.default_gamma(known))
    sub = {name: space[name] for name in names}
    good = sampler._build_parzen_estimator(study, sub, below, handle_below=True)
    others = sampler._build_parzen_estimator(study, sub, above, handle_below=False)
    points = [{name: draw(rng, distribution) for name, distribution in sub.items()} for _ in range(50)]
    internal = {name: np.array([sub[name].to_internal_repr(point[name]) for point in points]) for name in names}
    values = sampler._compute_acquisition_func(internal, good, others)
    return [{"point": point, "value": value} for point, value in zip(points, values.tolist())]


def dimension(distribution, when=None):
    if isinstance(distribution, CategoricalDistribution):
        return {"kind": "choice", "values": list(distribution.choices), "tied": [], "when": when}
    integer = isinstance(distribution, IntDistribution)
    ends = {"low": distribution.low, "high": distribution.high}
    return {"kind": "range", **ends, "log": distribution.log, "integer": integer, "tied": [], "when": when}


def case(seed, count, running, paused, branches=False):
    rng = np.random.default_rng(seed)
    space = BRANCHES if branches else SPACE
    trials = history(rng, space, count, running, paused, branches)
    groups = [["loss", "rate"], ["margin"]] if branches else [list(space)]
    study = study_of(space, trials)
    ccl = {"path": "loss", "in": ["ccl"]}
    return {
        "space": {name: dimension(d, ccl if branches and name == "margin" else None) for name, d in space.items()},
        "trials": trials,
        "groups": [{"paths": names, "points": acquisitions(rng, space, trials, names)} for names in groups],
        "importance": optuna.importance.get_param_importances(study),
    }


def branin(x, y):
    b, c, t = 5.1 / (4 * math.pi**2), 5 / math.pi, 1 / (8 * math.pi)
    return (y - b * x**2 + c * x - 6) ** 2 + 10 * (1 - t) * math.cos(x) + 10


ALPHA = np.array([1.0, 1.2, 3.0, 3.2])
A = np.array([[10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14], [3, 3.5, 1.7, 10, 17, 8], [17, 8, 0.05, 10, 0.1, 14]])
P = 1e-4 * np.array(
    [
        [1312, 1696, 5569, 124, 8283, 5886],
        [2329, 4135, 8307, 3736, 1004, 9991],
        [2348, 1451, 3522, 2883, 3047, 6650],
        [4047, 8828, 8732, 5743, 1091, 381],
    ]
)


def hartmann6(*x):
    return -float(ALPHA @ np.exp(-(A * (np.array(x) - P) ** 2).sum(1)))


def medians(function, ranges, trials=100, seeds=20):
    best = []
    for seed in range(seeds):
        study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed))
        study.optimize(lambda t: function(*(t.suggest_float(f"x{i}", *r) for i, r in enumerate(ranges))), n_trials=trials)
        best.append(study.best_value)
    return {"trials": trials, "seeds": seeds, "median": statistics.median(best), "best": sorted(best)}


def main():
    written = {
        "optuna": optuna.__version__,
        "cases": [case(1, 30, 0, 0), case(2, 90, 3, 0.3), case(3, 12, 2, 0.5), case(4, 60, 1, 0.2, branches=True)],
        "functions": {
            "branin": medians(branin, [(-5, 10), (0, 15)]),
            "hartmann6": medians(hartmann6, [(0, 1)] * 6),
        },
    }
    path = pathlib.Path(__file__).with_name("search.json")
    path.write_text(json.dumps(written) + "\n")
    print(f"{path.name}: {path.stat().st_size} bytes, {written['functions']}")


main()
