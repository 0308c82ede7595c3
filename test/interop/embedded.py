"""The vectors that a generated project embeds are Pylon's, for every user and item: python embedded.py EXPORTS FRAMEWORK"""

import json
import sys

import numpy as np

from common import EXPORTS, close, tell, vectors

project = EXPORTS / sys.argv[2]
worst = {side: close(np.load(project / "embedded" / f"{side}_vectors.npy"), vectors(side)) for side in ("user", "item")}
tell(worst=worst)
