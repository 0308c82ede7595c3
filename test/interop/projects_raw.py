"""Takes the test part out of a project's data, and writes its raw rows to later.csv: projects_raw.py INTERACTIONS.csv, in the project."""

import csv
import json
import sys
from pathlib import Path

from safetensors.numpy import load_file, save_file

TEST = 2
data = Path("data")
arrays, facts = load_file(data / "interactions.safetensors"), json.loads((data / "facts.json").read_text())
taken = arrays["part"] == TEST
keys = {
    (facts["userIds"][user], facts["itemIds"][item], time)
    for user, item, time in zip(arrays["user"][taken], arrays["item"][taken], arrays["time"][taken])
}
with Path(sys.argv[1]).open(newline="") as file:
    names, *rows = csv.reader(file)
later = [row for row in rows if (row[0], row[1], float(row[2])) in keys]
assert len(later) == taken.sum() > 0
with Path("later.csv").open("w", newline="") as file:
    csv.writer(file).writerows([names, *later])
save_file({name: values[~taken] for name, values in arrays.items()}, data / "interactions.safetensors")
