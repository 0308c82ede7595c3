/**
 * `npm run tables`: trains every loss with every sampler that fits it, every history encoder and the papers' directions on the sample
 * market and on ml-latest-small (PYLON_DATA), three seeds each, and writes docs/ingredients.md. What was trained is kept in PYLON_TABLES
 * (default: node_modules/.cache/pylon-tables) and not trained again; `--write` only writes the document from what is there, and
 * `--sections forms,starts` trains these alone and puts them into the document as it is.
 */
import { existsSync, mkdirSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { setPriority } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { format, resolveConfig } from 'prettier'
import { z } from 'zod'
import { PylonError } from '../../main/contract/errors.ts'
import { openDataset } from '../../main/engine/dataset/open.ts'
import type { Dataset } from '../../main/engine/dataset/dataset.ts'
import { dataFolder } from '../helpers/data.ts'
import { pylon } from '../helpers/workspace.ts'
import { documentOf, withSections } from './tables/document.ts'
import { type Cell, CELLS, keyOf, SECTIONS, type Source, SOURCES, trial } from './tables/grid.ts'
import { Results } from './tables/results.ts'
import { trainCell, withShuffledHistories } from './tables/train.ts'

const SEEDS = [1, 2, 3]
const home = process.env['PYLON_TABLES'] ?? resolve(import.meta.dirname, '../../node_modules/.cache/pylon-tables')
const place = resolve(import.meta.dirname, '../../docs/ingredients.md')

const { values } = parseArgs({ options: { write: { type: 'boolean' }, sections: { type: 'string' } } })
const sections = z.array(z.enum(SECTIONS)).nonempty().optional().parse(values.sections?.split(','))

setPriority(10)
mkdirSync(home, { recursive: true })
const results = new Results(join(home, 'results.jsonl'))
const datasets = new Map<Source, Dataset>()
for (const source of SOURCES) {
  const dataset = await opened(source)
  if (dataset !== null) datasets.set(source, dataset)
}
if (values.write !== true) await trainAll()
const manifests = new Map([...datasets].map(([source, { manifest }]) => [source, manifest]))
const today = new Date().toISOString().slice(0, 10)
const whole = documentOf(manifests, results, SEEDS, today)
const text = sections === undefined ? whole : withSections(await readFile(place, 'utf8'), whole, sections, today)
await mkdir(dirname(place), { recursive: true })
await writeFile(place, await format(text, { ...(await resolveConfig(place)), parser: 'markdown' }))
console.log(`wrote ${place}`)

/**
 * One seed of a dataset first, then the papers' directions, then the large table's other seeds, dataset by dataset: what a stop leaves is
 * whole tables with fewer seeds.
 */
async function trainAll(): Promise<void> {
  const turns = [...datasets].flatMap(([source, dataset], place) =>
    SEEDS.flatMap((seed) =>
      CELLS.filter(({ section, fits }) => sections?.includes(section) !== false && fits?.(dataset.manifest) !== false).map((cell) => {
        const late = cell.section === 'negatives' ? 2 * datasets.size : 0
        return { source, dataset, seed, cell, round: 2 * place + (seed === SEEDS[0] ? 0 : 1 + late) }
      }),
    ),
  )
  for (const { source, dataset, seed, cell } of turns.sort((a, b) => a.round - b.round || a.seed - b.seed)) {
    await train(cell, source, dataset, seed)
  }
}

async function train(cell: Cell, source: Source, dataset: Dataset, seed: number): Promise<void> {
  const { spec, hash } = trial(cell, source, dataset.manifest, seed)
  if (results.get(hash) !== undefined) return
  const data = cell.shuffled === true ? withShuffledHistories(dataset, seed) : dataset
  const figures = await trainCell(data, spec, 1).catch((error: unknown) => {
    if (error instanceof PylonError && error.code === 'bad-data') return null
    throw error
  })
  const label = `${source.name} ${keyOf(cell)} seed ${seed}`
  results.add({ hash, label, figures })
  const { recall = NaN, cold = NaN, seconds = NaN } = figures ?? {}
  console.log(`${label}: recall@20 ${recall.toFixed(4)}, cold ${cold.toFixed(4)}, ${seconds.toFixed(0)} s`)
}

/** The dataset, imported where it is not yet; null where its files are not there. */
async function opened(source: Source): Promise<Dataset | null> {
  const folder = join(home, 'datasets', source.name)
  if (!existsSync(folder)) {
    const files = source.name === 'sample' ? null : dataFolder(source.name)
    if (source.name !== 'sample' && files === null) {
      console.log(`There is no ${source.name} folder in the data (PYLON_DATA): its tables are left out.`)
      return null
    }
    const imported = await pylon(['import', '--name', source.name, ...(files === null ? ['--sample'] : ['--path', files]), '--json'], {
      home,
    })
    if (imported.code !== 0) throw new Error(imported.stderr)
  }
  return await openDataset(folder, null)
}
