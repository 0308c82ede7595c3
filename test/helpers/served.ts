/** A model that serves: a small market trained and bundled by the real command line; and a real `pylon serve`. */
import { type ChildProcess, spawn } from 'node:child_process'
import { basename, join, resolve } from 'node:path'
import type { ChangeReport } from '../../main/contract/shapes/serving.ts'
import { writeSmallMarket } from './small-market.ts'
import { answerOf } from './workspace.ts'

const CLI = resolve(import.meta.dirname, '../../main/cli.ts')

/**
 * Trains a run for each bundle in the workspace `root/home`, and writes it there: `first.zip` is of the run `first`.
 * @returns the workspace
 */
export async function bundledMarket(root: string, bundles: readonly string[]): Promise<string> {
  const home = join(root, 'home')
  const { interactions, items } = writeSmallMarket(root)
  const must = (args: readonly string[]): Promise<object> => answerOf(args, { home })
  await must(['import', '--name', 'd', '--interactions', interactions, '--items', items])
  for (const [i, bundle] of bundles.entries()) {
    const name = basename(bundle, '.zip')
    const train = ['train', '--dataset', 'd', '--recipe', 'two-tower', '--name', name, '--seed', String(i + 1)]
    await must([...train, '--set', 'training.batchSize=64', '--set', 'training.epochs=2'])
    await must(['export', '--run', name, '--format', 'bundle', '--out', join(root, bundle)])
  }
  return home
}

export interface ServingCommand {
  readonly url: string
  readonly token: string
  /** what it found in its log */
  readonly changes: ChangeReport | null
  readonly process: ChildProcess
  /** what it has written to stderr so far */
  stderr(): string
  /** its exit code, or the signal that ended it */
  readonly ended: Promise<number | NodeJS.Signals | null>
}

/** `pylon serve --json …args`, once it serves. @throws where it ends before that, with what it wrote */
export async function servingCommand(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<ServingCommand> {
  const child = spawn(process.execPath, [CLI, 'serve', '--json', '--port', '0', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', ...env },
  })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const ended = new Promise<number | NodeJS.Signals | null>((done) => child.once('close', (code, signal) => done(code ?? signal)))
  const started = new Promise<Pick<ServingCommand, 'url' | 'token' | 'changes'>>((done, fail) => {
    child.stdout.setEncoding('utf8').once('data', (text: string) => {
      const told = JSON.parse(text) as Pick<ServingCommand, 'url' | 'token' | 'changes'> | { error: unknown }
      if ('url' in told) done(told)
    })
    void ended.then((how) => fail(new Error(`pylon serve ended (${how}): ${stderr.slice(-2000)}`)))
  })
  return { ...(await started), process: child, stderr: () => stderr, ended }
}
