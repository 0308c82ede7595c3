/** The formats a run can be exported in, with what each is for. */

export const EXPORT_FORMATS = {
  bundle: 'everything, as a folder or a .zip that checks itself on loading',
  vectors: 'npy and id lists',
  parquet: 'vectors as Parquet',
  jsonl: 'vectors as JSON Lines',
  fvecs: 'vectors as fvecs',
  onnx: 'both towers, weights and encoders',
  'onnx-raw': 'both towers with their encoders inside: raw strings and numbers in, vectors out',
  tfjs: 'both towers as TensorFlow.js graph models',
  ann: 'item vectors with build scripts for Faiss, Annoy and hnswlib',
  'ann-table': 'those, measured here beside USearch',
  pgvector: 'items as SQL for PostgreSQL with pgvector, and a script that loads them',
  qdrant: 'items as upload files for Qdrant, and a script that loads them',
  milvus: 'items as an import file for Milvus, and a script that loads them',
  lancedb: 'items as Parquet, and a script that makes a LanceDB table of them',
  mlflow: 'the run with a script that logs it to MLflow, and a model that recommends',
  notebook: 'a Jupyter notebook with its outputs: metrics computed again from the vectors, neighbours, charts',
  tables: 'the run as CSV and JSON',
  pytorch: 'a PyTorch project with the trained weights',
  keras: 'a Keras project with the trained weights',
} as const
export type ExportFormat = keyof typeof EXPORT_FORMATS
/** In the order of the table, for schemas. */
export const EXPORT_FORMAT_NAMES = Object.keys(EXPORT_FORMATS) as [ExportFormat, ...ExportFormat[]]
