/** The texts of the README.md beside each export: what the files are, and how to read them. */

/** What is different of a blend, in the formats that hand out its towers. */
export const BLEND_WORDS = [
  '',
  'This run is a blend: each tower holds those of all its runs, and scales their vectors and puts them side by side. Encoded inputs begin with the number of the run that reads them (`0.user.dense`, `1.user.dense`), in the order of `members/`, where the encoders, weights and spec of each are. Where the popularity of items is part of it, the item tower also reads `item.interactions`, how often an item was interacted with (0 for a new one). Raw inputs are shared, but for histories that runs keep differently (`0.history`, `1.history`).',
] as const

/** Of stores, by their loader. */
const ONCE =
  "Loaded twice, the items are there once. Rows of the same name that this export does not have are refused, as vectors of two models do not compare: another name is chosen, or `--replace` removes them. In the end the loader asks for the users in `probes.json`, and prints the share of Pylon's best ten by exact search that the store finds by exact search (`exact`) and by its index (`recallAt10`), with the settings of both."

/** Of whatever ranks the vectors elsewhere. */
const TIES =
  'Ties: Pylon gives items of equal score in item order, other libraries in an order of their own, and scores that differ by rounding alone (some 1e-7 of their size) may change places. Items whose vectors are equal, as those that were met alike or read alike, are interchangeable for every query: lists may differ in which of them stand at the end, so that `exact` is a little below 1 where many are equal, and 1 else.'

/** Of projects that train on raw rows. */
const LATER_ROWS = [
  '- `train.py --data new.csv --items items.csv --users users.csv`: trains on raw rows of a later period too, with the columns that the run was imported with (`--map user=COLUMN` says others). The newest tenth of them (`--validation`) judges; it ends after `--patience` epochs without a better one. The model lies in `models/1` (then 2 …) with its encoders and data, and is in use from then on only where its recall@10 is higher there than that of the model in use (`--errors 2`: by more than two standard errors). `models/current` names the one in use, and `shipped` in it goes back; what came with the project is never changed',
  '- users and items that came later get rows in the tables of ids (they begin as the unknown does); vocabularies of other columns stay as they were trained, and so do histories of contents, which leave new items out',
] as const

const PYTORCH = [
  '- `train.py`: goes on training (`--epochs 3 --device cuda --amp --workers 4`; `torchrun --nproc_per_node 2 train.py` on several processes) and keeps the weights of the best recall on the validation part in `trained.safetensors`, never worse ones than there were; where the run was trained on its validation part too, those of the lowest loss',
  ...LATER_ROWS,
  '- `export.py`: both towers as TorchScript and, from torch 2.6 on, by `torch.export`, in `exported/`; each is compared with the model',
  '- `two_tower/towers.py`: what a tower is made of, in `torch.nn`: to change one, change `Block` or `Tower` there, and train with `--partly`, which begins with the weights that still fit, and with what was learned of a layer that is wider now (inputs that you add come last). `optimizers.py`: training of table rows; `batches.py`: `Dataset` and batches; `parallel.py`: several processes, whose negatives are those of their own batch',
] as const

const KERAS = [
  '- `train.py`: goes on training by `model.fit` (`--epochs 3`; `KERAS_BACKEND=torch` runs it on torch) and keeps the weights of the best recall on the validation part in `trained.safetensors`, never worse ones than there were; where the run was trained on its validation part too, those of the lowest loss',
  ...LATER_ROWS,
  '- `export.py`: the model as `exported/two_tower.keras`, and by TensorFlow both towers as SavedModels for TF Serving (`exported/user_tower/1`), any number of rows in, `vectors` out; each is read again and compared with the model',
  '- `two_tower/model.py`: a `keras.Model` with its `train_step`; `towers.py`: what a tower is made of: to change one, change `Block` or `Tower` there, and train with `--partly`, which begins with the weights that still fit, and with what was learned of a layer that is wider now (inputs that you add come last). `features.py`: what towers read; `loader.py`: batches of any backend; `optimizers.py`, `backend.py`: training of table rows',
] as const

export const README_TEXTS = {
  vectors: [
    'The vectors of one run of Pylon: row k of `user_vectors.npy` is the user whose id is entry k of `user_ids.json`, and so for items.',
    '',
    '    import json, numpy as np',
    '    users, items = np.load("user_vectors.npy"), np.load("item_vectors.npy")',
    '    ids = json.load(open("item_ids.json"))',
    '    best = [ids[k] for k in np.argsort(-({scores}), kind="stable")[:10]]',
    '',
    '`protocol.json` says on what and how `metrics.json` was measured: seen items are masked there, as they should be where the vectors serve.',
  ],
  onnx: [
    'Both towers of one run of Pylon as ONNX models (opset 17), embedding tables included, for any ONNX runtime. Inputs, for `n` users or items:',
    '',
    '- `user.dense`, `item.dense` (and `user.context`): float32 [n, width], the dense features',
    '- for each bag of a table `NAME.rows`, int32 [n, any length], and `NAME.weights`, float32 of the same shape: padded with weight 0; the mean of m rows is m weights of 1/m',
    '',
    'The output `vectors` is float32 [n, dim].',
    '',
    '- `encoders.json`: how raw features become inputs: vocabularies, means, edges, hash seeds, and the layout by tower; row 0 of a table is "unknown"',
    '- `weights.safetensors`: the same tables and weights by name, as float32',
    '- `spec.json`: from which the run was trained; `protocol.json` and `metrics.json`: how it was measured, and how well it did',
  ],
  parquet: [
    'The vectors of one run of Pylon as Parquet: `id` VARCHAR, `vector` FLOAT[], in the order of the run.',
    '',
    '    import duckdb; duckdb.sql("select id, vector from \'items.parquet\' limit 3")',
  ],
  jsonl: [
    'The vectors of one run of Pylon, one JSON object a line: `{"id": …, "vector": […]}`. Each number is a float32, written with as many digits as it needs.',
  ],
  fvecs: [
    'The vectors of one run of Pylon as fvecs, the format of the ANN benchmarks: for each row its width as int32, then its float32s, little-endian. Ids are in `*_ids.json`, in the same order.',
    '',
    '    import numpy as np',
    '    raw = np.fromfile("items.fvecs", dtype=np.float32); vectors = raw.reshape(-1, raw[:1].view(np.int32)[0] + 1)[:, 1:]',
  ],
  'onnx-raw': [
    'Both towers of one run of Pylon as ONNX models (opset 17 and ai.onnx.ml 2) with their encoders inside: raw columns in, vectors out, for any number of rows.',
    'A text that is missing is "", a number or time that is missing is NaN; lists are padded with "". A category of numbers takes their decimal text. Times are seconds since 1970, UTC. A history is item ids, oldest first, at most as many (`maxLength`) and of as many days before the newest (`days`) as the feature keeps.',
    '',
    '`inputs.json` names every input. Where `encoded` is not null, the feature cannot be encoded by standard ONNX operators (it says why): its `NAME.rows` (int32, rows of the table, padded) and `NAME.weights` (float32, 1/m for each of m rows, 0 for padding) come from the encoders of `pylon export --format onnx`.',
  ],
  tfjs: [
    'Both towers of one run of Pylon as TensorFlow.js graph models. Inputs and their meaning are those of the ONNX towers (`pylon export --format onnx`).',
    '',
    "    const tower = await tf.loadGraphModel('user_tower/model.json')",
    "    const vectors = tower.execute({ 'user.dense': …, 'user.bag.id.rows': …, 'user.bag.id.weights': … }, 'vectors')",
  ],
  ann: [
    'The item vectors of one run of Pylon, and scripts that index them with other libraries: `pip install -r requirements.txt`, then `python build.py faiss-hnsw` (or faiss-flat, faiss-ivf, faiss-ivf-pq, annoy, hnswlib).',
    'Settings are flags (`--m 32 --ef 200`, `--nprobe 16`, `--trees 100`; `--help` lists them), `--name` is the name of the file. It ends with the share of the ten best by exact search (`probes.json`) that the index finds by them, `recallAt10`.',
    '`python measure.py` prints the recall@10 of each against exact search for the users in `queries.npy`, its build time and the median time of a query.',
    '',
    TIES,
  ],
  pgvector: [
    'The items of one run of Pylon for PostgreSQL with the extension pgvector (0.8 or newer): `psql -f items.sql DATABASE`, or `pip install -r requirements.txt`, then `python load.py --dsn postgresql://HOST/DATABASE`. Both put the items into the table `items` (`-v table=NAME`, `--name NAME`) in one transaction, with dates as `date` and `timestamptz`.',
    ONCE,
    '',
    TIES,
    '',
    'The query stands at the end of `items.sql`, with the settings that a session needs: by its own ones pgvector finds too few, and under a `WHERE` none at times.',
  ],
  qdrant: [
    'The items of one run of Pylon for Qdrant: `pip install -r requirements.txt`, then `python load.py --url http://HOST:6333 --name items` (or `--path FOLDER` for a local one). A point has a UUID made of its item (`uuid.uuid5(uuid.NAMESPACE_URL, "pylon:item:" + item)`); the item is in its payload, with its metadata for filters; times are of the type datetime.',
    ONCE,
    '',
    TIES,
    '',
    'Without Python, by REST:',
    '',
    '    curl -X PUT $QDRANT/collections/items -H "content-type: application/json" -d @collection.json',
    '    for f in points-*.json; do curl -X PUT $QDRANT/collections/items/points -H "content-type: application/json" -d @$f; done',
    '',
    '`indexes.json` has a body for `PUT /collections/items/index` for each field that is filtered by.',
  ],
  milvus: [
    'The items of one run of Pylon for Milvus: `pip install -r requirements.txt`, then `python load.py --uri http://HOST:19530 --name items` (or `--uri items.db` for Milvus Lite). An item is its own key, times are fields of the type `Timestamptz`, other metadata is in the dynamic field.',
    ONCE,
    '',
    TIES,
    '',
    'Without Python: `schema.json` describes the collection (names as in the REST API, v2), `rows.json` is for the bulk import.',
  ],
  lancedb: [
    'The items of one run of Pylon for LanceDB: `pip install -r requirements.txt`, then `python load.py --uri FOLDER --name items`. `items.parquet` has typed columns, dates and times among them, and a vector each.',
    ONCE,
    '',
    TIES,
  ],
  mlflow: [
    'One run of Pylon for MLflow 3: `pip install -r requirements.txt`, then `python log.py` logs it by the client, once, to `mlflow.db` beside it, or to `--tracking-uri http://HOST:5000`: params, metrics over epochs, the towers, weights, encoders and vectors as artifacts, and a pyfunc model that recommends. A run that Pylon told there while it trained (`pylon train --log mlflow:URI`) gets the files and the model. An `@` in the name of a metric is `_at_`.',
    '',
    '    mlflow ui --backend-store-uri sqlite:///mlflow.db',
    '    mlflow.pyfunc.load_model("runs:/RUN/recommender").predict(pd.DataFrame({"user": ["U1"]}), params={"k": 20})',
    '',
    'The model (`recommender.py`, which MLflow keeps as code) knows the users of the run by their vectors, and leaves out what each had met before the test part (`include_seen`).',
  ],
  notebook: [
    "One run of Pylon as a Jupyter notebook, `run.ipynb`, and what it reads: `pip install -r requirements.txt`, then `jupyter lab run.ipynb`. It computes the metrics of the run by its protocol from the vectors, and draws curves, neighbours and a map. Its outputs are there before it is run: they are from Pylon's own evaluation.",
    '',
    '- `user_vectors.npy`, `item_vectors.npy`: row k belongs to entry k of `user_ids.json`, `item_ids.json`',
    '- `seen.npy`, `held_out.npy`: rows of a user and an item, of what came before and of what was to be found; `item_counts.npy`: interactions of each item before. They hold what the data set holds: treat them as you treat that.',
    '- `items.csv`: metadata; `epochs.csv`: training; `metrics.json`, `most_popular.json`: what Pylon measured; `protocol.json`: how',
  ],
  tables: [
    'One run of Pylon as plain files: `run.json` is all that is known of it, `metrics.csv`, `epochs.csv` and `params.csv` are its tables.',
  ],
  pytorch: project(
    'A PyTorch project',
    '`pip install -e .` beside a PyTorch (1.13 or newer) chosen by https://pytorch.org/get-started/locally/, whose instructions tell the build for a CPU from those for CUDA',
    PYTORCH,
  ),
  keras: project('A Keras 3 project', '`pip install -e ".[tensorflow]"` (or `tensorflow-cpu`, or `torch`)', KERAS),
} as const

/** What both projects share stands once. @param start how it is installed @param own lines on the scripts that only one has */
function project(what: string, start: string, own: readonly string[]): readonly string[] {
  return [
    `${what} of one run of Pylon, complete: ${start}, then \`python train.py\`.`,
    '',
    ...own,
    '- `evaluate.py`: recall and NDCG on the test part as Pylon measures them (`--validation`: on the validation part), `recommend.py USER`: ten items, `embed.py`: all vectors; each by the model in use (`--model`: another), and with `--data`, `--items` and `--users` on raw rows of later: what is to be found, or what happened since',
    '- `two_tower/`: the package. `model.py`: the two towers; `history.py`: encoders of histories; `losses.py`: the loss; `data.py`, `candidates.py`, `epochs.py`: examples and what they are told from; `metrics.py`: how it is measured; `raw.py`, `joined.py`, `grown.py`, `candidate.py`, `versions.py`: rows of later, and the models that they made',
    '- `row_encoder/`: raw rows to features as `encoders.json` says, by NumPy alone, equal to Pylon\'s: `RowEncoder("encoders.json", "item").transform(read_csv("new.csv"))`; texts in scripts without blanks between words need PyICU',
    '- `weights.safetensors`: the weights that came with the project; `spec.json`, `encoders.json`: what they were trained by; `metrics.json`: what Pylon measured',
    '- `data/`: interactions with their parts, and the features of users and items as `encoders.json` encodes them. It holds what the data set holds: treat it as you treat that.',
    '',
    "The optimizer begins anew; tables are updated lazily, only the rows of a batch, as in Pylon. Random draws are NumPy's, so a run is not repeated bit by bit.",
  ]
}
