/** Items added to and taken out of an index beside a run's own, which stays as it was evaluated. */
import { conflict } from '../../contract/errors.ts'
import type { AnnIndex } from '../ann/usearch.ts'
import { changeIndex, type IndexAbout, type FileRecorder } from './indexes.ts'
import type { OpenModel } from './open-model.ts'
import { parseRow } from './query.ts'

/**
 * Embeds a typed-in item and adds it. Its title is that of its features where none is given.
 * @param records hear of the files that are written
 * @throws PylonError bad-input where the item tower does not read it; conflict where there is an item of that id
 */
export async function addIndexItem(
  model: OpenModel,
  name: string,
  { id, title, features }: { readonly id: string; readonly title: string | null; readonly features: string },
  records: FileRecorder,
): Promise<void> {
  const row = parseRow(features)
  const vector = await model.embed('item', row)
  const ids = await model.dataset.ids('item')
  const named = row[model.dataset.manifest.itemTitle ?? '']
  const shown = title ?? (typeof named === 'string' && named !== '' ? named : null)
  const change = (index: AnnIndex, about: IndexAbout): IndexAbout => {
    if (ids.includes(id) || about.added.some((item) => item.id === id))
      throw conflict(`There is an item "${id}": give the new one another id.`, 'id')
    const key = about.added.reduce((next, item) => Math.max(next, item.key + 1), ids.length)
    index.add(Int32Array.of(key), vector)
    return { ...about, added: [...about.added, { key, id, title: shown, features: row, addedAt: new Date().toISOString() }] }
  }
  await changeIndex(model.folders, name, change, records)
}

/**
 * Takes items out of an index, or puts catalogue items back with their vectors.
 * @param records hear of the files that are written
 * @throws PylonError not-found for an id that is neither in the catalogue nor added
 */
export async function removeIndexItems(
  model: OpenModel,
  name: string,
  { items, restore }: { readonly items: readonly string[]; readonly restore: boolean },
  records: FileRecorder,
): Promise<void> {
  const change = async (index: AnnIndex, about: IndexAbout): Promise<IndexAbout> => {
    const keys: number[] = []
    for (const id of new Set(items)) {
      const added = about.added.find((item) => item.id === id)
      keys.push(added?.key ?? (await model.indexOf('item', id)))
    }
    const catalogue = keys.filter((key) => key < model.catalogue.size('item'))
    if (restore) {
      const vectors = new Float32Array(catalogue.length * model.dim)
      for (const [i, key] of catalogue.entries()) vectors.set(model.vectorOf('item', key), i * model.dim)
      index.add(Int32Array.from(catalogue), vectors)
      return about
    }
    index.remove(Int32Array.from(keys))
    return { ...about, added: about.added.filter((item) => !keys.includes(item.key)) }
  }
  await changeIndex(model.folders, name, change, records)
}
