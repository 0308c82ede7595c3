/**
 * The walk of an engineer who takes a model over: a fresh folder from `pylon export`, a later period of the market to train on, and a better
 * model, judged on rows after it that neither model saw.
 */
import { readFileSync } from 'node:fs'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { findPython } from '../../main/engine/export/python.ts'
import { type Period, writeLaterMarket } from '../helpers/later-market.ts'
import { needing } from '../helpers/needs.ts'
import { lastLine, runPython } from '../helpers/python.ts'
import { answerOf } from '../helpers/workspace.ts'

const FRAMEWORKS = ['pytorch', 'keras'] as const
const python = findPython()
let root = ''
let periods: Record<'first' | 'later' | 'judged', Period>

needing('python').describe('from an export to a better model', () => {
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'pylon-walk-'))
    periods = await writeLaterMarket(join(root, 'market'))
    const { interactions, users, items } = periods.first
    const map = 'user=user_id,item=listing_id,time=time,event=event,userId=user_id,itemId=id,title=title'
    const files = ['--interactions', interactions, '--users', users, '--items', items]
    await succeed('import', '--name', 'market', ...files, '--map', map, '--split', 'time:2024-07-15')
    const sets = ['epochs=2', 'batchSize=256'].flatMap((set) => ['--set', `training.${set}`])
    await succeed('train', '--dataset', 'market', '--recipe', 'two-tower', '--name', 'first', ...sets)
    for (const framework of FRAMEWORKS) await succeed('export', '--run', 'first', '--format', framework, '--out', join(root, framework))
  })
  afterAll(() => rm(root, { recursive: true, force: true, maxRetries: 3 }))

  describe.each(FRAMEWORKS)('%s', (framework) => {
    const { test } = needing(framework)
    const script = (...args: readonly string[]): Promise<string> =>
      runPython(python!, join(root, framework), [...args, '--device', 'cpu'], { TF_CPP_MIN_LOG_LEVEL: '3' })
    const rowsOf = ({ interactions, users, items }: Period): string[] => ['--data', interactions, '--users', users, '--items', items]

    test('a model of new rows is in use where it is better, and it is better on rows that neither saw', async () => {
      const project = join(root, framework)
      const shipped = await readFile(join(project, 'weights.safetensors'))
      const { later, judged } = periods
      const trained = lastLine(await script('train.py', ...rowsOf(later), '--epochs', '4')) as unknown as Trained
      expect(trained.after).toBeLessThan(trained.before)
      expect(trained).toMatchObject({ promoted: true, model: '1' })
      expect(trained.validation).toBeGreaterThan(trained.incumbent)

      const now = lastLine(await script('evaluate.py', ...rowsOf(judged)))
      const known = { interactions: judged.interactions, users: join(root, 'users.csv'), items: join(root, 'items.jsonl') }
      await writeFile(known.users, joined(later.users, judged.users))
      await writeFile(known.items, readFileSync(later.items, 'utf8') + readFileSync(judged.items, 'utf8'))
      const before = lastLine(await script('evaluate.py', '--model', 'shipped', '--seen', later.interactions, ...rowsOf(known)))
      console.log(`${framework}: recall@20 ${before['recall@20']!} as it came, ${now['recall@20']!} of new rows`)
      expect(now['recall@20']).toBeGreaterThan(before['recall@20']!)
      expect(await readFile(join(project, 'weights.safetensors'))).toEqual(shipped)
    }, 900_000)

    test('one that is not better by more than the noise asked for lies beside it, and is not in use', async () => {
      const { judged } = periods
      const trained = lastLine(
        await script('train.py', ...rowsOf(judged), '--epochs', '1', '--anew', '--errors', '3'),
      ) as unknown as Trained
      expect(trained).toMatchObject({ promoted: false, model: '2' })
      expect(trained.validation - trained.incumbent).toBeLessThan(3 * trained.standardError)
      expect(readFileSync(join(root, framework, 'models', 'current'), 'utf8')).toBe('1\n')
      const newcomer = lastRow(judged.users).split(',')[0]!
      const items = JSON.parse((await script('recommend.py', newcomer, '-k', '3', ...rowsOf(judged))).trim()) as { item: string }[]
      expect(new Set(items.map(({ item }) => item)).size).toBe(3)
    })

    if (framework === 'pytorch')
      test('towers in bfloat16 train on new rows to the same recall', async () => {
        const trained = async (name: string, ...more: string[]): Promise<Trained> => {
          const project = join(root, name)
          await cp(join(root, framework), project, { recursive: true })
          await rm(join(project, 'models'), { recursive: true, force: true })
          const args = ['train.py', '--device', 'cpu', ...rowsOf(periods.later), '--epochs', '4', ...more]
          return lastLine(await runPython(python!, project, args)) as unknown as Trained
        }
        const [plain, half] = [await trained('plain'), await trained('bfloat16', '--amp')]
        console.log(`recall@10 of the validation part ${plain.validation}, in bfloat16 ${half.validation}`)
        for (const each of [plain, half]) expect(each.validation).toBeGreaterThan(each.incumbent)
        expect(half.after).not.toBe(plain.after)
        expect(Math.abs(half.validation - plain.validation)).toBeLessThan(2 * plain.standardError)
      }, 900_000)

    test('what cannot be read is told with its place and remedy', async () => {
      const bad = join(root, 'bad.csv')
      await writeFile(bad, 'user_id,listing_id,event,time\nU00001,L00001,view,2024-12-20\nU00002,L00002,look,2024-12-20\n')
      await expect(script('evaluate.py', '--data', bad)).rejects.toThrow(
        'row 2: there is no event "look" in the run, which knows booking, click, view.',
      )
      await writeFile(bad, 'user_id,listing_id,event,time\nU00001,L00001,view,20/12/2024\n')
      await expect(script('evaluate.py', '--data', bad)).rejects.toThrow('row 1: Column "time" must hold a time')
      await writeFile(bad, 'user,listing_id,event,time\nU00001,L00001,view,2024-12-20\n')
      await expect(script('train.py', '--data', bad)).rejects.toThrow('There is no column "user_id": user, listing_id, event, time.')
      const named = lastLine(await script('evaluate.py', '--data', bad, '--map', 'user=user', '--model', 'shipped'))
      expect(Object.keys(named)).toContain('recall@10')
    })
  })
})

interface Trained {
  readonly before: number
  readonly after: number
  readonly validation: number
  readonly incumbent: number
  readonly standardError: number
}

const succeed = (...args: string[]): Promise<object> => answerOf(args, { home: join(root, 'home') })

const rowsIn = (path: string): string[] => readFileSync(path, 'utf8').trimEnd().split('\n')
const lastRow = (path: string): string => rowsIn(path).at(-1)!

/** The rows of two CSV files of the same columns. */
const joined = (a: string, b: string): string => [...rowsIn(a), ...rowsIn(b).slice(1)].join('\n')
