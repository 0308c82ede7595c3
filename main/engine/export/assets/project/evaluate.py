"""Measures the model in use on the test part, as Pylon does: python evaluate.py

With --validation on the validation part, each user as of the end of training. On raw rows of a later period: python evaluate.py --data
later.csv --items items.csv; what happened before them, and the model has no rows of, comes with --seen.
"""

import argparse
import json
import sys
from pathlib import Path

from two_tower.data import TEST, VALIDATION
from two_tower.inference import Embedder
from two_tower.metrics import measured
from two_tower.options import add_model, add_rows, data_with_rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--validation", action="store_true")
    add_model(parser)
    add_rows(parser, "interactions that are to be found, all of them later than those of the model")
    parser.add_argument("--seen", type=Path, nargs="+", metavar="FILE", help="rows between those of the model and --data")
    args = parser.parse_args()
    if args.validation and args.data:
        parser.error("--validation is the part of the model's own rows: leave it out with --data.")
    data = data_with_rows(args, TEST)
    embedder = Embedder(data, args.device)
    print(f"by {embedder.weights}", file=sys.stderr)
    found = measured(embedder, data, VALIDATION if args.validation else TEST)
    if not found:
        sys.exit("Nobody has anything new to find in that part: a model of new rows has no test part, so name later ones with --data.")
    print(json.dumps(found))


if __name__ == "__main__":
    main()
