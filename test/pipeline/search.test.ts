/** Searches by the real command line: killed and resumed, with trials that fail, promoted, deleted. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fromShellWord } from '../../main/contract/shell-word.ts'
import { searchDetailSchema, type SearchDetail } from '../../main/contract/shapes/search.ts'
import { runDetailSchema } from '../../main/contract/shapes/run.ts'
import { writeSmallMarket } from '../helpers/small-market.ts'
import { pylon, type CliOptions, type CliResult } from '../helpers/workspace.ts'

const root = mkdtempSync(join(tmpdir(), 'pylon-search-'))
const files = writeSmallMarket(join(root, 'files'))
const BEGIN = ['search', 'start', '--dataset', 'small', '--recipe', 'two-tower']
const START = [
  ...BEGIN,
  ...['--trials', '5', '--stop', 'asha', '--finals', '2', '--threads', '1'],
  ...['--set', 'training.epochs=6', '--space', 'training.tables.learningRate=1e-4:1e-1:log', '--space', 'user.output+item.output=8,16,32'],
]

async function succeed(args: readonly string[], options: CliOptions): Promise<CliResult> {
  const result = await pylon(args, options)
  if (result.code !== 0) throw new Error(`pylon ${args.join(' ')}\n${result.stderr}`)
  return result
}
async function workspace(name: string): Promise<string> {
  const home = join(root, name)
  await succeed(['import', '--name', 'small', '--interactions', files.interactions, '--items', files.items], { home })
  return home
}
const show = async (home: string): Promise<SearchDetail> =>
  searchDetailSchema.parse((await succeed(['search', 'show', 'two-tower', '--json'], { home })).json)
/** What a search is made of, but for times and ids. */
const essence = ({ list, verdict, importance, state, over }: SearchDetail) => ({
  state,
  over,
  importance,
  winner: verdict?.winner,
  pairs: verdict?.pairs,
  list: list.map(({ run: _, seconds: __, ...rest }) => rest),
})

afterAll(() => rmSync(root, { recursive: true, force: true, maxRetries: 3 }))

describe('a search', () => {
  let home = ''
  let whole: SearchDetail
  beforeAll(async () => {
    home = await workspace('whole')
    await succeed(START, { home })
    whole = await show(home)
  })

  test('has its trials, rungs, finals and verdict, and has not looked at the test part', async () => {
    const explored = whole.list.filter(({ finalOf }) => finalOf === null)
    expect(whole).toMatchObject({ state: 'finished', over: 'trials', trials: 5, promoted: [] })
    expect(explored.some(({ state, epochs }) => state === 'paused' && epochs === 2)).toBe(true)
    expect(explored.filter(({ state }) => state === 'complete').length).toBeGreaterThanOrEqual(2)
    expect(whole.list.filter(({ finalOf }) => finalOf !== null)).toHaveLength(6)
    expect(whole.verdict?.finals.map(({ runs }) => runs.length)).toEqual([3, 3])
    const run = whole.list[0]!.run!
    const detail = runDetailSchema.parse((await succeed(['show', run, '--json'], { home })).json)
    expect(detail).toMatchObject({ metrics: {}, protocol: null, spec: { training: { finalFit: false } } })
    expect(detail.artefacts.map(({ path }) => path).filter((path) => !path.startsWith('ranks-'))).toEqual(['spec.json'])
    const refused = await pylon(['recommend', '--run', run, '--user', 'u1'], { home })
    expect(refused).toMatchObject({ code: 2 })
    expect(refused.stderr).toContain('pylon search promote')
  })

  test('that is killed goes on to the same trials', async () => {
    const other = await workspace('killed')
    let killed = false
    const result = await pylon(START, {
      home: other,
      onStderr: (text, child) => {
        if (!killed && /trial 3 /.test(text)) killed = child.kill('SIGKILL')
      },
    })
    expect(result.code).toBeNull()
    expect((await show(other)).state).toBe('interrupted')
    await succeed(['search', 'resume', 'two-tower'], { home: other })
    expect(essence(await show(other))).toEqual(essence(whole))
  })

  test('that is stopped offers what goes on and tells the same programs, a folder a trial', async () => {
    const other = await workspace('stopped')
    const boards = join(other, '..', 'the boards')
    let asked = false
    const stopped = await pylon([...START, '--log', `tensorboard:${boards}`], {
      home: other,
      onStderr: (text, child) => {
        if (!asked && /trial 2 /.test(text)) asked = child.kill('SIGINT')
      },
    })
    const [offered] = /pylon search resume .*/.exec(stopped.stderr) ?? ['']
    expect(offered).toContain(`--log 'tensorboard:${boards}'`)
    const id = /resume (\w+) /.exec(offered)![1]!
    const log = /--log (.*)/.exec(offered)![1]!
    await succeed(['search', 'resume', id, '--log', fromShellWord(log)], { home: other })
    const detail = await show(other)
    expect(essence(detail)).toEqual(essence(whole))
    expect(
      readdirSync(boards)
        .map((name) => name.split('-').at(-1))
        .toSorted(),
    ).toEqual(detail.list.map(({ run }) => run).toSorted())
  })

  test('that keeps one checkpoint comes to the same trials: what goes on without one begins anew', async () => {
    const other = await workspace('pruned')
    await succeed([...START, '--search', JSON.stringify({ keep: { checkpoints: 1 } })], { home: other })
    const pruned = await show(other)
    expect(essence(pruned)).toEqual(essence(whole))
    const withCheckpoint = (folder: string, { list }: SearchDetail): number =>
      list.filter(({ run }) => readdirSync(join(folder, 'runs', run!)).includes('checkpoint.safetensors')).length
    expect(withCheckpoint(home, whole)).toBe(whole.list.filter(({ state }) => state === 'paused').length)
    expect(withCheckpoint(other, pruned)).toBeLessThanOrEqual(1)
  })

  test('gets more trials, and the finals are those of all', async () => {
    await succeed(['search', 'add', 'two-tower', '--trials', '2'], { home })
    const more = await show(home)
    expect(more).toMatchObject({ state: 'finished', trials: 7, over: 'trials' })
    expect(more.list.slice(0, 5).map(({ params }) => params)).toEqual(whole.list.slice(0, 5).map(({ params }) => params))
  })

  test('leaves as a study whose trials have their own times, into a file that is not there yet', async () => {
    const out = join(home, '..', 'whole-study.log')
    await succeed(['search', 'export', 'two-tower', '--out', out], { home })
    const study = readFileSync(out, 'utf8')
    const times = [...study.matchAll(/"datetime_start":"([^"]+)"/g)].map(([, time]) => Date.parse(time!))
    const trials = (await show(home)).list.filter(({ finalOf }) => finalOf === null)
    expect(new Set(times).size).toBe(trials.length)
    const begun = await Promise.all(
      trials.map(async ({ run }) => runDetailSchema.parse((await succeed(['show', run!, '--json'], { home })).json).createdAt),
    )
    for (const [i, time] of times.entries()) expect(time).toBeGreaterThanOrEqual(Date.parse(begun[i]!))
    for (const [taken, told] of [
      [out, 'exists'],
      [join(home, '..'), 'is a folder'],
    ] as const) {
      const refused = await pylon(['search', 'export', 'two-tower', '--out', taken], { home })
      expect(refused).toMatchObject({ code: 2 })
      expect(refused.stderr).toContain(told)
    }
    expect(readFileSync(out, 'utf8')).toBe(study)
  })

  test('is promoted: one run is fitted again and looks at the test part', async () => {
    expect((await pylon(['search', 'show', 'two-tower'], { home })).stdout).toContain('pylon search promote')
    const { json } = await succeed(['search', 'promote', 'two-tower', '--json'], { home })
    const { promoted, verdict, list } = await show(home)
    expect(promoted).toEqual([json?.['run']])
    expect((await pylon(['search', 'show', 'two-tower'], { home })).stdout).toContain(
      `was looked at by ${promoted[0]}: whoever is promoted next`,
    )
    const detail = runDetailSchema.parse((await succeed(['show', promoted[0]!, '--json'], { home })).json)
    expect(detail).toMatchObject({ state: 'finished', fittedOn: 'train+validation' })
    expect(detail.metrics['ndcg@20']).toBeGreaterThan(0)
    expect(detail.spec).toMatchObject({ user: { output: list[verdict!.winner - 1]!.params['user.output'] } })
  })

  test('is deleted with its runs, but for the promoted one', async () => {
    const before = readdirSync(join(home, 'runs')).length
    const { json } = await succeed(['search', 'delete', 'two-tower', '--runs', '--json'], { home })
    expect(readdirSync(join(home, 'runs'))).toHaveLength(before - Number(json?.['runs']))
    expect(readdirSync(join(home, 'runs'))).toHaveLength(1)
  })
})

test('a space in which no trial could begin is refused before the first', async () => {
  const home = await workspace('spaces')
  for (const [space, told] of [
    ['nosuch.field=1:2', 'No point of the space is a valid spec. nosuch is no config key'],
    ['training.batchSize=,', 'expected number'],
    ['training.tables.learningRate=NaN:1', 'expected number'],
    ['training.epochs=1:100:foo', 'a range may be log and int, and not "foo"'],
    ['user.output=24,48', 'same width'],
    ['__proto__.x=1,2', 'is no config path'],
  ]) {
    const { code, stderr } = await pylon([...BEGIN, '--trials', '2', '--space', space!], { home })
    expect([space, code]).toEqual([space, 2])
    expect(stderr).toContain(told)
  }
  const twice = ['--space', 'training.batchSize=64:128:int', '--space', 'training.batchSize=32,64']
  expect((await pylon([...BEGIN, '--trials', '2', ...twice], { home })).stderr).toContain('is in it twice')
  expect(existsSync(join(home, 'searches')) ? readdirSync(join(home, 'searches')) : []).toEqual([])
})

test('trials of a recipe that is not measured after each epoch are, where they may be stopped', async () => {
  const home = await workspace('sparse')
  const seldom = ['--set', 'training.earlyStopping.everyEpochs=4', '--set', 'training.earlyStopping.patience=2']
  await succeed([...START, '--trials', '3', '--finals', '0', ...seldom], { home })
  const { list } = await show(home)
  expect(list.map(({ value, epochs }) => [value !== null && value > 0, epochs >= 2])).toEqual([1, 2, 3].map(() => [true, true]))
  const detail = runDetailSchema.parse((await succeed(['show', list[0]!.run!, '--json'], { home })).json)
  // as many epochs without gain end it as before
  expect(detail.spec).toMatchObject({ training: { earlyStopping: { everyEpochs: 1, patience: 8 } } })
})

test('the gigabytes that a search may fill end it, until it is given more', async () => {
  const home = await workspace('room')
  await succeed([...START, '--finals', '0', '--disk-gb', '1e-6'], { home })
  expect(await show(home)).toMatchObject({ state: 'finished', over: 'disk', trials: 1 })
  await succeed(['search', 'add', 'two-tower', '--disk-gb', '1'], { home })
  expect(await show(home)).toMatchObject({ state: 'finished', over: 'trials', trials: 5 })
  const refused = await pylon(['search', 'add', 'two-tower', '--minutes', '5'], { home })
  expect(refused).toMatchObject({ code: 2 })
  expect(refused.stderr).toContain('no such limit')
})

test('a trial that cannot be or diverges stops nothing, and is told', async () => {
  const home = await workspace('failing')
  // attention's heads must divide its width; the highest rate ends in no number
  const { json } = await succeed(
    [
      ...['search', 'start', '--dataset', 'small', '--recipe', 'two-tower', '--sampler', 'grid', '--finals', '0', '--json'],
      ...[
        '--set',
        'training.epochs=2',
        '--set',
        'training.batchSize=128',
        '--set',
        'match.kind=dot',
        '--set',
        'user.layerNorm=false',
        '--set',
        'item.layerNorm=false',
        '--space',
        'training.tables.learningRate+training.dense.learningRate=0.01,1e30',
        '--space',
        'user.output+item.output=8,0',
      ],
    ],
    { home },
  )
  const { list, state } = searchDetailSchema.parse(json)
  expect(state).toBe('finished')
  expect(list.map((trial) => [trial.params['user.output'], trial.state, trial.run === null])).toEqual([
    [8, 'complete', false],
    [0, 'failed', true],
    [8, 'failed', false],
    [0, 'failed', true],
  ])
  expect(list[1]!.error).toContain('user.output')
  expect(list[2]!.error).toContain('The loss became')
})

test('features are searched over, two trials at once, from a file', async () => {
  const home = await workspace('features')
  const file = join(root, 'search.json')
  const id = { kind: 'id', name: 'id', dim: 8 }
  const features = [
    [id],
    [id, { kind: 'category', name: 'genre', column: 'genre', dim: 4 }],
    [{ kind: 'category', name: 'c', column: 'none', dim: 4 }],
  ]
  const search = {
    ...{ name: 'features', dataset: 'small', parallel: 2, spec: { training: { epochs: 1 } } },
    ...{ space: { 'item.features': { kind: 'choice', values: features } }, sampler: { kind: 'grid' }, finals: { top: 0 } },
  }
  writeFileSync(file, JSON.stringify(search))
  const { json } = await succeed(['search', 'start', file, '--threads', '2', '--json'], { home })
  const { list } = searchDetailSchema.parse(json)
  expect(list.map(({ state }) => state)).toEqual(['complete', 'complete', 'failed'])
  expect(list[2]!.error).toContain('There is no item column "none"')
  const { spec } = runDetailSchema.parse((await succeed(['show', list[1]!.run!, '--json'], { home })).json)
  expect(spec).toMatchObject({ item: { features: features[1] } })
  // the file that the workspace keeps is one to begin anew from
  const kept = join(home, 'searches', `${String(json?.['search'])}.json`)
  const again = searchDetailSchema.parse((await succeed(['search', 'start', kept, '--threads', '2', '--json'], { home })).json)
  expect(again.list.map(({ value }) => value)).toEqual(list.map(({ value }) => value))
})

test('what cannot be searched is refused before anything is made', async () => {
  const home = await workspace('refused')
  const refuse = async (...args: string[]): Promise<string> => {
    const result = await pylon(['search', 'start', '--dataset', 'small', '--recipe', 'two-tower', ...args], { home })
    expect(result.code).toBe(2)
    return result.stderr
  }
  expect(await refuse('--space', 'training.seed=1,2')).toContain('the same for all trials')
  expect(await refuse('--space', 'training.batchSize=512:64:log')).toContain('low (512) is above high (64)')
  expect(await refuse('--metric', 'coverage@20')).toContain('is no metric of a user')
  expect(await refuse('--space', 'training.batchSize')).toContain('is no field=low:high')
  expect(readdirSync(join(home, 'runs'))).toEqual([])
})

test('the finals of a model without chance are one run each', async () => {
  const home = await workspace('closed')
  const { json } = await succeed(
    ['search', 'start', '--dataset', 'small', '--recipe', 'item-knn', '--trials', '3', '--finals', '2', '--json'],
    { home },
  )
  const { verdict } = searchDetailSchema.parse(json)
  expect(verdict?.finals.map(({ runs, sd }) => [runs.length, sd])).toEqual([
    [1, null],
    [1, null],
  ])
  expect(verdict?.pairs[0]?.p).toBeGreaterThanOrEqual(0)
})
