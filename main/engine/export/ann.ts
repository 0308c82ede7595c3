/** The item vectors with build scripts for other ANN libraries, and a table of how each does on them beside USearch. */
import { readFile, writeFile } from 'node:fs/promises'
import { findPackageJSON } from 'node:module'
import { join } from 'node:path'
import type { AnnTableRow } from '../../contract/verbs.ts'
import type { Stage } from '../../contract/shapes/progress.ts'
import { compareAnn, sampleRows } from '../ann/compare.ts'
import { createExact } from '../ann/exact.ts'
import { buildIndex } from '../ann/usearch.ts'
import { writeFileAtomic } from '../files/atomic.ts'
import { writeNpy } from '../files/npy.ts'
import { RUN_FILES } from '../model/run-files.ts'
import { readIds, readMatrix } from '../model/run-vectors.ts'
import { requireRanking, type ExportSource } from './source.ts'
import { findPython, runPython } from './python.ts'
import { writeProbes } from './stores/probes.ts'

const ASSETS = join(import.meta.dirname, 'assets', 'ann')
/** Users whose vectors are the queries of the table. */
const QUERIES = 500
const K = 10

/** `build.py` for Faiss, Annoy and hnswlib beside the vectors. */
export async function* writeAnn(source: ExportSource): Stage {
  yield { stage: 'write scripts', done: 0, total: 3, unit: 'files' }
  for (const file of ['build.py', 'measure.py', 'requirements.txt'])
    await writeFile(join(source.folder, file), await readFile(join(ASSETS, file)))
  await writeFile(join(source.folder, 'probes.py'), await readFile(join(ASSETS, '..', 'stores', 'probes.py')))
  const { width: dim } = await readMatrix(join(source.runFolder, RUN_FILES.itemVectors))
  await writeProbes(source, { ids: await readIds(join(source.runFolder, RUN_FILES.itemIds)), dim })
  // a user of several interests has as many vectors
  const { data } = await readMatrix(join(source.runFolder, RUN_FILES.userVectors))
  const queries = sampleRows(data, dim, QUERIES)
  await writeNpy(join(source.folder, 'queries.npy'), 'float32', [queries.length / dim, dim], queries as Float32Array<ArrayBuffer>)
}

/** The scripts, and `ann-table.json`: recall@10 against exact for each library that Python has here, on the same queries. */
export async function* writeAnnTable(source: ExportSource): Stage {
  yield* writeAnn(source)
  const rows: AnnTableRow[] = [yield* measureUsearch(source)]
  yield { stage: 'measure in Python', done: 0, total: 1, unit: 'scripts' }
  const python = findPython()
  if (python !== null) rows.push(...(JSON.parse(await runPython(python, 'measure.py', source.folder)) as AnnTableRow[]))
  else
    for (const name of ['Faiss', 'Annoy', 'hnswlib'])
      rows.push({
        name,
        version: '',
        settings: '',
        recall: null,
        buildSeconds: null,
        p50Ms: null,
        note: 'no Python here: npm run setup:python',
      })
  await writeFileAtomic(join(source.folder, 'ann-table.json'), `${JSON.stringify(rows, null, 2)}\n`)
}

async function* measureUsearch({ folder, runFolder, ranking, threads }: ExportSource): Stage<AnnTableRow> {
  const { metric } = requireRanking({ ranking })
  const { data: vectors, width: dim } = await readMatrix(join(runFolder, RUN_FILES.itemVectors))
  const { data: queries } = await readMatrix(join(folder, 'queries.npy'))
  const spec = { connectivity: 16, expansionAdd: 128, expansionSearch: 64, scalar: 'f32' as const }
  const started = performance.now()
  const index = yield* buildIndex(vectors, { dim, metric, spec })
  const buildSeconds = (performance.now() - started) / 1000
  const exact = await createExact(vectors, dim, metric, { threads })
  try {
    const { recallVsExact, p50Ms } = yield* compareAnn(index, exact, queries, K)
    const { version } = JSON.parse(await readFile(findPackageJSON('usearch', import.meta.url)!, 'utf8')) as { version: string }
    return {
      name: 'USearch (Pylon)',
      version,
      settings: 'connectivity 16, expansion-add 128, expansion-search 64',
      recall: recallVsExact,
      buildSeconds,
      p50Ms,
      note: '',
    }
  } finally {
    index.dispose()
    await exact.dispose()
  }
}
