/** What a Python project is made of beside its weights: code of `assets/`, and features as they are encoded. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PART_CODE, type Part } from '../../contract/shapes/dataset.ts'
import type { TwoTowerSpec } from '../../contract/shapes/spec.ts'
import type { Dataset, Side } from '../dataset/dataset.ts'
import { InteractionSelection } from '../dataset/interactions.ts'
import { historyVocabulary } from '../features/typed-context.ts'
import { codesOf } from '../features/kinds/history.ts'
import type { EncodedSide, FrozenEncoders } from '../features/encoded.ts'
import { rowLookup } from '../features/vocabulary.ts'
import { type Tensor, writeSafetensors } from '../files/safetensors.ts'
import { createOrder } from '../training/loop/order.ts'
import { exampleWeights } from '../training/candidates/weights.ts'

const ASSETS = join(import.meta.dirname, 'assets')

/** Code of some parts of `assets/`: of each the files in these folders, '' its scripts; read and written, not copied, which works out of an asar too. */
export async function copyCode(folder: string, parts: readonly string[], folders: readonly string[]): Promise<void> {
  for (const part of parts)
    for (const place of folders) {
      await mkdir(join(folder, place), { recursive: true })
      for (const file of await readdir(join(ASSETS, part, place)))
        if (/\.(py|txt|toml|sh|yaml)$/.test(file))
          await writeFile(join(folder, place, file), await readFile(join(ASSETS, part, place, file)))
    }
}

/** Every entity's encoded features, and which row of a history's table each item has: features.safetensors. */
export async function writeFeatures(
  folder: string,
  dataset: Dataset,
  encoders: FrozenEncoders,
  encoded: Readonly<Record<Side, EncodedSide>>,
): Promise<void> {
  const tensors: Tensor[] = []
  const ints = (name: string, data: Int32Array): void =>
    void tensors.push({ name, dtype: 'I32', shape: [data.length], data: data as Int32Array<ArrayBuffer> })
  for (const side of ['user', 'item'] as const) {
    const { count, dense, denseWidth, bags } = encoded[side]
    tensors.push({ name: `${side}.dense`, dtype: 'F32', shape: [count, denseWidth], data: dense as Float32Array<ArrayBuffer> })
    for (const [i, { offsets, indices }] of bags.entries()) {
      ints(`${side}.bag${i}.offsets`, offsets)
      ints(`${side}.bag${i}.indices`, indices)
    }
  }
  const itemIds = await dataset.ids('item')
  for (const { kind, feature } of encoders.userLayout.contextBags)
    if (kind === 'history') ints(`rows_of_item.${feature}`, Int32Array.from(itemIds, rowLookup(historyVocabulary(encoders, feature))))
  await writeSafetensors(join(folder, 'features.safetensors'), tensors)
}

/** How much each interaction counts as an example of some parts; null where all count alike. */
export function weightsOf(spec: TwoTowerSpec, { interactions, manifest }: Dataset, parts: readonly Part[]): Float32Array | null {
  const eventCodes = codesOf(spec.training.events, manifest.events, 'training.events')
  const positions = new InteractionSelection(interactions, parts, eventCodes).positions()
  const { share } = createOrder(spec.training, positions, interactions.user, interactions.time)
  return exampleWeights(spec.training.weights, interactions, manifest.events, positions, share)
}

/** What facts.json says of the interactions. */
export const factsOf = (dataset: Dataset, parts: readonly Part[]) => ({
  hasOrder: dataset.manifest.hasOrder,
  events: dataset.manifest.events,
  hasTime: dataset.interactions.time !== null,
  // by their codes, as `part` has them
  trainParts: parts.map((part) => PART_CODE[part]),
})
