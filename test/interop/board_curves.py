"""What TensorFlow's own reader of event files, which checks every checksum, has of the runs below a folder. Usage: board_curves.py FOLDER"""

import json
import os
import sys
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import tensorflow as tf  # noqa: E402

runs: dict[str, dict[str, dict[int, float]]] = {}
for path in sorted(Path(sys.argv[1]).glob("*/*tfevents*")):
    tags = runs.setdefault(path.parent.name, {})
    for at, raw in enumerate(tf.data.TFRecordDataset(str(path))):
        event = tf.compat.v1.Event.FromString(raw.numpy())
        assert at > 0 or event.file_version == "brain.Event:2"
        if event.session_log.status == event.session_log.START:
            # as TensorBoard purges what an attempt that was given up has told of later steps
            for values in tags.values():
                for step in [step for step in values if step >= event.step]:
                    del values[step]
        for value in event.summary.value:
            tags.setdefault(value.tag, {})[event.step] = value.simple_value
print(json.dumps(runs))
