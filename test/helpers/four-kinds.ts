/** A market of four kinds of items with a model that learns it in seconds: users like one kind; 12 interactions each, the last held out. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startJob, type Client } from '../../main/contract/rpc.ts'
import { random } from '../../main/engine/training/random.ts'

const [USERS, KINDS] = [60, 4]
export const ITEMS = 80

/** Imports it as `small`, from files that are written into `folder`. */
export async function importKinds(client: Client, folder: string): Promise<void> {
  const rng = random(5, 'init')
  const pick = (n: number): number => Math.floor(rng.uniform() * n)
  const items = Array.from({ length: ITEMS }, (_, i) => `i${i},Thing ${i} of kind ${i % KINDS},k${i % KINDS},${10 + pick(90)}`)
  const users = Array.from({ length: USERS }, (_, u) => `u${u},${20 + pick(50)},${u % 2 === 0 ? 'north' : 'south'}`)
  const rows = Array.from({ length: USERS }, (_, u) =>
    Array.from({ length: 12 }, (_, n) => `u${u},i${pick(ITEMS / KINDS) * KINDS + (u % KINDS)},${1_700_000_000 + 86_400 * n + u}`),
  ).flat()
  const [events, userFile, itemFile] = ['events.csv', 'users.csv', 'items.csv'].map((file) => join(folder, file)) as [
    string,
    string,
    string,
  ]
  await mkdir(folder, { recursive: true })
  await writeFile(itemFile, ['id,title,kind,price', ...items].join('\n'))
  await writeFile(userFile, ['id,age,region', ...users].join('\n'))
  await writeFile(events, ['user,item,time', ...rows].join('\n'))
  const job = await startJob(client, 'datasets.import', { name: 'small', interactions: events, users: userFile, items: itemFile })
  await job.finished
}

/** Trains a two-tower on `small` whose users are an age and a history of six. @returns its id */
export async function trainKinds(
  client: Client,
  { name, seed = 1, epochs = 6 }: { name: string; seed?: number; epochs?: number },
): Promise<string> {
  const adam = { kind: 'adam', learningRate: 0.02 }
  const spec = {
    user: {
      features: [
        { kind: 'number', name: 'age', column: 'age' },
        { kind: 'history', dim: 16, maxLength: 6 },
      ],
      output: 16,
    },
    item: {
      features: [
        { kind: 'id', dim: 16, unknownRate: 0.2 },
        { kind: 'category', name: 'kind', column: 'kind', dim: 8 },
        { kind: 'number', name: 'price', column: 'price' },
      ],
      output: 16,
    },
    training: { epochs, seed, batchSize: 64, tables: adam, dense: adam },
  }
  const job = await startJob(client, 'runs.start', { dataset: 'small', spec, name, threads: 1 })
  return (await job.finished).run
}
