"""Writes metrics.json: retrieval metrics of small random cases, computed with NumPy by full sorting, straight from the definitions,
so that main/engine/evaluation is tested against another implementation. Deterministic.

    pip install numpy && python3 test/golden/make.py
"""
import json
import pathlib

import numpy as np

KS = [1, 3, 5, 20, 200]
TRAIN, VALIDATION, TEST, UNUSED = range(4)


def case(rng, users, items, interactions, levels):
    """Random interactions ordered by (user, part) and scores with many ties, some of them -inf (never retrieved)."""
    weights = 1 / np.arange(1, items + 1)
    shuffled = rng.permutation(items)
    weights[shuffled[: items // 5]] = 0  # never in train: cold
    train_p = weights / weights.sum()
    later = shuffled[items // 10 :]  # half of those not in validation either
    user = np.sort(rng.integers(0, users, interactions))
    part = rng.choice([TRAIN, VALIDATION, TEST, UNUSED], interactions, p=[0.55, 0.15, 0.25, 0.05])
    by_part = {TRAIN: rng.choice(items, interactions, p=train_p), VALIDATION: rng.choice(later, interactions)}
    item = np.select([part == TRAIN, part == VALIDATION], [by_part[TRAIN], by_part[VALIDATION]], rng.integers(0, items, interactions))
    event = rng.integers(0, 3, interactions)
    order = np.lexsort((part, user))
    scores = rng.integers(0, levels, (users, items)).astype(float)
    scores[rng.random((users, items)) < 0.02] = -np.inf
    return user, item[order], part[order], event[order], scores


def expected(data, users, items, part, seen, events):
    user, item, parts, event, scores = data
    earlier = np.isin(parts, [TRAIN] if part == VALIDATION else [TRAIN, VALIDATION])
    counts = np.bincount(item[earlier], minlength=items)
    totals = {}
    cold_totals = {}
    covered = {k: set() for k in KS}
    n = cold_n = 0
    all_ranks = []
    for u in range(users):
        mine = user == u
        masked = set(item[mine & earlier].tolist()) if seen == "masked" else set()
        truth = set(item[mine & (parts == part) & np.isin(event, events)].tolist()) - masked
        if not truth:
            continue
        s = scores[u].copy()
        s[list(masked)] = -np.inf
        ranked = [i for i in np.lexsort((np.arange(items), -s)).tolist() if s[i] > -np.inf]
        all_ranks += [ranked.index(i) + 1 if i in ranked else 0 for i in sorted(truth)]
        n += 1
        add(totals, ranked, truth)
        for k in KS:
            covered[k] |= set(ranked[:k])
        cold = {i for i in truth if counts[i] == 0}
        if cold:
            cold_n += 1
            add(cold_totals, ranked, cold)
    metrics = {name: total / n for name, total in totals.items()}
    metrics |= {f"coverage@{k}": len(covered[k]) / items for k in KS}
    metrics |= {f"cold.{name}": total / cold_n for name, total in cold_totals.items()}
    return {"users": n, "coldUsers": cold_n, "metrics": metrics, "ranks": all_ranks}


def add(totals, ranked, truth):
    for k in KS:
        gains = np.array([i in truth for i in ranked[:k]], dtype=float)
        at = np.arange(1, len(gains) + 1)
        precision_at = np.cumsum(gains) / at if len(gains) else gains
        ideal = np.sum(1 / np.log2(np.arange(1, min(k, len(truth)) + 1) + 1))
        first = np.flatnonzero(gains)
        values = {
            "recall": gains.sum() / len(truth),
            "ndcg": np.sum(gains / np.log2(at + 1)) / ideal,
            "hit": float(gains.any()),
            "mrr": 1 / (first[0] + 1) if len(first) else 0.0,
            "map": np.sum(precision_at * gains) / min(k, len(truth)),
            "precision": gains.sum() / k,
        }
        for name, value in values.items():
            totals[f"{name}@{k}"] = totals.get(f"{name}@{k}", 0.0) + float(value)


def main():
    rng = np.random.default_rng(20)
    cases = []
    for users, items, interactions, levels in [(40, 60, 700, 6), (15, 25, 160, 1000)]:
        data = case(rng, users, items, interactions, levels)
        user, item, parts, event, scores = data
        protocols = []
        for part, seen, events in [(TEST, "masked", [0, 1, 2]), (VALIDATION, "masked", [0, 1, 2]), (TEST, "included", [0, 1, 2]), (TEST, "masked", [2])]:
            name = "test" if part == TEST else "validation"
            protocols.append({"part": name, "seen": seen, "events": events, **expected(data, users, items, part, seen, events)})
        cases.append(
            {
                "users": users,
                "items": items,
                "user": user.tolist(),
                "item": item.tolist(),
                "part": parts.tolist(),
                "event": event.tolist(),
                "scores": [None if s == -np.inf else int(s) for s in scores.ravel()],
                "protocols": protocols,
            }
        )
    text = json.dumps({"ks": KS, "cases": cases}, separators=(",", ":"))
    (pathlib.Path(__file__).parent / "metrics.json").write_text(text + "\n")


main()
