/** Where a run may be told: what is taken, and what is refused with the remedy. */
import { resolve } from 'node:path'
import { expect, test, vi } from 'vitest'
import { readTracker, trackerSchema } from '../../../main/contract/shapes/tracker.ts'
import { verbs } from '../../../main/contract/verbs.ts'
import { ANY_PATH, PathGuard } from '../../../main/engine/files/path-guard.ts'
import { serverOf } from '../../../main/engine/verbs/live-log.ts'

const refusal = (text: string): string => trackerSchema.safeParse(text).error?.issues[0]?.message ?? 'taken'

test.for([
  ['mlflow', { kind: 'mlflow', uri: null }],
  ['mlflow:http://host:5000/', { kind: 'mlflow', uri: 'http://host:5000' }],
  ['mlflow:https://host/base', { kind: 'mlflow', uri: 'https://host/base' }],
  ['tensorboard:some where/boards', { kind: 'tensorboard', folder: 'some where/boards' }],
] as const)('%s is taken', ([text, tracker]) => {
  expect(refusal(text)).toBe('taken')
  expect(readTracker(text)).toEqual(tracker)
})

test.for([
  ['boards', 'neither mlflow:http://HOST:5000 nor tensorboard:FOLDER'],
  ['wandb:mine', 'neither mlflow:http://HOST:5000 nor tensorboard:FOLDER'],
  ['tensorboard:', 'names no folder'],
  ['mlflow:', 'start a server'],
  ['mlflow:./mlruns', 'mlflow server --backend-store-uri sqlite:///mlflow.db'],
  ['mlflow:file:///tmp/mlruns', 'mlflow server --backend-store-uri sqlite:///mlflow.db'],
  ['mlflow:sqlite:///mlflow.db', "which MLflow's own server writes: start a server on it"],
  ['mlflow:postgresql+psycopg://db/mlflow', "which MLflow's own server writes"],
  ['mlflow:databricks', 'names a folder'],
  ['mlflow:databricks://profile', 'is of databricks, which is not spoken here'],
  ['mlflow:http://:5000', 'is no address'],
  ['mlflow:http://ada:secret@host:5000', 'set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD'],
] as const)('%s is refused', ([text, said]) => {
  expect(refusal(text)).toContain(said)
  expect(refusal(text)).not.toContain('secret')
})

test('the folder in it is a path, and the address of a server is none', () => {
  const { log } = ANY_PATH.input(verbs['runs.start'].input, { set: [], log: ['tensorboard:boards', 'mlflow:http://host:5000', 'mlflow'] })
  expect(log).toEqual([`tensorboard:${resolve('boards')}`, 'mlflow:http://host:5000', 'mlflow'])
})

test('who is held to some folders has runs told to the server of the environment alone, as its secrets go there', () => {
  const page = { guard: new PathGuard({ read: [], write: [], code: [], workspace: '/nowhere' }) }
  expect(() => serverOf(null, page, 'log')).toThrow('set MLFLOW_TRACKING_URI')
  vi.stubEnv('MLFLOW_TRACKING_URI', 'http://ours:5000/')
  expect(serverOf(null, page, 'log')).toBe('http://ours:5000')
  expect(serverOf('http://ours:5000', page, 'log')).toBe('http://ours:5000')
  expect(() => serverOf('http://theirs:5000', page, 'log')).toThrow('is not the server that this host was started with')
  expect(serverOf('http://theirs:5000', { guard: ANY_PATH }, 'log')).toBe('http://theirs:5000')
  vi.unstubAllEnvs()
})
