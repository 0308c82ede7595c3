/** docs/ingredients.md, from what has been trained. */
import { cpus } from 'node:os'
import type { DatasetManifest } from '../../../main/contract/shapes/dataset.ts'
import { CHECKS, verdict } from './checks.ts'
import { BUDGET, type Cell, CELLS, keyOf, NEGATIVE_COLUMNS, type Section, type Source, trial } from './grid.ts'
import type { Results } from './results.ts'
import type { Figures } from './train.ts'

const METRICS = { recall: 'recall@20', ndcg: 'NDCG@20', cold: 'cold recall@20' } as const
type Metric = keyof typeof METRICS

/** What was measured on one dataset: the figures of a cell by seed; null: not trained yet, or no number. */
type Measured = ReadonlyMap<string, readonly (Figures | null)[]>

const TITLES: Readonly<Record<Exclude<Section, 'negatives' | 'order'>, string>> = {
  encoders: 'History encoders',
  logq: 'The logQ correction, in-batch softmax',
  hard: 'Hard negatives, triplet loss with 2 uniform negatives a row, batches of 16',
  features: 'What the item tower reads',
  forms: 'Forms of the softmax and of binary cross-entropy, 256 uniform negatives',
  starts: 'Tables that start drawn, or from a decomposition; history and item by id alone, sampled softmax',
  shown: 'Bookings alone as positives, sampled softmax (queries and held-out items are bookings; seen items compete)',
}

/** The document with these sections as they are in a newer one; those that it lacks come at the end of their dataset's part. */
export function withSections(document: string, newer: string, sections: readonly Section[], today: string): string {
  const dated = (block: string): string =>
    block.replace('\n', `\n\nOf ${today}: other tables of this page may be of another day, and of other code.\n`)
  const titles = sections.map((section) => TITLES[section as keyof typeof TITLES])
  const partsOf = (text: string): string[] => text.split(/^(?=## )/m)
  return partsOf(document)
    .map((part) => {
      const name = part.split('\n', 1)[0]
      const there = blocksOf(partsOf(newer).find((each) => each.split('\n', 1)[0] === name) ?? '')
      const fresh = there.filter((block) => titles.some((title) => block.startsWith(`### ${title}\n`)))
      if (fresh.length === 0) return part
      const kept = blocksOf(part).filter((block) => !titles.some((title) => block.startsWith(`### ${title}\n`)))
      return [...kept, ...fresh.map(dated)].map((block) => block.trimEnd()).join('\n\n') + '\n\n'
    })
    .join('')
}

const blocksOf = (part: string): string[] => part.split(/^(?=### )/m)

export function documentOf(
  manifests: ReadonlyMap<Source, DatasetManifest>,
  results: Results,
  seeds: readonly number[],
  today: string,
): string {
  const parts = [...manifests].map(([source, manifest]) =>
    datasetPart(source, manifest, measured(source, manifest, results, seeds), seeds.length),
  )
  return `${[intro(seeds.length, today), ...parts].join('\n\n')}\n`
}

function measured(source: Source, manifest: DatasetManifest, results: Results, seeds: readonly number[]): Measured {
  const fitting = CELLS.filter((cell) => cell.fits?.(manifest) !== false)
  return new Map(fitting.map((cell) => [keyOf(cell), seeds.map((seed) => results.get(trial(cell, source, manifest, seed).hash) ?? null)]))
}

function intro(seeds: number, today: string): string {
  const { epochs, batchSize, earlyStopping } = BUDGET
  return `# Ingredients, side by side

Every loss with every kind of negatives that fits it, every history encoder, and what the papers say of an ingredient, on one protocol.
Made by \`npm run tables\` on ${today}, on ${String(cpus().length)} cores of ${cpus()[0]?.model.trim() ?? 'an unknown processor'}; run it again to make
this page anew (it trains only what it has not trained yet).

**How to read it.** The figures compare ingredients under one small budget, the same for all: at most ${String(epochs)} epochs of a few examples
a user, batches of ${String(batchSize)}, the epoch chosen by ${earlyStopping.metric} on the validation part, 32 dimensions, cosine at τ 0.1, a pooled history of 20
items and all columns but texts. Nothing is tuned to an ingredient, so a loss that wants another learning rate, temperature or more epochs
stands lower here than it can: the recipes hold settings that suit them, and reach higher figures. Metrics are of the test part over
the whole catalogue, items met before left out; *cold* counts only held-out items that training never met. Each figure is the mean ± standard
deviation of ${String(seeds)} seeds; one in parentheses has fewer, whose number follows.`
}

function datasetPart(source: Source, manifest: DatasetManifest, measured: Measured, seeds: number): string {
  const missing = [...measured].filter(([, figures]) => figures.includes(null)).length
  const state = missing === 0 ? '' : ` ${String(missing)} of ${String(measured.size)} cells have fewer than ${String(seeds)} seeds.`
  const facts = `${manifest.users.toLocaleString('en')} users, ${manifest.items.toLocaleString('en')} items, ${manifest.interactions.toLocaleString('en')} interactions; leave-last-out, ${String(source.perUserCap)} examples a user and epoch.${state}`
  const sections = Object.entries(TITLES).map(([section, title]) => sectionTable(section as Section, title, measured, seeds))
  return [
    `## ${source.title}\n\n${facts}`,
    checksTable(measured),
    ...(Object.keys(METRICS) as Metric[]).map((metric) => negativesTable(metric, measured, seeds)),
    ...sections.filter((text) => text !== ''),
    orderTable(measured, seeds),
  ].join('\n\n')
}

/** What the papers say: the two figures, and whether every seed agrees. */
function checksTable(measured: Measured): string {
  const rows = CHECKS.flatMap(({ claim, better, worse, metric }) => {
    const others = measured.get(worse) ?? []
    const pairs = (measured.get(better) ?? []).flatMap((one, i): [Figures, Figures][] => {
      const other = others[i] ?? null
      return one === null || other === null ? [] : [[one, other]]
    })
    if (pairs.length === 0) return []
    const mean = (side: 0 | 1): string => (pairs.reduce((sum, pair) => sum + pair[side][metric], 0) / pairs.length).toFixed(3)
    return [[claim, METRICS[metric], mean(0), mean(1), String(pairs.length), verdict(metric, pairs)]]
  })
  return `### What the papers say\n\n*yes*: in every seed; *no*: in every seed the other way round.\n\n${table(['claim', 'metric', 'with', 'without', 'seeds', 'here'], rows)}`
}

function negativesTable(metric: Metric, measured: Measured, seeds: number): string {
  const rows = [...new Set(CELLS.filter(({ section }) => section === 'negatives').map(({ row }) => row))]
  const body = rows.map((row) => [
    row,
    ...NEGATIVE_COLUMNS.map((column) => shown(measured.get(`negatives|${row}|${column}`), metric, seeds)),
  ])
  return `### Losses and negatives: ${METRICS[metric]}\n\n${table(['loss', ...NEGATIVE_COLUMNS], body)}`
}

function sectionTable(section: Section, title: string, measured: Measured, seeds: number): string {
  const rows = CELLS.filter((cell) => cell.section === section && measured.has(keyOf(cell))).map((cell) => [
    cell.row,
    ...all(measured.get(keyOf(cell)), seeds),
  ])
  return rows.length === 0 ? '' : `### ${title}\n\n${table(['', ...Object.values(METRICS)], rows)}`
}

function orderTable(measured: Measured, seeds: number): string {
  const lost = CELLS.filter(({ section }) => section === 'order')
  const rows = lost.map((cell: Cell) => [
    cell.row,
    shown(measured.get(`encoders|${cell.row}|`), 'recall', seeds),
    shown(measured.get(keyOf(cell)), 'recall', seeds),
  ])
  return `### Histories whose order is lost: recall@20\n\nEach user's training interactions in an order drawn by the seed.\n\n${table(['encoder', 'in order of time', 'order lost'], rows)}`
}

const all = (figures: readonly (Figures | null)[] | undefined, seeds: number): string[] =>
  (Object.keys(METRICS) as Metric[]).map((metric) => shown(figures, metric, seeds))

/** mean ± sd; with fewer seeds than all in parentheses; a dash where the cell is not there. */
function shown(figures: readonly (Figures | null)[] | undefined, metric: Metric, seeds: number): string {
  const values = (figures ?? []).flatMap((each) => (each === null ? [] : [each[metric]]))
  if (values.length === 0) return '–'
  const middle = values.reduce((sum, value) => sum + value, 0) / values.length
  if (values.length === 1) return `(${middle.toFixed(3)}; 1)`
  const sd = Math.sqrt(values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1))
  const text = `${middle.toFixed(3)} ± ${sd.toFixed(3)}`
  return values.length === seeds ? text : `(${text}; ${String(values.length)})`
}

/** Rows of nothing but dashes are not trained yet and left out. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  const trained = rows.filter((row) => row.slice(1).some((cell) => cell !== '–'))
  if (trained.length === 0) return '_Not trained yet._'
  return [line(head), line(head.map((_, i) => (i === 0 ? '---' : '--:'))), ...trained.map(line)].join('\n')
}
