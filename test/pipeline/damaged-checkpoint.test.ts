/**
 * A paused run whose files are not what was written: it goes on from the checkpoint before, says so, and ends with the numbers of a run
 * that was never stopped; where nothing whole is left it is refused by name, and stays to be resumed when the file is back.
 */
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createClient, serveVerbs, startJob, type Client } from '../../main/contract/rpc.ts'
import { openEngine } from '../../main/engine/index.ts'
import { isSealed, readSafetensors, type Tensor, writeSafetensors } from '../../main/engine/files/safetensors.ts'
import { RECORD } from '../../main/engine/store/run-record.ts'
import { UNFINISHED_FILES } from '../../main/engine/training/state/checkpoint.ts'
import { epochFile } from '../../main/engine/model/epoch-vectors.ts'
import { EPOCHS as EPOCHS_FOLDER } from '../../main/engine/model/run-files.ts'
import { memoryChannels } from '../../main/hosts/memory-channels.ts'
import { jobHere } from '../helpers/in-process.ts'
import { writeSmallMarket } from '../helpers/small-market.ts'

const [LAST, PREVIOUS] = ['checkpoint.safetensors', 'checkpoint.previous.safetensors']
const EPOCHS = 6
let root: string
let [paused, another] = ['', '']
let whole: unknown

/** An engine whose messages and warnings are kept. */
async function withEngine<T>(home: string, body: (client: Client, said: string[]) => Promise<T>): Promise<T> {
  const engine = openEngine({ home, fork: jobHere })
  const said: string[] = []
  const [near, far] = memoryChannels()
  serveVerbs(far, engine)
  const client = createClient(near)
  engine.subscribe((event, payload) => {
    if (event === 'job.message') said.push((payload as { text: string }).text)
    const { run, row } = payload as { run: string; row: { epoch: number } }
    if (event === 'run.epoch' && stopAt.has(row.epoch)) void client.call('runs.pause', { run })
  })
  try {
    return await body(client, said)
  } finally {
    await engine.close()
  }
}
const stopAt = new Set<number>()

const set = (seed: number): string[] => [`training.epochs=${EPOCHS}`, 'training.batchSize=64', `training.seed=${seed}`]
const train = (client: Client, seed: number) =>
  startJob(client, 'runs.start', { dataset: 'd', recipe: 'two-tower', threads: 1, set: set(seed) })
const resume = async (client: Client, run: string) => (await startJob(client, 'runs.start', { resume: run })).finished

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'pylon-checkpoint-'))
  await withEngine(join(root, 'home'), async (client) => {
    await (
      await startJob(client, 'datasets.import', { name: 'd', ...writeSmallMarket(join(root, 'files')) })
    ).finished
    whole = (await (await train(client, 1)).finished).metrics
    stopAt.add(3)
    const runs = [await train(client, 1), await train(client, 2)]
    for (const { finished } of runs) await expect(finished).rejects.toMatchObject({ code: 'cancelled' })
    ;[paused, another] = runs.map(({ started }) => started.run) as [string, string]
    stopAt.clear()
  })
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

let copies = 0
/** A copy of the workspace with the run paused, `damage` done to its folder. */
async function withPaused<T>(
  damage: (folder: string) => unknown,
  body: (client: Client, folder: string, said: string[]) => Promise<T>,
): Promise<T> {
  const home = join(root, `copy${copies++}`)
  cpSync(join(root, 'home'), home, { recursive: true })
  const folder = join(home, 'runs', paused)
  await damage(folder)
  return withEngine(home, (client, said) => body(client, folder, said))
}

const flip = (path: string): void => {
  const bytes = readFileSync(path)
  bytes[bytes.length >> 1]! ^= 1
  writeFileSync(path, bytes)
}
const cut = (path: string): void => writeFileSync(path, readFileSync(path).subarray(0, -1))
const swap = (path: string): void => cpSync(path.replace(paused, another), path)

test('what an unfinished run has is recorded, or sealed in itself', () =>
  withPaused(
    () => undefined,
    async (client, folder) => {
      const own: readonly string[] = [RECORD, EPOCHS_FOLDER, ...UNFINISHED_FILES]
      const files = readdirSync(folder).filter((file) => !own.includes(file))
      const { artefacts } = await client.call('runs.show', { run: paused })
      expect(files).toEqual(artefacts.map(({ path }) => path))
      expect([LAST, PREVIOUS, 'best.safetensors'].map((file) => existsSync(join(folder, file)))).toEqual([true, true, true])
      expect(await Promise.all([1, 2, 3].map((epoch) => isSealed(join(folder, epochFile(epoch)))))).toEqual([true, true, true])
    },
  ))

test.each([
  ['a flipped bit', flip],
  ['a lost byte', cut],
  ['the checkpoint of another run', swap],
])('with %s in the last checkpoint the one before is used, with a warning and the same numbers', (_, damage) =>
  withPaused(
    (folder) => damage(join(folder, LAST)),
    async (client, folder, said) => {
      expect(await resume(client, paused)).toMatchObject({ metrics: whole })
      const warning = said.find((text) => text.includes('Going on from the checkpoint before it.'))
      expect(warning).toContain(join(folder, LAST))
      expect(readdirSync(folder).filter((file) => (UNFINISHED_FILES as readonly string[]).includes(file))).toEqual([])
    },
  ),
)

test('one that died between two checkpoints goes on from the one before, without a word', () =>
  withPaused(
    (folder) => renameSync(join(folder, LAST), join(folder, 'checkpoint.next.safetensors')),
    async (client, _, said) => {
      expect(await resume(client, paused)).toMatchObject({ metrics: whole })
      expect(said.filter((text) => text.includes('checkpoint'))).toEqual([])
    },
  ))

test.each([
  ['both checkpoints', [LAST, PREVIOUS]],
  ['the weights of the best epoch', ['best.safetensors']],
])('with a flipped bit in %s it is refused by name, and goes on when the bytes are back', (_, files) =>
  withPaused(
    (folder) => files.forEach((file) => flip(join(folder, file))),
    async (client, folder) => {
      const before = readdirSync(folder).filter((file) => file !== RECORD)
      await expect(resume(client, paused)).rejects.toMatchObject({
        code: 'bad-data',
        place: join(folder, files[0]!),
        message: expect.stringMatching(/is not the one that was written\. Restore it from a backup, or train the run anew\.$/) as string,
      })
      expect(readdirSync(folder).filter((file) => file !== RECORD)).toEqual(before)
      for (const file of files) flip(join(folder, file))
      expect(await resume(client, paused)).toMatchObject({ metrics: whole })
    },
  ),
)

test('a damaged dataset does not take a resumed run with it', () =>
  withPaused(
    (folder) => flip(join(folder, '../../datasets/d/interactions/item.i32')),
    async (client, folder) => {
      const file = join(folder, '../../datasets/d/interactions/item.i32')
      await expect(resume(client, paused)).rejects.toMatchObject({ code: 'bad-data', place: file })
      flip(file)
      expect(await resume(client, paused)).toMatchObject({ metrics: whole })
    },
  ))

test('a checkpoint of before there were seals is taken as it is, and that is said', () =>
  withPaused(
    async (folder) => {
      const { tensors, metadata } = await readSafetensors(join(folder, LAST))
      const { note, counters } = metadata as { note: string; counters: string }
      await writeSafetensors(join(folder, LAST), [...tensors.values()] satisfies Tensor[], { note, counters })
    },
    async (client, folder, said) => {
      expect(await resume(client, paused)).toMatchObject({ metrics: whole })
      expect(said).toContain(`${join(folder, LAST)} has no checksum to check it by: it is taken as it is.`)
    },
  ))
