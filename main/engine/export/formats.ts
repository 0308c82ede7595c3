/** The table of export formats: which verified files of the run each takes, what it makes of them, and the words beside them. */
import type { ExportFormat } from '../../contract/shapes/export.ts'
import type { Progress } from '../../contract/shapes/progress.ts'
import { RUN_FILES } from '../model/run-files.ts'
import { writeAnn, writeAnnTable } from './ann.ts'
import { writeBundle } from './bundle/write.ts'
import { writeProject } from './code.ts'
import { writeRawOnnx } from './onnx-raw/write.ts'
import { COPIES } from './plan.ts'
import { type ExportSource, requireTwoTower } from './source.ts'
import { writeMilvus, writePgvector, writeQdrant } from './stores.ts'
import { writeTfjs } from './tfjs.ts'
import { writeMlflow, writeTables } from './tracking.ts'
import { writeFvecs, writeJsonLines, writeParquet } from './vector-files.ts'
import { README_TEXTS } from './words.ts'

/** Files that a format reads and does not hand out: removed when it has written its own. */
export const INPUT_FOLDER = '.taken'

export interface Format {
  readonly files: readonly string[]
  /** a folder within the export that the files are copied into */
  readonly into?: string
  /** may be packed into a .zip */
  readonly zip?: boolean
  /** lines of README.md; without them the format writes its own words and checksums */
  readonly readme?: readonly string[]
  /** it hands out vectors or towers, which are of use only by the right metric: it is said in README.md and in metric.json */
  readonly ranks?: boolean
  write?(source: ExportSource): AsyncGenerator<Progress, void>
}

const BUNDLED = [
  RUN_FILES.spec,
  RUN_FILES.encoders,
  RUN_FILES.weights,
  RUN_FILES.userTower,
  RUN_FILES.itemTower,
  RUN_FILES.userVectors,
  RUN_FILES.userIds,
  RUN_FILES.itemVectors,
  RUN_FILES.itemIds,
  RUN_FILES.index,
  `${RUN_FILES.index}.json`,
  RUN_FILES.protocol,
  RUN_FILES.metrics,
]

const USERS_AND_ITEMS = [RUN_FILES.userVectors, RUN_FILES.userIds, RUN_FILES.itemVectors, RUN_FILES.itemIds]
const ITEMS = [RUN_FILES.itemVectors, RUN_FILES.itemIds]
const TOWERS = [RUN_FILES.spec, RUN_FILES.encoders, RUN_FILES.weights]
const PROJECT = [...TOWERS, RUN_FILES.metrics, ...USERS_AND_ITEMS]

const formats = {
  vectors: { ...COPIES.vectors, ranks: true },
  onnx: { ...COPIES.onnx, ranks: true },
  bundle: {
    files: BUNDLED,
    into: 'run',
    zip: true,
    write: (source) => writeBundle({ ...source, spec: requireTwoTower(source) }),
  },
  parquet: { files: USERS_AND_ITEMS, ranks: true, into: INPUT_FOLDER, readme: README_TEXTS.parquet, write: writeParquet },
  jsonl: { files: USERS_AND_ITEMS, ranks: true, into: INPUT_FOLDER, readme: README_TEXTS.jsonl, write: writeJsonLines },
  fvecs: { files: USERS_AND_ITEMS, ranks: true, into: INPUT_FOLDER, readme: README_TEXTS.fvecs, write: writeFvecs },
  'onnx-raw': { files: TOWERS, ranks: true, into: INPUT_FOLDER, readme: README_TEXTS['onnx-raw'], write: writeRawOnnx },
  tfjs: { files: TOWERS, ranks: true, into: INPUT_FOLDER, readme: README_TEXTS.tfjs, write: writeTfjs },
  ann: { files: USERS_AND_ITEMS, ranks: true, readme: README_TEXTS.ann, write: writeAnn },
  'ann-table': { files: USERS_AND_ITEMS, ranks: true, readme: README_TEXTS.ann, write: writeAnnTable },
  pgvector: { files: ITEMS, ranks: true, into: INPUT_FOLDER, readme: README_TEXTS.pgvector, write: writePgvector },
  qdrant: { files: ITEMS, ranks: true, into: INPUT_FOLDER, readme: README_TEXTS.qdrant, write: writeQdrant },
  milvus: { files: ITEMS, ranks: true, into: INPUT_FOLDER, readme: README_TEXTS.milvus, write: writeMilvus },
  mlflow: {
    files: [...TOWERS, RUN_FILES.userTower, RUN_FILES.itemTower, RUN_FILES.protocol, RUN_FILES.metrics],
    into: INPUT_FOLDER,
    readme: README_TEXTS.mlflow,
    write: writeMlflow,
  },
  tables: { files: [], readme: README_TEXTS.tables, write: writeTables },
  pytorch: { files: PROJECT, into: INPUT_FOLDER, readme: README_TEXTS.pytorch, write: (source) => writeProject(source, 'pytorch') },
  keras: { files: PROJECT, into: INPUT_FOLDER, readme: README_TEXTS.keras, write: (source) => writeProject(source, 'keras') },
} satisfies Record<ExportFormat, Format>

export function formatOf(format: ExportFormat): Format {
  return formats[format]
}
