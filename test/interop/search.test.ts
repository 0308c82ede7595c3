/** A search exported as a study, read by Optuna. */
import { execFile } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect } from 'vitest'
import { findPython } from '../../main/engine/export/python.ts'
import { needing } from '../helpers/needs.ts'
import { writeSmallMarket } from '../helpers/small-market.ts'
import { pylon } from '../helpers/workspace.ts'

const root = mkdtempSync(join(tmpdir(), 'pylon-study-'))
const home = join(root, 'home')

async function succeed(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await pylon(args, { home })
  if (code !== 0) throw new Error(stderr)
  return stdout
}

needing('python').describe('a search and Optuna', () => {
  const { test } = needing('python')
  beforeAll(async () => {
    const files = writeSmallMarket(join(root, 'files'))
    await succeed('import', '--name', 'small', '--interactions', files.interactions, '--items', files.items)
    await succeed(
      ...[
        'search',
        'start',
        '--dataset',
        'small',
        '--recipe',
        'two-tower',
        '--trials',
        '9',
        '--stop',
        'median',
        '--finals',
        '2',
        '--threads',
        '1',
      ],
      ...['--set', 'training.epochs=4', '--set', 'match.kind=dot', '--space', 'training.tables.learningRate=1e-4:1:log'],
      ...[
        '--space',
        'user.output+item.output=8:32:log:int',
        '--space',
        'user.hidden+item.hidden=[[],[16]]',
        '--space',
        'loss.logQ=0,0.5,1',
      ],
    )
  })
  afterAll(() => rm(root, { recursive: true, force: true, maxRetries: 3 }))

  test('the study has its trials, values, curves and importances, and goes on there', async () => {
    const [journal, shown] = [join(root, 'study.log'), join(root, 'search.json')]
    await succeed('search', 'export', 'two-tower', '--out', journal)
    writeFileSync(shown, await succeed('search', 'show', 'two-tower', '--json'))
    const env = { ...process.env, PYTHONDONTWRITEBYTECODE: '1' }
    const { stdout } = await promisify(execFile)(findPython()!, [join(import.meta.dirname, 'search.py'), journal, shown], { env })
    console.log(`search.py: ${stdout.trim()}`)
    expect(JSON.parse(stdout)).toMatchObject({ trials: 9 })
  })
})
