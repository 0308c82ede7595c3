/** The map of a model's items: their vectors on two axes, and a value of each by which it is coloured. */
import { readFile } from 'node:fs/promises'
import { badData, badInput, notFound } from '../../../contract/errors.ts'
import type { VerbOutput } from '../../../contract/verbs.ts'
import { principalAxes, type Axes } from '../../ann/pca.ts'
import { normaliseRows } from '../../ann/scale-vectors.ts'
import { tryParseJson } from '../../files/json-file.ts'
import { recordedEpochs } from '../../model/epoch-vectors.ts'
import { optionalRunFile, RUN_FILES } from '../../model/run-files.ts'
import { readMatrix } from '../../model/run-vectors.ts'
import type { Catalogue } from '../catalogue.ts'
import type { OpenModel } from '../open-model.ts'
import { parseFacts } from './layout.ts'

/** Colours that can be told apart; what is rarer is `other`. */
const LABELS = 7
const OTHER = 254
const MISSING = 255

const NOT_DRAWN = 'A run of most-popular has no item vectors to draw. Ask a two-tower run.'

const axesOf = new WeakMap<OpenModel, Promise<Axes>>()

type Points = Omit<VerbOutput<'map.points'>, 'run'>

/** The items in the plane. @throws PylonError not-found where they were not laid out yet, bad-data where the file is not what was written */
export function mapPoints(model: OpenModel, layout: 'axes' | 'neighbourhoods'): Promise<Points> {
  if (model.spec.model === 'most-popular') throw badInput(NOT_DRAWN, 'run')
  return layout === 'axes' ? onAxes(model) : laidOut(model)
}

/** Item vectors as they are mapped: of length 1, where the model matches by cosine. */
export function asMapped({ spec, metric, dim }: OpenModel, items: Float32Array): Float32Array {
  if (spec.model === 'most-popular') throw badInput(NOT_DRAWN, 'run')
  return metric === 'cosine' ? normaliseRows(items, dim) : items
}

/** Principal axes of the item vectors, computed once a loaded model. @throws PylonError bad-input where it has none */
export function itemAxes(model: OpenModel): Promise<Axes> {
  const axes = axesOf.get(model) ?? principalAxes(asMapped(model, model.vectors.item), model.dim)
  axesOf.set(model, axes)
  return axes
}

async function onAxes(model: OpenModel): Promise<Points> {
  const { points, explained } = await itemAxes(model)
  const epochs = epochsOf(model)
  return {
    items: points.length / 2,
    points,
    explained,
    users: { indices: new Int32Array(), points: new Float32Array() },
    labels: [],
    epochs,
  }
}

const epochsOf = ({ folders }: OpenModel): Int32Array => Int32Array.from(recordedEpochs(folders.fileRecords))

async function laidOut(model: OpenModel): Promise<Points> {
  const { folders, catalogue } = model
  const [facts, places] = [await optionalRunFile(folders, RUN_FILES.mapFacts), await optionalRunFile(folders, RUN_FILES.mapPlaces)]
  if (facts === null || places === null) throw notFound('The items are not laid out yet: pylon map RUN, or the button of the map.')
  const { items, placedUsers, labels } = parseFacts(tryParseJson(await readFile(facts, 'utf8')), facts)
  const { data, width } = await readMatrix(places, items + placedUsers.length)
  if (width !== 2 || items !== catalogue.size('item')) throw badData('It is a map of other items: lay it out again.', places)
  return {
    items,
    points: data.slice(0, 2 * items),
    explained: null,
    users: { indices: Int32Array.from(placedUsers), points: data.slice(2 * items) },
    labels,
    epochs: epochsOf(model),
  }
}

/** Values of an item column by item; of tags the first. @throws PylonError bad-input for a column of vectors */
export async function itemColours(catalogue: Catalogue, column: string | null): Promise<VerbOutput<'map.colours'>> {
  if (column === null) return numbers(Float32Array.from(catalogue.counts('item')))
  const values = await catalogue.column('item', column)
  switch (values.storage) {
    case 'number':
      return numbers(Float32Array.from(values.values))
    case 'vector':
      throw badInput(`Column "${column}" holds vectors: colour by another one.`, 'column')
    case 'text':
      return categories(values.values)
    case 'list':
      return categories(values.values.map((list) => list?.[0] ?? null))
  }
}

function categories(values: readonly (string | null)[]): VerbOutput<'map.colours'> {
  const counts = new Map<string, number>()
  for (const value of values) if (value !== null) counts.set(value, (counts.get(value) ?? 0) + 1)
  const labels = [...counts]
    .sort(([, a], [, b]) => b - a)
    .slice(0, LABELS)
    .map(([label]) => label)
  const codeOf = new Map(labels.map((label, i) => [label, i]))
  return { kind: 'category', values: Uint8Array.from(values, (value) => (value === null ? MISSING : (codeOf.get(value) ?? OTHER))), labels }
}

function numbers(values: Float32Array): VerbOutput<'map.colours'> {
  let [minimum, maximum] = [Infinity, -Infinity]
  for (const value of values) {
    if (value < minimum) minimum = value
    if (value > maximum) maximum = value
  }
  return minimum > maximum ? { kind: 'number', values, minimum: 0, maximum: 0 } : { kind: 'number', values, minimum, maximum }
}
