"""README.md of the exports as model cards: python hub_card.py EXPORTS FORMAT=LIBRARY …

Read by huggingface_hub: metadata, and every metric of the run as a result of the model-index. (`ModelCard.validate` asks the Hub, so it is
not asked here.)
"""

import json
import math
import sys
from pathlib import Path

from huggingface_hub import ModelCard, __version__

exports = Path(sys.argv[1])
told = {}
for format_, library in (each.split("=") for each in sys.argv[2:]):
    card = ModelCard.load(exports / format_ / "README.md")
    data = card.data
    assert data.library_name == library, data.library_name
    assert data.license is None, "the licence is the user's to choose"
    assert {"pylon", "two-tower", "retrieval", library} <= set(data.tags), data.tags
    metrics = json.loads((exports / "vectors" / "metrics.json").read_text())
    protocol = json.loads((exports / "vectors" / "protocol.json").read_text())
    found = {result.metric_type: result.metric_value for result in data.eval_results}
    assert found == {name: value for name, value in metrics.items() if math.isfinite(value)}, format_
    for result in data.eval_results:
        assert (result.task_type, result.dataset_split) == ("retrieval", protocol["part"]), result
        assert result.dataset_revision == protocol["datasetChecksum"], result
    # written and read again by the library itself, nothing is lost
    assert ModelCard(str(card)).data.to_dict() == data.to_dict()
    assert "## Use, and limits" in card.text and protocol["hash"] in card.text
    told[format_] = len(found)
print(json.dumps({"huggingface_hub": __version__, "results": told}))
