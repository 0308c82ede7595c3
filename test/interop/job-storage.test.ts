/** A job whose data lies in an object storage, as moto serves it in the place of S3: nodes share no folder, and keep what they read. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { cp, mkdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect } from 'vitest'
import { findPython } from '../../main/engine/export/python.ts'
import { epochsOf, stopped } from '../helpers/cluster-job.ts'
import { needing } from '../helpers/needs.ts'
import { freePort, runPython } from '../helpers/python.ts'
import { writeSmallMarket } from '../helpers/small-market.ts'
import { answerOf } from '../helpers/workspace.ts'

const SPEC = {
  user: { features: [{ kind: 'history', dim: 8, maxLength: 12, share: true }], hidden: [16], output: 8 },
  item: { features: [{ kind: 'id', dim: 8 }], hidden: [16], output: 8 },
  training: { batchSize: 64, epochs: 4 },
}
const KEYS = {
  AWS_ACCESS_KEY_ID: 'key',
  AWS_SECRET_ACCESS_KEY: 'secret',
  AWS_DEFAULT_REGION: 'us-east-1',
  AWS_EC2_METADATA_DISABLED: 'true',
}
const python = findPython()
const { describe, test } = needing('pytorch', 'ray')

describe('a job in an object storage', () => {
  let root = ''
  let server: ChildProcess
  let [endpoint, storage] = ['', '']
  const at = (name: string): string => join(root, name)
  /** where a node keeps what it reads */
  const env = (node: string): NodeJS.ProcessEnv => ({ ...KEYS, TMPDIR: at(node) })
  const run = (folder: string, node: string, ...args: string[]): Promise<string> =>
    runPython(python!, at(folder), ['run_job.py', ...args], env(node))
  const ask = (...args: string[]) => answerOf(args, { home: join(root, 'home') })

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'pylon-storage-'))
    const port = await freePort()
    endpoint = `http://127.0.0.1:${port}`
    storage = `s3://jobs/one?endpoint_override=${encodeURIComponent(endpoint)}`
    server = spawn(python!, ['-m', 'moto.server', '-p', String(port)], { stdio: 'ignore', env: { ...process.env, ...KEYS } })
    while (!(await reached(endpoint))) {
      expect(server.exitCode, 'moto ended').toBeNull()
      await sleep(200)
    }
    await fetch(`${endpoint}/jobs`, { method: 'PUT' })
    for (const node of ['node-a', 'node-b', 'node-c']) await mkdir(at(node))
    const { interactions, items } = writeSmallMarket(root)
    await ask('import', '--name', 'd', '--interactions', interactions, '--items', items)
    writeFileSync(at('spec.json'), JSON.stringify(SPEC))
    await ask('export-job', '--dataset', 'd', '--config', at('spec.json'), '--out', at('job'), '--files', '2')
    await cp(at('job'), at('calm'), { recursive: true })
    // the nodes have the program alone
    await cp(at('job'), at('program'), { recursive: true })
    for (const data of ['passes', 'interactions', 'job.json']) await rm(join(at('program'), data), { recursive: true })
  })
  afterAll(async () => {
    server.kill()
    await rm(root, { recursive: true, force: true })
  })

  test('it is sent, trained by nodes of which one takes the place of another, and brought back', async () => {
    const args = ['--workers', '2', '--shards', '2', '--checkpoint-steps', '4']
    await expect(run('program', 'node-a', '--storage', storage, ...args)).rejects.toThrow(/holds no job\.json: send the job there first/)
    expect(await run('job', 'node-a', '--storage', storage, '--send')).toMatch(/^\d+ files are in s3:/)
    const has = async (): Promise<boolean> => (await fetch(`${endpoint}/jobs/one/checkpoints/latest.json`)).ok
    await stopped(python!, at('program'), ['--storage', storage, ...args], { has, env: env('node-b') })
    // another machine, with other shards, which has read nothing of it before
    expect(await run('program', 'node-c', '--storage', storage, '--workers', '2', '--shards', '3')).toContain('shard 2 is process')
    await run('job', 'node-a', '--storage', storage, '--fetch')
    await run('calm', 'node-a', ...args)
    expect(epochsOf(at('job')).map(({ loss }) => loss)).toEqual(epochsOf(at('calm')).map(({ loss }) => loss))
    const weights = (folder: string): Buffer => readFileSync(join(at(folder), 'result/weights.safetensors'))
    expect(weights('job').equals(weights('calm'))).toBe(true)
    expect(readdirSync(at('program'))).not.toContain('result')
    expect(await ask('follow', at('job'))).toHaveProperty('metrics.recall@20')
  })

  test('no secret is taken in an address, and none is written', async () => {
    await expect(run('job', 'node-a', '--storage', 's3://key:secret@jobs/one', '--send')).rejects.toThrow(/holds a secret/)
    await expect(run('job', 'node-a', '--send')).rejects.toThrow(/--send and --fetch need --storage/)
    const texts = ['metrics.jsonl', 'result/result.json', 'job.json'].map((name) => readFileSync(join(at('job'), name), 'utf8'))
    expect(texts.join('\n')).not.toMatch(/secret|endpoint_override/)
  })
})

async function reached(address: string): Promise<boolean> {
  return fetch(address).then(
    () => true,
    () => false,
  )
}
