/** What a notebook is about: the run, how it was measured, what was held out, and what is shown of items. */
import { unavailable } from '../../../contract/errors.ts'
import { cutsOf, inMetricOrder, kindsOf } from '../../../contract/metrics.ts'
import type { Protocol } from '../../../contract/shapes/protocol.ts'
import type { RunDetail } from '../../../contract/shapes/run.ts'
import type { Dataset } from '../../dataset/dataset.ts'
import { heldOut, type HeldOut } from '../../evaluation/held-out.ts'
import { curvesOf } from '../bundle/card.ts'
import { type ExportSource, openMeasured } from '../source.ts'
import { storeItems, type ItemColumn, type StoreItems } from '../stores/items.ts'

/** What the notebook is about, and reads. */
export interface NotebookFacts {
  readonly run: RunDetail
  readonly dataset: Dataset
  readonly protocol: Protocol
  readonly held: HeldOut
  readonly items: StoreItems
  /** columns that are shown of an item */
  readonly shown: readonly ItemColumn[]
  /** cut-offs of the metrics */
  readonly cuts: readonly number[]
  /** of validation metrics that are drawn */
  readonly curves: readonly string[]
}

/** @throws PylonError unavailable where there is nothing to measure, conflict where the dataset is another one now */
export async function factsOf(source: ExportSource): Promise<NotebookFacts> {
  const { run } = source
  const { dataset, protocol } = await openMeasured(
    source,
    unavailable(
      'A notebook computes the metrics of the run again, for which its dataset needs a test part: a bundle carries none, and some imports have none. Export it as vectors.',
      'format',
    ),
  )
  const { manifest } = dataset
  const items = await storeItems(source, ['item', 'cosine', 'score', 'held_out'])
  const kinds = new Map(manifest.itemColumns.map(({ name, kind }) => [name, kind]))
  const title = items.columns.filter(({ name }) => name === manifest.itemTitle)
  const short = items.columns.filter(({ name }) => ['category', 'number'].includes(kinds.get(name) ?? ''))
  return {
    run,
    dataset,
    protocol,
    held: heldOut(dataset, protocol),
    items,
    shown: [...title, ...short.filter((column) => !title.includes(column)).slice(0, 3)],
    cuts: cutsOf(Object.keys(run.metrics)),
    curves: curvesOf({ epochs: run.epochsLog }).validation.map(({ name }) => `validation.${name}`),
  }
}

/** An item's cell as the notebook has it: a text. */
export function cellOf({ valueOf }: ItemColumn, k: number): string {
  const value = valueOf(k)
  return Array.isArray(value) ? value.join('|') : value === null ? '' : String(value)
}

/** Kinds of metrics in the order of the notebook's table. */
export const kindsShown = (metrics: Readonly<Record<string, number>>): string[] =>
  kindsOf(inMetricOrder(Object.keys(metrics))).filter((kind) => kind !== 'similarity')
