"""Measures the model as it is, on the test part, as Pylon does: python evaluate.py

With --validation on the validation part, each user as of the end of training.
"""

import argparse
import json
import sys

from two_tower.data import TEST, TRAIN, VALIDATION, Data
from two_tower.inference import Embedder, embed_all
from two_tower.metrics import evaluate


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--validation", action="store_true")
    parser.add_argument("--device", default="auto")
    args = parser.parse_args()
    data = Data()
    embedder = Embedder(data, args.device)
    part = VALIDATION if args.validation else TEST
    users = embed_all(embedder, data, "user", TRAIN if args.validation else VALIDATION)
    print(f"by {embedder.weights.name}", file=sys.stderr)
    print(json.dumps(evaluate(data, users, embed_all(embedder, data, "item"), part=part)))


if __name__ == "__main__":
    main()
