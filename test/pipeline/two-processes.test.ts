/**
 * Two processes in one workspace: what a command line does there is announced by an engine that stays, and a run whose process was killed
 * does not read "running" any more, without anybody opening anything anew.
 */
import type { ChildProcess } from 'node:child_process'
import { expect, test } from 'vitest'
import type { Events } from '../../main/contract/events.ts'
import { openEngine } from '../../main/engine/index.ts'
import { forkJob } from '../../main/hosts/child.ts'
import { entry } from '../helpers/job-bodies.ts'
import { pylon, withWorkspace } from '../helpers/workspace.ts'

test('a command line in the same workspace is seen, and its death too', { timeout: 900_000 }, () =>
  withWorkspace(async (home) => {
    const engine = openEngine({ home, purpose: 'stay', fork: () => forkJob(entry) })
    const seen: { event: keyof Events; of: string }[] = []
    engine.subscribe(
      (event, payload) =>
        void seen.push({
          event,
          of: Object.values(payload as object)
            .map(String)
            .join(),
        }),
    )
    // on a busy machine a training takes more than a minute to its first epoch
    const patient = { timeout: 240_000 }
    let child: ChildProcess | null = null
    const forget = (): void => void seen.splice(0)
    try {
      // a dataset appears, and is gone again
      expect((await pylon(['import', '--sample', '--name', 'market'], { home })).code).toBe(0)
      await expect.poll(() => seen, patient).toContainEqual({ event: 'datasets.changed', of: 'market' })

      // items get a name
      const named = await pylon(['segments', 'save', 'first', '--dataset', 'market', '--items', '0,1'], { home })
      expect(named.code, named.stderr).toBe(0)
      await expect.poll(() => seen.map(({ event }) => event), patient).toContain('segments.changed')

      // a run is trained to its end: the last that is announced of it comes after its end
      forget()
      const { code, json } = await pylon(['train', '--dataset', 'market', '--recipe', 'most-popular', '--json'], { home })
      expect(code).toBe(0)
      const run = String(json!['run'])
      await expect.poll(() => seen, patient).toContainEqual({ event: 'runs.changed', of: run })
      expect(await engine.call('runs.show', { run })).toMatchObject({ state: 'finished' })

      // what is written about a finished one: asked for at each announcement, as pages do
      const tags: unknown[] = []
      const stop = engine.subscribe((event) => {
        if (event === 'runs.changed')
          void engine.call('runs.show', { run }).then((shown) => tags.push(...(shown as { tags: string[] }).tags))
      })
      expect((await pylon(['note', run, '--tags', 'seen'], { home })).code).toBe(0)
      await expect.poll(() => tags, patient).toContain('seen')
      stop()

      // killed in the middle
      forget()
      const training = pylon(
        [
          'train',
          '--dataset',
          'market',
          '--recipe',
          'mf-softmax',
          '--set',
          'training.epochs=100000',
          '--set',
          'training.earlyStopping=null',
        ],
        { home, onStart: (started) => (child = started) },
      )
      const state = async (): Promise<unknown> => {
        const { runs } = (await engine.call('runs.list', {})) as { runs: { run: string; state: string; epochs: number }[] }
        const last = runs.find((each) => each.run !== run)
        return last === undefined ? null : last.epochs > 0 ? last.state : 'queued'
      }
      await expect.poll(state, patient).toBe('running')
      const { runs } = (await engine.call('runs.list', {})) as { runs: { run: string }[] }
      const killed = runs.find((each) => each.run !== run)!.run
      await expect.poll(() => seen, patient).toContainEqual({ event: 'runs.changed', of: killed })
      child!.kill('SIGKILL')
      await training
      forget()
      await expect.poll(state, patient).toBe('interrupted')
      await expect.poll(() => seen, patient).toContainEqual({ event: 'runs.changed', of: killed })
      expect(await engine.call('runs.show', { run: killed })).toMatchObject({
        error: expect.stringContaining(`pylon train --resume ${killed}`) as string,
      })

      // deleted by another process
      forget()
      expect((await pylon(['delete', killed], { home })).code).toBe(0)
      await expect.poll(() => seen, patient).toContainEqual({ event: 'runs.changed', of: killed })
    } finally {
      ;(child as ChildProcess | null)?.kill('SIGKILL')
      await engine.close()
    }
  }),
)
