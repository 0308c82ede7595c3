/** What a real engine refuses, on a Chinese page: no English word is left but names, paths, values and fields of a spec. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { createClient, serveVerbs, startJob, type Client } from '@contract/rpc.ts'
import ErrorNote from '@/components/ErrorNote.vue'
import { loadEngineWords } from '@/composables/engine-words.ts'
import { language } from '@/composables/texts.ts'
import { openEngine, type Engine } from '../../main/engine/index.ts'
import { memoryChannels } from '../../main/hosts/memory-channels.ts'
import { jobHere, serverHere } from '../helpers/in-process.ts'
import { writeSmallMarket } from '../helpers/small-market.ts'
import { leave, show } from './mounted.ts'

let engine: Engine
let client: Client
let run: string
const home = mkdtempSync(join(tmpdir(), 'pylon-words-'))
const at = (name: string, text: string): string => {
  writeFileSync(join(home, name), text)
  return join(home, name)
}

beforeAll(async () => {
  engine = openEngine({ home: join(home, 'workspace'), fork: jobHere, forkServer: serverHere })
  const [near, far] = memoryChannels()
  serveVerbs(far, engine)
  client = createClient(near)
  const files = writeSmallMarket(join(home, 'files'))
  await (
    await startJob(client, 'datasets.import', { name: 'market', ...files })
  ).finished
  await (
    await startJob(client, 'runs.start', { dataset: 'market', recipe: 'most-popular', name: 'popular' })
  ).finished
  run = (await client.call('runs.list', {})).runs[0]!.run
  language.value = 'zh'
  await loadEngineWords()
}, 120_000) // it imports and trains; on a busy machine that takes more than the ten seconds of a hook
afterEach(leave)
afterAll(async () => {
  language.value = 'en'
  client.close()
  await engine.close()
  rmSync(home, { recursive: true, force: true })
})

/** Why it is refused, by a call or by the job that it starts. */
async function refusal(verb: string, input: object): Promise<Error> {
  try {
    await (
      await startJob(client, verb as 'runs.start', input as never)
    ).finished
  } catch (error) {
    return error as Error
  }
  throw new Error(`${verb} ${JSON.stringify(input)} was not refused`)
}
/** What is no word: names in quotation marks and lists, paths, fields and values of a spec, numbers, and names that people say in English. */
const NO_WORD =
  /(?<=(?:现有|可用|请用)：?)[^。；]*|^\w+(?=：)|[“"][^”"]*[”"]|[\w.-]*[./_:=@\d[\]-][\w./:=@[\]-]*|\b(JSON|CSV|Parquet|ANN|UTF|id|ids)\b/g
const wordsLeft = (text: string, names: readonly string[]): string[] =>
  (text.replaceAll(NO_WORD, ' ').match(/[a-z]{2,}/gi) ?? []).filter((word) => !names.includes(word))

/** Verbs, their inputs, and the names in the answer that are no words to translate. */
const REFUSED: readonly (readonly [verb: string, input: () => object, names?: readonly string[]])[] = [
  ['runs.show', () => ({ run: 'nosuch' })],
  ['datasets.profile', () => ({ dataset: 'markt' }), ['market']],
  ['runs.start', () => ({ dataset: 'market', recipe: 'two-towr' })],
  ['runs.start', () => ({ dataset: 'market', recipe: 'airbnb-2025' }), ['market']],
  ['runs.start', () => ({ dataset: 'market', recipe: 'two-tower', set: ['training.epochs=-1'] })],
  ['runs.start', () => ({ dataset: 'market', recipe: 'two-tower', set: ['training.epoch=1'] })],
  ['runs.start', () => ({ dataset: 'market' }), ['two', 'tower']],
  ['runs.export', () => ({ run, format: 'onnx', out: join(home, 'onnx') }), ['most', 'popular', 'onnx']],
  ['runs.export', () => ({ run, format: 'vectors', out: at('a-file', 'x') }), ['most', 'popular', 'vectors']],
  ['index.build', () => ({ run, name: 'small' }), ['most', 'popular']],
  ['runs.pause', () => ({ run })],
  ['runs.start', () => ({ resume: run })],
  ['neighbours.recommend', () => ({ run, user: 'nobody' }), ['market', 'popular']],
  ['neighbours.similar', () => ({ run, item: 'i1' }), ['most', 'popular', 'ials', 'iALS']],
  ['runs.negatives', () => ({ run }), ['most', 'popular']],
  ['runs.blend', () => ({ runs: [run, run] })],
  ['search.show', () => ({ search: 'nosuch' })],
  ['search.start', () => ({ dataset: 'market', recipe: 'two-tower', metric: 'auc@5' })],
  ['datasets.import', () => ({ name: 'a', interactions: at('only.csv', 'a\n1\n2\n') }), ['csv']],
  ['datasets.import', () => ({ name: 'b', interactions: at('empty.csv', '') })],
  ['datasets.import', () => ({ name: 'c', interactions: at('cell.csv', 'user,item,time\nu,i,1\n,i,2\nv,i,3\n') })],
  ['datasets.import', () => ({ name: 'd', interactions: at('old.xls', '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1') })],
  ['datasets.import', () => ({ name: 'market', ...writeSmallMarket(join(home, 'again')) })],
  ['bundles.verify', () => ({ path: join(home, 'files') }), ['Pylon']],
  ['segments.show', () => ({ segment: 'nosuch' })],
]

test('what a real engine refuses is Chinese on a Chinese page, its place and its remedy too', async () => {
  const left: unknown[] = []
  for (const [verb, input, names = []] of REFUSED) {
    const error = await refusal(verb, input())
    const { shown } = await show(ErrorNote, { props: { error } })
    const said = shown.find('p').text()
    const words = wordsLeft(said, names)
    if (words.length > 0 || said === error.message) left.push([verb, error.message, said, words])
  }
  expect(left).toEqual([])
}, 120_000)
