/** The interactions of a dataset as Parquet files, in each of which all of a user's lie: however many workers read them. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Progress } from '../../../contract/shapes/progress.ts'
import type { Dataset } from '../../dataset/dataset.ts'
import { type ColumnType, Duck, type NumberColumn, sqlText } from '../../dataset/duck.ts'

/** How much each interaction counts in a pass, by the pass's name; null where all count alike. */
export type PassWeights = Readonly<Record<string, Float32Array | null>>

/** Writes `interactions/part-00000.parquet` and so on. @param files at least 1; fewer are written where there are fewer users */
export async function* writeInteractionFiles(
  folder: string,
  { interactions }: Dataset,
  weights: PassWeights,
  { files, threads, temp }: { readonly files: number; readonly threads: number; readonly temp: string },
): AsyncGenerator<Progress, number> {
  const { length } = interactions
  const columns: [string, ColumnType, NumberColumn][] = [
    ['user', 'INTEGER', interactions.user],
    ['item', 'INTEGER', interactions.item],
    ['part', 'UTINYINT', interactions.part],
  ]
  if (interactions.time !== null) columns.push(['time', 'DOUBLE', interactions.time])
  if (interactions.event !== null) columns.push(['event', 'UTINYINT', interactions.event])
  for (const [pass, values] of Object.entries(weights)) if (values !== null) columns.push([`weight_${pass}`, 'FLOAT', values])
  await mkdir(join(folder, 'interactions'))
  const begins = beginsOf(interactions.offsets, length, files)
  const duck = await Duck.open({ threads, memoryLimit: '1GB', spillIn: temp })
  try {
    for (const [i, begin] of begins.entries()) {
      yield { stage: 'write interactions', done: begin, total: length, unit: 'interactions' }
      await duck.run(`CREATE TABLE part (${columns.map(([name, type]) => `"${name}" ${type}`).join(', ')})`)
      await duck.appendNumbers(
        'part',
        columns.map(([, type]) => type),
        columns.map(([, , values]) => values.subarray(begin, begins[i + 1] ?? length)),
      )
      const path = join(folder, 'interactions', `part-${String(i).padStart(5, '0')}.parquet`)
      yield* duck.work('write interactions', `COPY part TO ${sqlText(path)} (FORMAT parquet, COMPRESSION zstd)`)
      await duck.run('DROP TABLE part')
    }
  } finally {
    await duck.close()
  }
  return begins.length
}

/** Where each file begins: at a user's first interaction, of about equally many. */
function beginsOf(offsets: Int32Array, length: number, files: number): number[] {
  const begins: number[] = []
  let user = 0
  for (let i = 0; i < files; i++) {
    while (user < offsets.length - 1 && offsets[user]! < (i * length) / files) user++
    const begin = offsets[user]!
    if (begin < length && begin !== begins.at(-1)) begins.push(begin)
  }
  return begins
}
