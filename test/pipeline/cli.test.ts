/** The command line as a user has it: real processes, real stages, a small data set with taste in it, throw-away workspaces. */
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import type { ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { needing } from '../helpers/needs.ts'
import { childrenOf } from '../helpers/processes.ts'
import { pylon, withWorkspace, type CliResult } from '../helpers/workspace.ts'

/** 120 users in four circles of taste, 60 items, 20 events each: half of them from the circle's own 15 items. */
function writeData(folder: string): { interactions: string; items: string } {
  let state = 7
  const random = (n: number): number => ((state = (state * 48271) % 2147483647), state % n)
  const rows = ['user,item,time']
  for (let user = 0; user < 120; user++) {
    for (let i = 0; i < 20; i++) {
      const item = i % 2 === 0 ? (user % 4) * 15 + random(15) : random(60)
      rows.push(`u${user},i${item},${1_700_000_000 + i * 3600 + user}`)
    }
  }
  const interactions = join(folder, 'events.csv')
  const items = join(folder, 'items.csv')
  writeFileSync(interactions, `${rows.join('\n')}\n`)
  writeFileSync(items, `item,title,genre\n${Array.from({ length: 60 }, (_, i) => `i${i},Item ${i},g${Math.floor(i / 15)}`).join('\n')}\n`)
  return { interactions, items }
}

async function withDataset(body: (run: (...args: string[]) => Promise<CliResult>, home: string) => Promise<void>): Promise<void> {
  await withWorkspace(async (folder) => {
    const home = join(folder, 'home')
    const { interactions, items } = writeData(folder)
    const imported = await pylon(['import', '--name', 'd', '--interactions', interactions, '--items', items, '--json'], { home })
    expect(imported.json, imported.stderr).toMatchObject({ dataset: 'd', users: 120, items: 60, interactions: 2400 })
    await body((...args) => pylon(args, { home }), home)
  })
}

const SMALL = ['--recipe', 'two-tower', '--set', 'training.batchSize=64', '--set', 'training.earlyStopping.patience=1000']

/** stdout holds nothing but one object, on its only line. */
function onlyJson({ stdout, json }: CliResult): Record<string, unknown> {
  expect(stdout.split('\n')).toEqual([JSON.stringify(json), ''])
  return json!
}

test('from data to neighbours and files, with JSON and with tables', () =>
  withDataset(async (run, home) => {
    const trained = onlyJson(await run('train', '--dataset', 'd', ...SMALL, '--set', 'training.epochs=3', '--name', 'first', '--json'))
    expect(trained).toMatchObject({
      protocol: { part: 'test', seen: 'masked', fittedOn: 'train+validation' },
      metrics: { 'recall@20': expect.any(Number) as number },
      baseline: { 'recall@20': expect.any(Number) as number },
    })
    // three epochs of which the best was chosen, and as many again on train + validation
    expect(trained['epochs']).toBe(3 + Number(trained['bestEpoch']))
    const popular = await run('train', '--dataset', 'd', '--recipe', 'most-popular')
    expect(popular).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^run .*\n.*\n\nmetric +@5 +@10 +@20 +@50[^]*\nprotocol [0-9a-f]{12}: d /) as string,
    })

    const compared = onlyJson(await run('compare', 'first', 'most-popular', '--json')) as {
      groups: { runs: { name: string; metrics: unknown }[] }[]
    }
    expect(compared.groups.map(({ runs }) => runs.map(({ name, metrics }) => [name, metrics]))).toEqual([
      [
        ['first', trained['metrics']],
        ['most-popular', trained['baseline']],
      ],
    ])

    // what stays of the pass that chose the epoch is measured on the validation part; the index is of the final fit
    const before = onlyJson(await run('evaluate', '--run', 'first', '--k', '20', '--split', 'validation', '--json'))
    expect(before).toMatchObject({ protocol: { part: 'validation', fittedOn: 'train' } })
    const shown = onlyJson(await run('show', '--run', 'first', '--json'))['epochsLog'] as { epoch: number; validation: object }[]
    const best = shown.find(({ epoch }) => epoch === trained['bestEpoch'])!.validation as Record<string, number>
    expect((before['metrics'] as Record<string, number>)['recall@20']).toBeCloseTo(best['recall@20']!, 6)
    const mixed = await run('evaluate', '--run', 'first', '--split', 'validation', '--ann')
    expect(mixed).toMatchObject({ code: 2, stderr: expect.stringMatching(/fitted on the validation part too/) as string })

    const evaluated = onlyJson(await run('evaluate', '--run', 'first', '--k', '5,20', '--ann', '--json'))
    expect(evaluated).toMatchObject({
      metrics: { 'recall@20': (trained['metrics'] as Record<string, number>)['recall@20'] },
      ann: { k: 20, recallVsExact: expect.any(Number) as number },
    })

    const { hits } = onlyJson(await run('recommend', '--run', 'first', '--user', 'u1', '--k', '3', '--json')) as {
      hits: { rank: number; title: string }[]
    }
    expect(hits).toMatchObject([1, 2, 3].map((rank) => ({ rank, title: expect.stringMatching(/^Item \d+$/) as string })))
    expect((await run('similar', '--run', 'first', '--item', 'i3', '--k', '2')).stdout).toMatch(
      /^Nearest to item i3 \(Item 3\)[^]*rank +score +item +title/,
    )

    const out = join(home, '..', 'out')
    const exported = onlyJson(await run('export', '--run', 'first', '--format', 'vectors', '--out', out, '--json')) as {
      files: { path: string }[]
    }
    expect(readdirSync(out).sort()).toEqual(exported.files.map(({ path }) => path).sort())

    expect(onlyJson(await run('delete', 'most-popular', '--json'))).toMatchObject({ deleted: expect.any(String) as string })
    expect((await run('runs')).stdout).not.toContain('most-popular')
    expect(readdirSync(join(home, 'tmp'))).toEqual([])
  }))

describe('stopping', () => {
  const LONG = [...SMALL, '--set', 'training.epochs=25']
  const metrics = (result: CliResult): unknown => (result.json as { metrics: unknown }).metrics

  /** Trains, and does something to the process when the third epoch is over. */
  function trainUntil(home: string, name: string, interrupt: (child: ChildProcess) => void): Promise<CliResult> {
    let done = false
    const onStderr = (_: string, child: ChildProcess): void => {
      if (done) return
      done = true
      interrupt(child)
    }
    return pylon(['train', '--dataset', 'd', ...LONG, '--name', name, '--json'], {
      home,
      onStderr: (text, child) => {
        if (/^epoch 3 /m.test(text)) onStderr(text, child)
      },
    })
  }

  test('a run that was cancelled, or killed with its engine, goes on to the numbers of an uninterrupted one', () =>
    withDataset(async (run, home) => {
      const whole = await run('train', '--dataset', 'd', ...LONG, '--json')
      expect(whole.code, whole.stderr).toBe(0)

      const stopped = await trainUntil(home, 'stopped', (child) => child.kill('SIGINT'))
      expect(stopped).toMatchObject({
        code: 3,
        json: { error: { code: 'cancelled', message: expect.stringMatching(/Go on with: pylon train --resume \w+/) as string } },
      })
      expect((await run('runs', '--json')).json).toMatchObject({ runs: [{ state: 'finished' }, { name: 'stopped', state: 'cancelled' }] })
      expect(metrics(await run('train', '--resume', 'stopped', '--json'))).toEqual(metrics(whole))

      const killed = await trainUntil(home, 'killed', (child) => child.kill('SIGKILL'))
      expect(killed.code).toBe(null)
      expect(await run('runs', '--json')).toMatchObject({ json: { runs: [{}, {}, { name: 'killed', state: 'interrupted' }] } })
      expect(metrics(await run('train', '--resume', 'killed', '--json'))).toEqual(metrics(whole))
      const shown = (await run('show', 'killed', '--json')).json as { epochsLog: { epoch: number }[] }
      expect(shown.epochsLog.map(({ epoch }) => epoch)).toEqual(Array.from({ length: shown.epochsLog.length }, (_, i) => i + 1))
    }))

  needing('platform:linux').test('a job process that is killed leaves an interrupted run and says how to go on', () =>
    withDataset(async (run, home) => {
      const crashed = await trainUntil(home, 'crashed', (child) => {
        const [job] = childrenOf(child.pid!)
        process.kill(job!, 'SIGKILL')
      })
      expect(crashed).toMatchObject({
        code: 1,
        json: { error: { code: 'bug', message: expect.stringMatching(/killed.*Go on with: pylon train --resume/) as string } },
      })
      expect((await run('runs', '--json')).json).toMatchObject({ runs: [{ name: 'crashed', state: 'interrupted' }] })
    }),
  )
})

test('a dataset without a name is called as its file, in signs that a name may have', () =>
  withWorkspace(async (home) => {
    const rows = Array.from({ length: 40 }, (_, i) => `u${i % 5},i${i % 8},${i}`).join('\n')
    for (const file of ['my orders.2023.csv', '订单.csv']) writeFileSync(join(home, file), `user,item,time\n${rows}\n`)
    const named = await pylon(['import', join(home, 'my orders.2023.csv'), '--json'], { home: join(home, 'w') })
    expect(named.json).toMatchObject({ dataset: 'my-orders', interactions: 40 })
    const again = await pylon(['import', join(home, 'my orders.2023.csv')], { home: join(home, 'w') })
    expect([again.code, again.stderr]).toEqual([2, expect.stringContaining('my-orders')])
    const none = await pylon(['import', join(home, '订单.csv')], { home: join(home, 'w') })
    expect([none.code, none.stderr]).toEqual([2, expect.stringContaining('--name: is needed')])
  }))

describe('what goes wrong is told once, with its exit code', () => {
  test.each([
    [['trian'], /unknown command 'trian' \(Did you mean train\?\)/],
    [['train', '--recipee', 'x'], /unknown option '--recipee' \(Did you mean --recipe\?\)/],
    [['train', '--dataset', 'nowhere', '--recipe', 'two-tower'], /There is no dataset "nowhere"/],
    [['profile'], /--dataset: is needed: name of a dataset/],
    [['show'], /RUN: is needed: id or name of a run/],
    [['show', 'nothing'], /There is no run "nothing"/],
    [['evaluate', '--run', 'r', '--k', '5,x'], /--k: "x" is no number/],
    [['evaluate', '--run', 'r', '--split', 'tests'], /--split: expected one of/],
    [['import', '--name', 'a/b', '--sample'], /--name: letters, digits/],
    [['import'], /Say what to import/],
    [['import', '--name', 'a'], /Say what to import/],
    [['import', '--name', 'a', '--sample', '--path', 'x'], /exclude each other/],
    [['import', '--name', 'a', '--path', 'no/such/folder'], /no\/such\/folder/],
  ])('%j', (args, message) =>
    withWorkspace(async (home) => {
      const told = await pylon([...args, '--json'], { home })
      expect([told.code, onlyJson(told)]).toMatchObject([
        2,
        { error: { code: expect.stringMatching(/^(bad-input|not-found)$/) as string } },
      ])
      expect(told.stderr).toMatch(new RegExp(`^error: .*${message.source}.*\\n$`))
    }),
  )

  test('a wrong config and a config that does not fit leave nothing', () =>
    withDataset(async (run, home) => {
      const config = join(home, '..', 'config.json')
      writeFileSync(config, JSON.stringify({ training: { epoch: 3 } }))
      expect(await run('train', '--dataset', 'd', '--config', config)).toMatchObject({
        code: 2,
        stdout: '',
        stderr: expect.stringMatching(/^error: training.epoch is no config key: did you mean "epochs"\?/) as string,
      })
      const misfit = await run(
        'train',
        '--dataset',
        'd',
        '--recipe',
        'two-tower',
        '--set',
        'item.features=[{"kind":"category","name":"g","column":"gender","dim":4}]',
      )
      expect(misfit).toMatchObject({ code: 2, stderr: expect.stringMatching(/^error: item.features\[0\].*gender/) as string })
      expect(existsSync(join(home, 'runs')) ? readdirSync(join(home, 'runs')) : []).toEqual([])
      expect((await run('runs', '--json')).json).toEqual({ runs: [] })
    }))
})

test('help, the version and the overview need no workspace', async () => {
  const env = { PYLON_HOME: '/dev/null/nowhere' }
  const [overview, help, version] = await Promise.all([
    pylon([], { env }),
    pylon(['train', '--help'], { env }),
    pylon(['--version'], { env }),
  ])
  expect(overview).toMatchObject({ code: 0, stdout: expect.stringContaining('Start here:') as string })
  expect(help).toMatchObject({ code: 0, stdout: expect.stringContaining('--resume') as string })
  expect(version).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) as string })
  expect(await pylon(['runs'], { env })).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringMatching(/^error: No workspace can be made at .*give another --home/) as string,
  })
})

test('doctor runs every library', () =>
  withWorkspace(async (home) => {
    const doctor = onlyJson(await pylon(['doctor', '--json'], { home })) as {
      libraries: { name: string; works: boolean }[]
      executors: { name: string; works: boolean }[]
    }
    expect(doctor.libraries.map(({ name, works }) => [name, works])).toEqual([
      ['better-sqlite3', true],
      ['@duckdb/node-api', true],
      ['onnxruntime-node', true],
      ['usearch', true],
      ['@tensorflow/tfjs', true],
    ])
    expect(doctor.executors.slice(0, 2)).toMatchObject([
      { name: 'onnxruntime', works: true },
      { name: 'tfjs-cpu', works: true },
    ])
  }))
