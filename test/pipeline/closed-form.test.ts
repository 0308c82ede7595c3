/** What the closed form and iALS choose on the validation part is what they serve, whatever the events, the repeats and the seed. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runDetailSchema, type RunDetail } from '../../main/contract/shapes/run.ts'
import { pylon } from '../helpers/workspace.ts'

const [USERS, ITEMS, GROUPS] = [120, 60, 6]
let place: string
let home: string

/** Users buy within their group, four times of five, and look at anything; what they look at they look at again and again. */
beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), 'pylon-closed-'))
  home = join(place, 'home')
  const rows: string[] = []
  for (let user = 0; user < USERS; user++)
    for (let n = 0; n < 14; n++) {
      const any = (user * 7 + n * 11 + user * n) % ITEMS
      const own = (any - (any % GROUPS) + (user % GROUPS)) % ITEMS
      const [item, event] = n % 2 === 0 ? [n % 10 === 8 ? any : own, 'buy'] : [(any * 3 + n) % ITEMS, 'view']
      const times = event === 'view' ? 1 + ((user + n) % 5) : 1 + (user % 2)
      for (let k = 0; k < times; k++) rows.push(`u${user},i${item},${1_700_000_000 + user * 97 + n * 1000 + k},${event}`)
    }
  const path = join(place, 'events.csv')
  await writeFile(path, `user,item,time,event\n${rows.join('\n')}\n`)
  const { code, stderr } = await pylon(['import', '--interactions', path, '--name', 'd', '--split', 'leave-last'], { home })
  expect(code, stderr).toBe(0)
}, 60_000)
afterAll(() => rm(place, { recursive: true, force: true }))

async function trained(...args: string[]): Promise<RunDetail & { readonly warnings: string[] }> {
  const { code, json, stderr } = await pylon(['train', '--dataset', 'd', '--json', ...args], { home })
  expect(code, stderr).toBe(0)
  const warnings = stderr.split(/[\r\n]/).filter((line) => line.startsWith('warning'))
  return { ...runDetailSchema.parse((await pylon(['show', String(json!['run']), '--json'], { home })).json), warnings }
}

/** Of the trials of its settings; the regression of contents has others. */
const chosenValue = ({ trials }: RunDetail): number =>
  Math.max(...trials.filter(({ settings }) => 'training.init.filter' in settings).map(({ value }) => value))

async function validation(run: string): Promise<number> {
  const { code, json, stderr } = await pylon(['evaluate', '--run', run, '--split', 'validation', '--k', '20', '--json'], { home })
  expect(code, stderr).toBe(0)
  return (json!['metrics'] as Record<string, number>)['ndcg@20']!
}

test.each([
  ['all events, met again and again', []],
  ['one event type', ['training.events=["buy"]', 'evaluation.events=["buy"]']],
])('a closed form reaches what its best trial did: %s', async (_, sets) => {
  const run = await trained('--recipe', 'spectral', ...sets.flatMap((set) => ['--set', set]))
  expect(await validation(run.run)).toBeCloseTo(chosenValue(run), 5)
  if (sets.length > 0 && run.spec.model === 'two-tower')
    expect(run.spec.user.features).toMatchObject([{ kind: 'history', events: ['buy'] }])
})

test('a closed form is one model, whatever the seed', async () => {
  const [one, other] = [await trained('--recipe', 'spectral', '--seed', '1'), await trained('--recipe', 'spectral', '--seed', '5')]
  expect(other.metrics).toEqual(one.metrics)
})

test('iALS whose vectors vanish is no model that is chosen, and is told where it was asked for', async () => {
  const chosen = await trained('--recipe', 'ials', '--set', 'epochs=8')
  expect(chosen.warnings).toEqual([])
  const strict = await trained('--recipe', 'ials', '--set', 'regularisation=10', '--set', 'unobservedWeight=1', '--set', 'epochs=8')
  expect(strict.warnings).toEqual([expect.stringContaining('The vectors have shrunk to nothing')])
  // of a grid where all but little regularisation shrinks them
  const tuned = await trained('--recipe', 'ials', '--set', 'unobservedWeight=1', '--set', 'dim=32', '--set', 'epochs=8')
  expect(tuned.warnings).toEqual([])
})
