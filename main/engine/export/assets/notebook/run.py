# What the notebook of an export is made of: a cell begins at "# %%", with its name; words in double braces are filled in for a run.

# %% [markdown]
# # {{title}}
#
# {{what}}
#
# The outputs below were written by Pylon, from its own numbers; nothing has been run yet. **Run all** computes them anew with NumPy from the
# files beside this notebook (`pip install -r requirements.txt`).

# %% load
import json
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

pd.options.display.precision = 4
pd.options.display.max_colwidth = 48


def read(name):
    return json.loads(Path(name).read_text(encoding="utf-8"))


def unit(vectors):
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-12)


user_ids, item_ids = read("user_ids.json"), read("item_ids.json")
items = np.load("item_vectors.npy")
# a user of several interests has several vectors
users = np.load("user_vectors.npy").reshape(len(user_ids), -1, items.shape[1])
about = pd.read_csv("items.csv", dtype=str, keep_default_na=False).set_index("item")
metric, protocol = read("metric.json")["metric"], read("protocol.json")
seen, held_out = np.load("seen.npy"), np.load("held_out.npy")  # rows of a user and of an item

print(f"{len(users):,} users and {len(items):,} items, vectors of {items.shape[1]}, ranked by {metric}")
asked = np.unique(held_out[:, 0])
print(f"{len(held_out):,} to be found, by {len(asked):,} users; {len(seen):,} interactions before")

# %% [markdown]
# ## How well does it retrieve?
#
# {{protocol}}
#
# Every item is a candidate for every user, best score first, ties by item order.{{masked}} What was held out has a rank; the metrics are
# means over users. (`similarity`, which compares the audiences of a list's items pair by pair, is in
# `metrics.json` alone.)

# %% rank
to_rank = unit if metric == "cosine" else np.asarray
item_rows, user_rows = to_rank(items), to_rank(users)


def scores_of(rows):
    """Scores of all items for some users, higher is better: [users, items]."""
    vectors = user_rows[rows]
    scores = vectors @ item_rows.T
    if metric == "euclidean":
        scores = 2 * scores - (item_rows**2).sum(-1) - (vectors**2).sum(-1, keepdims=True)
    return scores.max(axis=1)


def begins_of(pairs):
    """A user's pairs lie from begins[user] to begins[user + 1]."""
    return np.searchsorted(pairs[:, 0], np.arange(len(users) + 1))


seen_begins, held_begins = begins_of(seen), begins_of(held_out)


def seen_by(user):
    return seen[seen_begins[user] : seen_begins[user + 1], 1]


def candidates(rows):
    """Scores, without what a user has met before."""
    scores = scores_of(rows)
    if protocol["seen"] == "masked":
        for scored, user in zip(scores, rows, strict=True):
            scored[seen_by(user)] = -np.inf
    return scores


def best_of(scores, k):
    """The k best items, ties by item order."""
    k = min(k, len(scores))
    able = np.flatnonzero(scores >= np.partition(scores, -k)[-k])
    able = able[np.isfinite(scores[able])]
    return able[np.argsort(-scores[able], kind="stable")][:k]


CUTS = {{cuts}}
lists, ranks = [], np.zeros(len(held_out), int)
for begin in range(0, len(asked), 256):
    rows = asked[begin : begin + 256]
    for scores, user in zip(candidates(rows), rows, strict=True):
        lists.append(best_of(scores, max(CUTS)))
        mine = slice(held_begins[user], held_begins[user + 1])
        for at, item in enumerate(held_out[mine, 1], mine.start):
            ranks[at] = 1 + (scores > scores[item]).sum() + (scores[:item] == scores[item]).sum()
found = pd.DataFrame({"user": held_out[:, 0], "item": held_out[:, 1], "rank": ranks})

# %% metrics
counts = np.load("item_counts.npy")  # interactions of an item before the held-out part
audience = np.bincount(np.unique(seen, axis=0)[:, 1], minlength=len(items))  # its distinct users


def by_user(found, k):
    """Metrics of each user who has something to find."""
    n = found.groupby("user").size()
    hits = found[found["rank"] <= k].sort_values(["user", "rank"])
    nth, group = hits.groupby("user").cumcount() + 1, hits["user"]
    ideal = np.cumsum(1 / np.log2(np.arange(2, k + 2)))[np.minimum(n, k) - 1]
    measured = {
        "recall": hits.groupby("user").size() / n,
        "ndcg": (1 / np.log2(hits["rank"] + 1)).groupby(group).sum().reindex(n.index) / ideal,
        "hit": hits.groupby("user").size().clip(upper=1),
        "mrr": 1 / hits.groupby("user")["rank"].min(),
        "map": (nth / hits["rank"]).groupby(group).sum() / np.minimum(n, k),
        "precision": hits.groupby("user").size() / k,
    }
    return pd.DataFrame(measured, index=n.index).fillna(0)


def of_lists(k):
    """What the lists show, whatever was held out; and recall weighted by one over an item's propensity."""
    n = len(items)
    listed = np.concatenate([each[:k] for each in lists])
    shown = np.sort(np.bincount(listed, minlength=n))
    weight = np.sqrt(max(1, counts.max()) / np.maximum(1, counts[found["item"]]))
    weight /= found.groupby("user")["item"].transform("size")
    return {
        "ips": weight[found["rank"] <= k].sum() / weight.sum(),
        "coverage": (shown > 0).mean(),
        "gini": (shown * (2 * np.arange(1, n + 1) - n - 1)).sum() / (n * shown.sum()),
        "novelty": -np.log2(np.maximum(1, audience[listed]) / len(users)).mean(),
        "popularity": audience[listed].mean(),
    }


cold = found[counts[found["item"]] == 0]  # items that nobody had met
measured = pd.DataFrame(
    {
        f"@{k}": {
            **by_user(found, k).mean(),
            **of_lists(k),
            **({} if cold.empty else by_user(cold, k).mean().add_prefix("cold.")),
        }
        for k in CUTS
    }
)
display(measured)

# %% [markdown]
# Most popular, which gives everybody the same items, measured by the same protocol:

# %% baseline
def table_of(metrics):
    """Metrics by their names, kind@k, as a table like the one above."""
    of_kind = {f"@{k}": {kind: metrics.get(f"{kind}@{k}") for kind in measured.index} for k in CUTS}
    return pd.DataFrame(of_kind, dtype=float)


popular = table_of(read("most_popular.json"))
display(popular)

# %% check
apart = (measured - table_of(read("metrics.json"))).abs().max(axis=None)
print(f"The numbers above differ from those of the run by at most {apart:.4f}")

# %% [markdown]
# ## By the length of the list

# %% curve
lengths = [k for k in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000) if k <= len(items)]
curve = pd.DataFrame({k: by_user(found, k)[["recall", "ndcg"]].mean() for k in lengths}).T.rename_axis("k")
display(curve)

# %% curve_chart
figure, axes = plt.subplots(figsize=(7, 3.6))
axes.plot(curve.index, curve["recall"], "o-", label="recall")
axes.plot(curve.index, curve["ndcg"], "o-", label="ndcg")
axes.plot(CUTS, popular.loc["recall"], "o--", label="recall, most popular")
axes.set(xscale="log", xlabel="length of the list", ylim=(0, None))
axes.set_xticks(lengths, lengths)
axes.grid(alpha=0.3)
axes.legend()
plt.show()

# %% [markdown] epochs
# ## Training

# %% epochs
epochs = pd.read_csv("epochs.csv", index_col="epoch")
chosen = {{curves}}
display(epochs[["loss", *chosen]].tail(10))

# %% epochs_chart
figure, charts = plt.subplots(1, 2, figsize=(9, 3.2))
for axes, columns in zip(charts, (["loss"], chosen), strict=True):
    for name in columns:
        axes.plot(epochs.index, epochs[name], "o-", label=name)
    axes.set(xlabel="epoch")
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.grid(alpha=0.3)
    if columns:
        axes.legend()
plt.show()

# %% [markdown]
# ## Items like an item
#
# Neighbours by the cosine of their vectors; change `ITEM` and run the three cells again. All items lie in the plane of the two axes on which
# they differ most (their principal components), the neighbours in colour.

# %% similar
ITEM = {{item}}
SHOWN = {{shown}}
row = item_ids.index(ITEM)
cosines = unit(items) @ unit(items)[row]
cosines[row] = -np.inf
near = best_of(cosines, 10)
display(about.loc[[ITEM], SHOWN])
display(about.iloc[near][SHOWN].assign(cosine=cosines[near]))

# %% plane
centred = item_rows - item_rows.mean(axis=0)
_, spread, directions = np.linalg.svd(centred[:: max(1, len(items) // 20_000)], full_matrices=False)
largest = np.abs(directions).argmax(axis=1)[:, None]
directions *= np.sign(np.take_along_axis(directions, largest, axis=1))
places = centred @ directions[:2].T
shares = (spread**2 / (spread**2).sum())[:2]
print(f"The plane shows {shares.sum():.1%} of the spread of the items")

# %% plane_chart
figure, axes = plt.subplots(figsize=(7, 5))
drawn = places[:: max(1, len(items) // 2000)]
axes.scatter(drawn[:, 0], drawn[:, 1], s=6, color="#cbd5e1", label="items")
axes.scatter(places[near, 0], places[near, 1], s=28, color="#d97706", label="neighbours")
axes.scatter(places[row, 0], places[row, 1], s=60, color="#2563eb", label=ITEM)
axes.legend()
plt.show()

# %% [markdown]
# ## What a user gets
#
# What they met last before the held-out part, and the ten best of the rest; `held_out` marks what they went on to.

# %% history
USER = {{user}}
who = user_ids.index(USER)
last = list(dict.fromkeys(seen_by(who)[::-1]))[:5]
display(about.iloc[last][SHOWN])

# %% recommended
scores = candidates(np.array([who]))[0]
ten = best_of(scores, 10)
wanted = held_out[held_begins[who] : held_begins[who + 1], 1]
went_on = ["yes" if item in wanted else "" for item in ten]
display(about.iloc[ten][SHOWN].assign(score=scores[ten], held_out=went_on))
