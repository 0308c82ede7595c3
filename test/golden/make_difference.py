"""Writes difference.json: per-query metrics, curves over K and paired tests of random ranks, computed with NumPy and SciPy straight from
the definitions, so that main/engine/evaluation/{ranks,difference,paired}.ts are tested against another implementation. Deterministic.

    pip install numpy scipy && python3 test/golden/make_difference.py
"""
import json
import pathlib

import numpy as np
from scipy import stats

ITEMS = 300
METRICS = ["recall@5", "ndcg@20", "hit@10", "mrr@50", "map@20", "precision@3"]
MOST_K = 60


def value(ranks, name, k):
    """A metric of one query from the ranks of its held-out items (0: not retrieved), by the list of gains up to k."""
    gains = np.zeros(k)
    for rank in ranks:
        if 0 < rank <= k:
            gains[rank - 1] = 1
    at = np.arange(1, k + 1)
    held = len(ranks)
    if name == "recall":
        return gains.sum() / held
    if name == "precision":
        return gains.sum() / k
    if name == "hit":
        return float(gains.any())
    if name == "mrr":
        return float(1 / (np.argmax(gains) + 1)) if gains.any() else 0.0
    if name == "map":
        return float(np.sum(np.cumsum(gains) / at * gains) / min(k, held))
    discounts = 1 / np.log2(at + 1)
    return float((gains * discounts).sum() / discounts[: min(k, held)].sum())


def draw(rng, queries, sd, gain):
    """Ranks under two runs: the second is the first moved by a noise, a share of it much better; some items are not retrieved."""
    counts = rng.choice([1, 1, 1, 2, 5], queries)
    a, b = [], []
    for count in counts:
        first = rng.choice(np.arange(1, ITEMS + 1), count, replace=False)
        order = np.argsort(np.arange(ITEMS) + rng.normal(0, sd, ITEMS))
        place = np.empty(ITEMS, int)
        place[order] = np.arange(ITEMS)
        second = place[first - 1] + 1
        if count == 1 and rng.random() < gain:
            second = second // 8 + 1
        a.append(np.where(rng.random(count) < 0.05, 0, first))
        b.append(np.where(rng.random(count) < 0.05, 0, second))
    return counts, a, b


def case(rng, queries, sd, gain, metric):
    counts, a, b = draw(rng, queries, sd, gain)
    values = {m: [[value(r, *split(m)) for r in ranks] for ranks in (a, b)] for m in METRICS}
    differences = np.array(values[metric][1]) - np.array(values[metric][0])
    mean = lambda d, axis: np.mean(d, axis=axis)
    exact = queries <= 14
    p = stats.permutation_test((differences,), mean, permutation_type="samples", n_resamples=np.inf if exact else 200_000, random_state=rng).pvalue
    interval = stats.bootstrap((differences,), mean, method="percentile", n_resamples=100_000, batch=2_000, random_state=rng).confidence_interval
    curve = lambda name: [float(np.mean([value(r, name, k) for r in b])) for k in range(1, MOST_K + 1)]
    return {
        "counts": counts.tolist(),
        "ranksA": np.concatenate(a).tolist(),
        "ranksB": np.concatenate(b).tolist(),
        "values": values,
        "metric": metric,
        "p": float(p),
        "exact": exact,
        "interval": [float(interval.low), float(interval.high)],
        "sd": float(differences.std()),
        "curves": {name: curve(name) for name in ("recall", "ndcg", "hit")},
    }


def split(metric):
    name, k = metric.split("@")
    return name, int(k)


def main():
    rng = np.random.default_rng(12)
    cases = [case(rng, 14, 60, 0.3, "mrr@50"), case(rng, 60, 30, 0.15, "ndcg@20"), case(rng, 400, 10, 0.05, "mrr@50"), case(rng, 250, 80, 0, "recall@5")]
    text = json.dumps({"items": ITEMS, "mostK": MOST_K, "cases": cases}, separators=(",", ":"))
    (pathlib.Path(__file__).parent / "difference.json").write_text(text + "\n")
    for each in cases:
        print(len(each["counts"]), each["metric"], each["p"], each["interval"])


main()
