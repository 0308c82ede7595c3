/** The table of export formats: which verified files of the run each takes, what it makes of them, and the words beside them. */
import type { ExportFormat } from '../../contract/shapes/export.ts'
import type { Stage } from '../../contract/shapes/progress.ts'
import type { RunDetail } from '../../contract/shapes/run.ts'
import { MEMBERS } from '../model/blend.ts'
import { RUN_FILES } from '../model/run-files.ts'
import { writeAnn, writeAnnTable } from './ann.ts'
import { writeBundle } from './bundle/write-bundle.ts'
import { writeProject } from './code.ts'
import { writeInt8 } from './int8/write-int8.ts'
import { writeOwnOnnx, writeRawOnnx } from './onnx-raw/write-onnx.ts'
import { type ExportSource, requireIndexed, requireTwoTower } from './source.ts'
import { writeLance } from './stores/lancedb.ts'
import { writeMilvus } from './stores/milvus.ts'
import { writePgvector } from './stores/pgvector.ts'
import { writeQdrant } from './stores/qdrant.ts'
import { writeNotebook } from './notebook/write-notebook.ts'
import { writeTfjs } from './tfjs.ts'
import { writeMlflow, writeTables } from './tracking.ts'
import { writeFvecs, writeJsonLines, writeParquet } from './vectors.ts'
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
  /** README.md is a model card too: the library's name on the Hugging Face Hub */
  readonly hub?: string
  write?(source: ExportSource): Stage
}

const OWN_TOWERS: readonly string[] = [RUN_FILES.encoders, RUN_FILES.weights, RUN_FILES.userTower, RUN_FILES.itemTower]
const BUNDLED = [
  RUN_FILES.spec,
  ...OWN_TOWERS,
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
const MEASURED = [RUN_FILES.protocol, RUN_FILES.metrics]
const TOWERS = [RUN_FILES.spec, RUN_FILES.encoders, RUN_FILES.weights]
const PROJECT = [...TOWERS, RUN_FILES.metrics, ...USERS_AND_ITEMS]

/** What is made of the files, which are not handed out themselves. */
const made = (format: keyof typeof README_TEXTS, files: readonly string[], write: NonNullable<Format['write']>): Format => ({
  files,
  into: INPUT_FOLDER,
  readme: README_TEXTS[format],
  write,
})
/** As {@link made}, of vectors or towers. */
const ranked = (...row: Parameters<typeof made>): Format => ({ ...made(...row), ranks: true })

async function* writeOnnx(source: ExportSource): Stage {
  yield* writeOwnOnnx(source)
  if (source.int8 === true) yield* writeInt8(source)
}

const formats: Readonly<Record<ExportFormat, Format>> = {
  vectors: { files: [...USERS_AND_ITEMS, ...MEASURED], readme: README_TEXTS.vectors, ranks: true },
  onnx: {
    files: [RUN_FILES.userTower, RUN_FILES.itemTower, RUN_FILES.weights, RUN_FILES.encoders, RUN_FILES.spec, ...MEASURED],
    readme: README_TEXTS.onnx,
    ranks: true,
    hub: 'onnx',
    write: writeOnnx,
  },
  bundle: { files: BUNDLED, into: 'run', zip: true, write: (source) => writeBundle({ ...source, spec: requireIndexed(source) }) },
  parquet: ranked('parquet', USERS_AND_ITEMS, writeParquet),
  jsonl: ranked('jsonl', USERS_AND_ITEMS, writeJsonLines),
  fvecs: ranked('fvecs', USERS_AND_ITEMS, writeFvecs),
  'onnx-raw': { ...ranked('onnx-raw', TOWERS, writeRawOnnx), hub: 'onnx' },
  tfjs: ranked('tfjs', TOWERS, writeTfjs),
  ann: { files: USERS_AND_ITEMS, ranks: true, readme: README_TEXTS.ann, write: writeAnn },
  'ann-table': { files: USERS_AND_ITEMS, ranks: true, readme: README_TEXTS.ann, write: writeAnnTable },
  pgvector: ranked('pgvector', USERS_AND_ITEMS, writePgvector),
  qdrant: ranked('qdrant', USERS_AND_ITEMS, writeQdrant),
  milvus: ranked('milvus', USERS_AND_ITEMS, writeMilvus),
  lancedb: ranked('lancedb', USERS_AND_ITEMS, writeLance),
  mlflow: ranked('mlflow', [...TOWERS, RUN_FILES.userTower, RUN_FILES.itemTower, ...USERS_AND_ITEMS, ...MEASURED], writeMlflow),
  notebook: { files: [...USERS_AND_ITEMS, ...MEASURED], readme: README_TEXTS.notebook, ranks: true, write: writeNotebook },
  tables: { files: [], readme: README_TEXTS.tables, write: writeTables },
  pytorch: { ...made('pytorch', PROJECT, (source) => writeProject(source, 'pytorch')), hub: 'pytorch' },
  keras: { ...made('keras', PROJECT, (source) => writeProject(source, 'keras')), hub: 'keras' },
}

export function formatOf(format: ExportFormat): Format {
  return formats[format]
}

/** Whether a format takes a run's towers, of which a blend has several. */
export const readsTowers = ({ files }: Format): boolean => files.some((file) => OWN_TOWERS.includes(file))

/**
 * The files of a run that a format takes; a blend has its members' towers instead of its own.
 * @throws PylonError bad-input where it cannot be of a blend
 */
export function filesOf(format: ExportFormat, { spec, artefacts }: Pick<RunDetail, 'spec' | 'artefacts'>): readonly string[] {
  const { files } = formats[format]
  if (spec.model !== 'blend' || !readsTowers(formats[format])) return files
  if (format === 'pytorch' || format === 'keras') requireTwoTower({ run: { spec } })
  const members = artefacts.map(({ path }) => path).filter((path) => path.startsWith(MEMBERS))
  return [...files.filter((file) => !OWN_TOWERS.includes(file)), RUN_FILES.blend, ...members]
}
