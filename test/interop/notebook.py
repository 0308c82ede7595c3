"""Runs the notebook of an export and compares what each cell shows with what Pylon wrote: python notebook.py FOLDER

Tables cell by cell, texts word by word, numbers as closely as they are printed; a picture for a picture. One line of JSON: how many were alike.
"""

import json
import re
import sys
from html.parser import HTMLParser

import nbformat
from nbclient import NotebookClient

ROUNDED = 2e-4  # four digits on either side


class Table(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.cells, self.inside = [], False
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.inside = tag in ("th", "td")
        if self.inside:
            self.cells.append("")

    def handle_endtag(self, tag):
        if tag in ("th", "td"):
            self.inside = False

    def handle_data(self, data):
        if self.inside:
            self.cells[-1] += data


NUMBER = re.compile(r"-?\d+(?:,\d{3})*(?:\.\d+)?")


def alike(written, computed):
    """Texts, but for the last digit of their numbers."""
    if NUMBER.sub("#", written) != NUMBER.sub("#", computed):
        return False
    pairs = zip(NUMBER.findall(written), NUMBER.findall(computed), strict=True)
    values = [(float(a.replace(",", "")), float(b.replace(",", ""))) for a, b in pairs]
    return all(abs(a - b) <= ROUNDED * max(1, abs(a)) for a, b in values)


def shown(output):
    """Kind and content of an output."""
    if output.output_type == "stream":
        return "text", [output.text]
    assert output.output_type == "display_data", output
    if "text/html" in output.data:
        return "table", Table(output.data["text/html"]).cells
    assert any(kind.startswith("image/") for kind in output.data), output
    return "picture", []


written = nbformat.read(f"{sys.argv[1]}/run.ipynb", as_version=4)
nbformat.validate(written)
ran = NotebookClient(nbformat.from_dict(written), timeout=300, resources={"metadata": {"path": sys.argv[1]}}).execute()
counts = {"text": 0, "table": 0, "picture": 0}
apart = []
for before, after in zip(nbformat.read(f"{sys.argv[1]}/run.ipynb", as_version=4).cells, ran.cells, strict=True):
    if before.cell_type != "code":
        continue
    assert before.execution_count is None and after.execution_count is not None, before.id
    pair = [[shown(output) for output in cell.outputs] for cell in (before, after)]
    if [kind for kind, _ in pair[0]] != [kind for kind, _ in pair[1]]:
        apart.append(f"{before.id} shows {[kind for kind, _ in pair[1]]}, not {[kind for kind, _ in pair[0]]}")
        continue
    for (kind, ours), (_, theirs) in zip(*pair, strict=True):
        counts[kind] += 1
        if len(ours) != len(theirs):
            apart.append(f"{before.id} has {len(theirs)} cells, not {len(ours)}")
        apart += [f"{before.id}: {b!r}, not {a!r}" for a, b in zip(ours, theirs, strict=False) if not alike(a, b)]
print(json.dumps({**counts, "apart": apart}))
