/**
 * What is told to MLflow when the network breaks at its worst moments: a server of this test, which keeps what MLflow's would
 * (test/interop/mlflow.test.ts holds the same against the real one), takes a request and drops the answer, or is not there.
 */
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import type { StepRow } from '../../../main/contract/shapes/run.ts'
import { twoTowerSchema } from '../../../main/contract/shapes/spec.ts'
import { MlflowClient, type Measured } from '../../../main/engine/export/mlflow/client.ts'
import type { TrackedRun } from '../../../main/engine/export/mlflow/facts.ts'
import { MlflowFollower } from '../../../main/engine/export/mlflow/follower.ts'
import { MlflowTelling, type TrackedSource } from '../../../main/engine/export/mlflow/telling.ts'

interface Kept {
  readonly metrics: Measured[]
  readonly params: Map<string, string>
  readonly requests: string[]
  status: string
  made: number
}

/** `drop` says of a request that was carried out whether its answer is lost. */
async function serve(drop: (path: string, kept: Kept) => boolean): Promise<{ uri: string; kept: Kept; server: Server }> {
  const kept: Kept = { metrics: [], params: new Map(), requests: [], status: '', made: 0 }
  const latest = (): Measured[] => [...new Map(kept.metrics.toSorted((a, b) => a.step - b.step).map((each) => [each.key, each])).values()]
  const run = (): object => ({
    info: { run_id: 'theirs', status: kept.status },
    data: { metrics: latest(), params: [...kept.params].map(([key, value]) => ({ key, value })) },
  })
  const answers: Readonly<Record<string, (body: never) => object>> = {
    'experiments/get-by-name': () => ({ experiment: { experiment_id: '1', lifecycle_stage: 'active' } }),
    'runs/search': () => (kept.made === 0 ? {} : { runs: [run()] }),
    'runs/create': () => {
      kept.made++
      kept.status = 'RUNNING'
      return { run: run() }
    },
    'runs/get': () => ({ run: run() }),
    'runs/log-batch': ({ metrics, params }: { metrics: Measured[]; params: { key: string; value: string }[] }) => {
      expect(metrics.length).toBeLessThanOrEqual(1000)
      expect(params.length).toBeLessThanOrEqual(100)
      kept.metrics.push(...metrics)
      for (const { key, value } of params) kept.params.set(key, value)
      return {}
    },
    'runs/update': ({ status }: { status: string }) => {
      kept.status = status
      return {}
    },
  }
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const path = request.url!.split('/mlflow/')[1]!.split('?')[0]!
      kept.requests.push(path)
      const answer = answers[path]!(body as never)
      if (drop(path, kept)) request.socket.destroy()
      else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  servers.push(server)
  return { uri: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, kept, server }
}

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections()
})

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const pieces: Buffer[] = []
  for await (const piece of request) pieces.push(piece as Buffer)
  return pieces.length === 0 ? {} : JSON.parse(Buffer.concat(pieces).toString())
}

const STEPS = 1000
const EPOCHS = 5
/** A run of 1,000 steps whose loss is not known at the third. */
function source(): TrackedSource {
  const rows = Array.from({ length: STEPS }, (_, i): StepRow => ({
    step: i + 1,
    epoch: 1 + Math.floor((i * EPOCHS) / STEPS),
    loss: i === 2 ? NaN : 1 / (i + 1),
    learningRate: 0.1,
    examplesPerSecond: i === 0 ? NaN : 1000,
  }))
  const epochsLog = Array.from({ length: EPOCHS }, (_, i) => ({
    epoch: i + 1,
    loss: 1 / (i + 1),
    examplesPerSecond: 1000,
    learningRate: 0.1,
    validation: { 'recall@20': i / 10 },
  }))
  const run: TrackedRun = {
    ...{ run: 'mine', name: 'a run', dataset: 'd', recipe: null, state: 'finished', createdAt: '2026-11-29T12:00:00.000Z', seconds: 60 },
    ...{ spec: twoTowerSchema.parse({}), environment: null, protocolHash: 'abc', notes: '', tags: [] },
    ...{ metrics: { 'recall@20': 0.25 }, baseline: { 'recall@20': 0.125 }, epochsLog },
  }
  return { run: () => run, steps: (after, most) => rows.filter(({ step }) => step > after).slice(0, most) }
}

function expectWhole({ metrics, params, status, made }: Kept): void {
  const of = (key: string): unknown[] => metrics.filter((each) => each.key === key).map(({ step, value }) => [step, value])
  expect(of('train/loss')).toEqual(Array.from({ length: STEPS }, (_, i) => [i + 1, i === 2 ? 'NaN' : 1 / (i + 1)]))
  expect(of('train/examples_per_second')).toHaveLength(STEPS - 1)
  expect(of('validation/recall_at_20')).toEqual(Array.from({ length: EPOCHS }, (_, i) => [i + 1, i / 10]))
  expect(of('test/recall_at_20')).toEqual([[0, 0.25]])
  expect(of('most_popular/recall_at_20')).toEqual([[0, 0.125]])
  expect(params.get('training.batchSize')).toBe(JSON.stringify(twoTowerSchema.parse({}).training.batchSize))
  expect({ status, made }).toEqual({ status: 'FINISHED', made: 1 })
}

test('whichever answer is lost, each point is there once when it has been told again', async () => {
  const whole = await serve(() => false)
  for await (const _ of new MlflowTelling(new MlflowClient(whole.uri), source()).tell());
  expectWhole(whole.kept)
  const count = whole.kept.requests.length
  expect(count).toBeGreaterThan(8)
  for (let lost = 1; lost <= count; lost++) {
    const { uri, kept } = await serve((_, { requests }) => requests.length === lost)
    const telling = new MlflowTelling(new MlflowClient(uri), source())
    await expect(async () => {
      for await (const _ of telling.tell());
    }, `answer ${lost}`).rejects.toThrow()
    for await (const _ of telling.tell());
    expectWhole(kept)
  }
})

// steps in four pieces; epochs, params, metrics and tags
test('what another process has told is not told again', async () => {
  const { uri, kept } = await serve(() => false)
  for (let i = 0; i < 3; i++) for await (const _ of new MlflowTelling(new MlflowClient(uri), source()).tell());
  expectWhole(kept)
  expect(kept.requests.filter((path) => path === 'runs/log-batch')).toHaveLength(8)
})

test.for([
  ['running', 'RUNNING'],
  ['paused', 'SCHEDULED'],
  ['cancelled', 'KILLED'],
  ['interrupted', 'KILLED'],
  ['failed', 'FAILED'],
] as const)('a run that is %s is %s there, and finished when it has gone on to its end', async ([state, status]) => {
  const { uri, kept } = await serve(() => false)
  const whole = source()
  const before: TrackedSource = { ...whole, run: () => ({ ...whole.run(), state, metrics: {}, baseline: {} }) }
  for await (const _ of new MlflowTelling(new MlflowClient(uri), before).tell());
  expect(kept.status).toBe(status)
  for await (const _ of new MlflowTelling(new MlflowClient(uri), source()).tell());
  expectWhole(kept)
})

test('a server that comes back while the run trains is told what it missed, and both are said once', async () => {
  let isAway = true
  const { uri, kept } = await serve(() => isAway)
  const said: string[] = []
  const words = { warn: (text: string) => void said.push(text), info: (text: string) => void said.push(text) }
  const follower = new MlflowFollower(new MlflowTelling(new MlflowClient(uri), source()), { uri, run: 'mine', words })
  follower.hear()
  await expect.poll(() => said.length, { timeout: 30_000 }).toBe(1)
  expect(said[0]).toContain('cannot be reached')
  follower.hear()
  isAway = false
  await expect.poll(() => said.length, { timeout: 30_000 }).toBe(2)
  expect(said[1]).toContain('answers again')
  await follower.ended()
  expect(said).toHaveLength(2)
  expectWhole(kept)
})
