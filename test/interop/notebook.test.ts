/**
 * The notebook of an export, run by Jupyter's own client: what each cell computes by NumPy and pandas is what Pylon wrote into it, by every
 * way of ranking, with seen items and without, with a test part of several events; and beside other vectors it is not.
 */
import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect } from 'vitest'
import { findPython } from '../../main/engine/export/python.ts'
import { needing } from '../helpers/needs.ts'
import { writeSmallMarket } from '../helpers/small-market.ts'
import { answerOf } from '../helpers/workspace.ts'

const root = mkdtempSync(join(tmpdir(), 'pylon-notebook-'))
const home = join(root, 'home')
const { test, describe } = needing('python')

const interests = { kind: 'history', dim: 64, encoder: { kind: 'interests', count: 2 } }
/** By what they rank, and how they are measured. */
const RUNS: Readonly<Record<string, { readonly recipe: string; readonly settings: readonly string[] }>> = {
  cosine: { recipe: 'two-tower', settings: ['match.kind=cosine'] },
  // by seed 1 the fifth and sixth item of a user are 4e-7 apart, which float32 may order either way
  dot: { recipe: 'mf-softmax', settings: ['match.kind=dot', 'evaluation.seen=included', 'training.seed=2'] },
  euclidean: { recipe: 'mf-softmax', settings: ['training.init.kind=random', 'match.kind=euclidean', 'evaluation.events=["buy"]'] },
  interests: {
    recipe: 'mf-softmax',
    settings: ['match.kind=cosine', `user.features=${JSON.stringify([interests])}`, 'user.hidden=[]', 'user.output=null'],
  },
}

const succeed = (...args: string[]): Promise<object> => answerOf(args, { home })

interface Told {
  readonly text: number
  readonly table: number
  readonly picture: number
  readonly apart: readonly string[]
}

async function ran(folder: string): Promise<Told> {
  const { stdout } = await promisify(execFile)(findPython()!, [join(import.meta.dirname, 'notebook.py'), folder])
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as Told
}

describe('a notebook', () => {
  beforeAll(async () => {
    const { interactions, items } = writeSmallMarket(join(root, 'market'), { events: ['view', 'buy', 'view'] })
    await succeed('import', '--name', 'market', '--interactions', interactions, '--items', items, '--kinds', 'title=text,genre=category')
    for (const [name, { recipe, settings }] of Object.entries(RUNS)) {
      const all = ['training.epochs=2', 'training.batchSize=64', 'training.embeddingSd=0.6', ...settings].flatMap((each) => ['--set', each])
      await succeed('train', '--dataset', 'market', '--recipe', recipe, '--name', name, ...all)
      await succeed('export', '--run', name, '--format', 'notebook', '--out', join(root, name))
    }
  })
  afterAll(() => rm(root, { recursive: true, force: true }))

  for (const name of Object.keys(RUNS))
    test(`shows what it computes: ${name}`, async () => {
      expect(await ran(join(root, name))).toEqual({ text: 3, table: 8, picture: 3, apart: [] })
    })

  test('tells of vectors that are not those it was written with', async () => {
    const other = join(root, 'other')
    cpSync(join(root, 'cosine'), other, { recursive: true })
    cpSync(join(root, 'dot', 'user_vectors.npy'), join(other, 'user_vectors.npy'))
    cpSync(join(root, 'dot', 'item_vectors.npy'), join(other, 'item_vectors.npy'))
    const { apart } = await ran(other)
    expect(apart.join('\n')).toMatch(/^metrics: .*\n/m)
    expect(apart.join('\n')).toMatch(/^check: 'The numbers above differ .* by at most 0\.[0-9]*[1-9]/m)
  })

  test('has no path of this machine, and no outputs of a run', () => {
    const notebook = readFileSync(join(root, 'cosine', 'run.ipynb'), 'utf8')
    expect(notebook).not.toContain(root)
    expect(notebook).not.toContain('{{')
  })
})
