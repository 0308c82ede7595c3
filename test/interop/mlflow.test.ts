/**
 * Runs told to a real server of MLflow (`mlflow server` on a database of SQLite) while they train, read back by MLflow's own client: the
 * values are Pylon's, and each step is there once, whatever went away in between.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect } from 'vitest'
import { findPython } from '../../main/engine/export/python.ts'
import { runDetailSchema, type RunDetail } from '../../main/contract/shapes/run.ts'
import { searchDetailSchema } from '../../main/contract/shapes/search.ts'
import { needing } from '../helpers/needs.ts'
import { freePort, runPython } from '../helpers/python.ts'
import { writeSmallMarket } from '../helpers/small-market.ts'
import { pylon, type CliOptions, type CliResult } from '../helpers/workspace.ts'

const root = mkdtempSync(join(tmpdir(), 'pylon-mlflow-'))
const home = join(root, 'home')
const { test, describe } = needing('python')

/** As MLflow's client has a run: each point of a metric is its step and its value. */
interface Tracked {
  readonly id: string
  readonly name: string
  readonly status: string
  readonly params: Readonly<Record<string, string>>
  readonly tags: Readonly<Record<string, string>>
  readonly history: Readonly<Record<string, readonly (readonly [number, number])[]>>
}

let port = 0
let server: ChildProcess | null = null
const uri = (): string => `http://127.0.0.1:${port}`

/** Starts `mlflow server` on the same port and database as before. */
async function startServer(): Promise<void> {
  const options = ['--backend-store-uri', `sqlite:///${join(root, 'mlflow.db')}`, '--artifacts-destination', join(root, 'artifacts')]
  server = spawn(findPython()!, ['-m', 'mlflow', 'server', ...options, '--port', String(port), '--workers', '1'], {
    cwd: root,
    stdio: 'ignore',
    detached: true,
  })
  while (!(await answers())) await sleep(200)
}
const answers = async (): Promise<boolean> => {
  if (server!.exitCode !== null) throw new Error(`mlflow server ended with ${server!.exitCode}`)
  return fetch(`${uri()}/health`).then(
    ({ ok }) => ok,
    () => false,
  )
}
/** Its workers too. */
async function stopServer(): Promise<void> {
  const stopped = server
  if (stopped === null || stopped.exitCode !== null || stopped.signalCode !== null) return
  const gone = new Promise((resolve) => stopped.once('close', resolve))
  process.kill(-stopped.pid!, 'SIGKILL')
  await gone
}

const train = (name: string, to: string, options: CliOptions = {}, epochs = 5): Promise<CliResult> =>
  pylon(
    [
      'train',
      ...['--dataset', 'market', '--recipe', 'mf-softmax', '--name', name],
      ...['--set', `training.epochs=${epochs}`, '--set', 'training.earlyStopping=null'],
      ...['--log', to, '--json'],
    ],
    { home, ...options },
  )
const shown = async (run: string): Promise<RunDetail> => runDetailSchema.parse((await pylon(['show', run, '--json'], { home })).json)
const allTracked = async (): Promise<Record<string, Tracked>> =>
  JSON.parse(await runPython(findPython()!, root, [join(import.meta.dirname, 'mlflow_runs.py'), uri(), 'pylon market'])) as never
const tracked = async (run: string): Promise<Tracked> => (await allTracked())[run]!

/** Everything that was told is what the run has, each step once and none missing. */
function expectWhole(run: RunDetail, { name, status, params, tags, history }: Tracked): void {
  const plain = (metric: string): string => metric.replace('@', '_at_')
  expect({ name, status }).toEqual({ name: run.name, status: 'FINISHED' })
  expect(params['training.batchSize']).toBe(JSON.stringify((run.spec as { training: { batchSize: number } }).training.batchSize))
  expect(tags).toMatchObject({
    'pylon.run': run.run,
    'pylon.dataset': 'market',
    'pylon.protocol': run.protocolHash!,
    'pylon.state': 'finished',
  })
  const steps = history['train/loss']!.map(([step]) => step)
  expect(steps.length).toBeGreaterThan(10)
  expect(steps).toEqual(Array.from(steps, (_, i) => i + 1))
  expect(history['train/learning_rate']!.map(([step]) => step)).toEqual(steps)
  expect(history['epoch/loss']).toEqual(run.epochsLog.map(({ epoch, loss }) => [epoch, loss]))
  const validated = run.epochsLog.filter(({ validation }) => 'recall@20' in validation)
  expect(validated.length).toBeGreaterThan(1)
  expect(history['validation/recall_at_20']).toEqual(validated.map(({ epoch, validation }) => [epoch, validation['recall@20']]))
  for (const [metric, value] of Object.entries(run.metrics)) expect(history[`test/${plain(metric)}`], metric).toEqual([[0, value]])
  for (const [metric, value] of Object.entries(run.baseline)) expect(history[`most_popular/${plain(metric)}`], metric).toEqual([[0, value]])
}

describe('a training told to MLflow', () => {
  beforeAll(async () => {
    port = await freePort()
    await startServer()
    const { interactions } = writeSmallMarket(join(root, 'market'))
    const { code, stderr } = await pylon(['import', '--name', 'market', '--interactions', interactions], { home })
    expect(code, stderr).toBe(0)
  }, 120_000)
  afterAll(async () => {
    await stopServer()
    await rm(root, { recursive: true, force: true, maxRetries: 3 })
  })

  test('has its params, tags, losses by step, validation by epoch and test metrics there, and telling it again adds nothing', async () => {
    const { code, json, stderr } = await train('whole 红', `mlflow:${uri()}`)
    expect(code, stderr).toBe(0)
    expect(stderr).not.toContain('warning')
    const run = await shown(String(json?.['run']))
    const told = await tracked(run.run)
    expectWhole(run, told)
    const again = await pylon(['log', run.run, '--to', `mlflow:${uri()}`, '--json'], { home })
    expect(again.json, again.stderr).toMatchObject({ run: run.run, to: uri(), steps: 0 })
    expect(await tracked(run.run)).toEqual(told)

    // the export's script gives it files and model, and tells no metric again
    const out = join(root, 'exported')
    const exported = await pylon(['export', '--run', run.run, '--format', 'mlflow', '--out', out], { home })
    expect(exported.code, exported.stderr).toBe(0)
    const logged = await runPython(findPython()!, out, ['log.py', '--tracking-uri', uri()])
    expect(JSON.parse(logged.trimEnd().split('\n').at(-1)!)).toMatchObject({ logged: true })
    const { history, tags } = await tracked(run.run)
    expect(history).toEqual(told.history)
    expect(tags['pylon.files']).toBe('mlflow')
  })

  test('that is killed and resumed has each step once', async () => {
    const options: CliOptions = { onStderr: (text, child) => void (/^epoch 3 /m.test(text) && child.kill('SIGKILL')) }
    expect((await train('killed', `mlflow:${uri()}`, options)).code).toBeNull()
    const resumed = await pylon(['train', '--resume', 'killed', '--log', `mlflow:${uri()}`, '--json'], { home })
    expect(resumed.code, resumed.stderr).toBe(0)
    expectWhole(await shown('killed'), await tracked(String(resumed.json?.['run'])))
  })

  test('goes on while the server is away, says so, and is told the rest', async () => {
    const down: Promise<void>[] = []
    const away = await train(
      'away',
      `mlflow:${uri()}`,
      { onStderr: (text) => void (/^epoch 2 /m.test(text) && down.length === 0 && down.push(stopServer())) },
      8,
    )
    await Promise.all(down)
    expect(away.code, away.stderr).toBe(0)
    const id = String(away.json?.['run'])
    expect(away.stderr).toContain(`warning: MLflow at ${uri()} cannot be reached`)
    expect(away.stderr).toContain(`When it answers again: pylon log ${id} --to mlflow:${uri()}`)
    const absent = await pylon(['log', id, '--to', `mlflow:${uri()}`], { home })
    expect(absent.code, absent.stderr).toBe(2)
    expect(absent.stderr).toMatch(/cannot be reached .*: try again when it answers/)
    await startServer()
    const later = await pylon(['log', id, '--to', `mlflow:${uri()}`, '--json'], { home })
    expect(later.code, later.stderr).toBe(0)
    expectWhole(await shown(id), await tracked(id))
  })

  test('that is stopped, or fails at the server, is told so', async () => {
    const stopped = await train('stopped', `mlflow:${uri()}`, {
      onStderr: (text, child) => void (/^epoch 2 /m.test(text) && child.kill('SIGINT')),
    })
    expect(stopped.code).toBe(3)
    const { run } = await shown('stopped')
    expect(await tracked(run)).toMatchObject({ status: 'KILLED', tags: { 'pylon.state': 'cancelled' } })
  })

  test('and a search lies there as one run with its trials below it, each step once, though it was killed and went on', async () => {
    const boards = join(root, 'boards')
    const logs = ['--log', `mlflow:${uri()}`, '--log', `tensorboard:${boards}`]
    const start = ['search', 'start', '--dataset', 'market', '--recipe', 'mf-softmax', '--name', 'four', '--trials', '4', '--stop', 'asha']
    const settings = ['--finals', '0', '--threads', '1', '--set', 'training.epochs=6']
    let isKilled = false
    const killed = await pylon([...start, ...settings, ...logs], {
      home,
      onStderr: (text, child) => void (!isKilled && /trial 2 /.test(text) && (isKilled = child.kill('SIGKILL'))),
    })
    expect(killed.code).toBeNull()
    const { code, stderr, json } = await pylon(['search', 'resume', 'four', ...logs, '--json'], { home })
    expect(code, stderr).toBe(0)
    expect(stderr).not.toContain('warning')
    const { search, list } = searchDetailSchema.parse(json)
    const all = await allTracked()
    const parent = all[search]!
    const [best] = list.filter(({ value, finalOf }) => value !== null && finalOf === null).sort((a, b) => b.value! - a.value!)
    expect(parent).toMatchObject({ name: 'four', status: 'FINISHED', tags: { 'pylon.dataset': 'market' } })
    expect(parent.history['best/ndcg_at_20']).toEqual([[best!.number, best!.value]])
    expect(list.some(({ state }) => state === 'paused')).toBe(true)
    const curves = JSON.parse(await runPython(findPython()!, root, [join(import.meta.dirname, 'board_curves.py'), boards])) as Record<
      string,
      Record<string, Record<string, number>>
    >
    expect(list).toHaveLength(4)
    for (const { run } of list) {
      const { name, epochsLog } = await shown(run!)
      const { tags, history, status } = all[run!]!
      expect(tags['mlflow.parentRunId'], name).toBe(parent.id)
      expect(['FINISHED', 'SCHEDULED']).toContain(status)
      const steps = history['train/loss']!.map(([step]) => step)
      expect(steps.length, name).toBeGreaterThan(1)
      expect(steps, name).toEqual(Array.from(steps, (_, i) => i + 1))
      expect(history['epoch/loss'], name).toEqual(epochsLog.map(({ epoch, loss }) => [epoch, loss]))
      const [board] = Object.entries(curves).filter(([folder]) => folder.endsWith(run!))
      expect(Object.keys(board![1]['train/loss']!).map(Number), name).toEqual(steps)
    }
  })

  test('gives the secrets of the environment to the server, and to nobody else', async () => {
    const asked: (string | undefined)[] = []
    const refusing = createServer((request, response) => {
      asked.push(request.headers.authorization)
      response.writeHead(401).end('who are you?')
    })
    await new Promise<void>((resolve) => refusing.listen(0, '127.0.0.1', resolve))
    const at = `http://127.0.0.1:${(refusing.address() as AddressInfo).port}`
    const { code, stderr, stdout } = await train('refused', `mlflow:${at}`, { env: { MLFLOW_TRACKING_TOKEN: 'hush-hush' } })
    refusing.close()
    expect(code, stderr).toBe(0)
    expect(asked).toEqual(['Bearer hush-hush'])
    expect(stderr).toContain('does not let this run in (401): set MLFLOW_TRACKING_TOKEN')
    expect(stderr + stdout + JSON.stringify(await shown('refused'))).not.toContain('hush')
  })
})
