/** The line of a server, with tasks that take as long as a tower's run might. */
import { describe, expect, test } from 'vitest'
import { BUSY, RequestQueue } from '../../../main/hosts/serve/request-queue.ts'

const LIMITS = { lanes: 1, handful: 0, waiting: 512, patience: 60, burst: 40, standing: 10 }
/** What a loaded machine may take between a look at the clock and the next line. */
const SLACK_MS = 100

interface Outcome {
  readonly waited: number | null
  readonly toldAfter: number
}

/** Asks for a turn; what became of it. */
async function ask(line: RequestQueue, ms: number): Promise<Outcome> {
  const since = performance.now()
  let waited: number | null = null
  try {
    await line.turn(since, async () => {
      waited = performance.now() - since
      await pause(ms)
    })
  } catch (error) {
    expect(error).toBe(BUSY)
  }
  return { waited, toldAfter: performance.now() - since }
}

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms))

test('each begins when the one before has ended, in the order they came', async () => {
  const line = new RequestQueue({ ...LIMITS, patience: 60_000, burst: 60_000 })
  const seen: string[] = []
  const turn = (name: string): Promise<unknown> =>
    line.turn(performance.now(), async () => {
      seen.push(`${name} begins`)
      await pause(2)
      seen.push(`${name} ends`)
    })
  await Promise.all([turn('a'), turn('b'), turn('c')])
  expect(seen).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends'])
})

test('two lanes: the next is under way before the first has ended, a third is not', async () => {
  const line = new RequestQueue({ ...LIMITS, lanes: 2, patience: 60_000, burst: 60_000 })
  let [under, most] = [0, 0]
  const turn = (): Promise<void> =>
    line.turn(performance.now(), async () => {
      most = Math.max(most, ++under)
      await pause(1)
      under--
    })
  await Promise.all(Array.from({ length: 6 }, turn))
  expect([most, under]).toEqual([2, 0])
})

test('quick ones go in handfuls, slow ones do not', async () => {
  const most = async (ms: number): Promise<number> => {
    const line = new RequestQueue({ ...LIMITS, lanes: 2, handful: 2, patience: 60_000, burst: 60_000 })
    let [under, found] = [0, 0]
    const turn = (): Promise<void> =>
      line.turn(performance.now(), async () => {
        found = Math.max(found, ++under)
        if (ms > 0) await pause(ms)
        else await Promise.resolve()
        under--
      })
    await Promise.all(Array.from({ length: 400 }, turn))
    found = 0 // the pace is known by now
    await Promise.all(Array.from({ length: 40 }, turn))
    return found
  }
  expect(await most(0)).toBeGreaterThan(2)
  expect(await most(2)).toBe(2)
})

test('a failure is its own alone', async () => {
  const line = new RequestQueue({ ...LIMITS, patience: 60_000, burst: 60_000 })
  const failed = line.turn(performance.now(), () => Promise.reject(new RangeError('this one')))
  const fine = line.turn(performance.now(), async () => 7)
  await expect(failed).rejects.toThrow('this one')
  expect(await fine).toBe(7)
})

describe('more than can be done', () => {
  test('none is begun after the patience is over, and each hears of it by then and one turn', async () => {
    const line = new RequestQueue({ ...LIMITS, burst: 60_000 }) // what is let in is not foretold: only the patience holds
    const outcomes = await Promise.all(Array.from({ length: 100 }, () => ask(line, 5)))
    const begun = outcomes.filter(({ waited }) => waited !== null)
    expect(begun.length).toBeGreaterThan(0)
    expect(begun.length).toBeLessThan(100)
    for (const { waited } of begun) expect(waited).toBeLessThan(LIMITS.patience + SLACK_MS)
    expect(line.waiting).toBe(0)
  })

  test('where the line never runs empty it is kept short, and whoever is too many is refused at once', async () => {
    const line = new RequestQueue({ ...LIMITS, patience: 60_000 })
    const outcomes: Promise<Outcome>[] = []
    let [refusedAtOnce, longest, done] = [0, 0, 0]
    // two more each turn of the loop, for tasks that take longer than that: the line can only grow. Turns are counted, as a machine that others
    // keep busy may hold this up for most of any time
    while (done < 120) {
      for (let i = 0; i < 2; i++) {
        if (!line.admits(performance.now())) refusedAtOnce++
        const outcome = ask(line, 2)
        outcomes.push(outcome)
        void outcome.then(({ waited }) => (done += Number(waited !== null)))
      }
      if (done > 60) longest = Math.max(longest, line.waiting)
      await new Promise(setImmediate)
    }
    const settled = await Promise.all(outcomes)
    expect(refusedAtOnce).toBeGreaterThan(0)
    expect(settled.some(({ waited }) => waited !== null)).toBe(true)
    // a turn takes more than a millisecond, so that no more than this many are begun in the time that is let stand
    expect(longest).toBeLessThanOrEqual(LIMITS.standing + 1)
  })

  test('a short burst on an empty line is taken whole', async () => {
    const line = new RequestQueue({ ...LIMITS, patience: 60_000, burst: 60_000 })
    await ask(line, 1)
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => ask(line, 1)))
    expect(outcomes.every(({ waited }) => waited !== null)).toBe(true)
  })

  test('one turn that was held up refuses nobody who came meanwhile or comes then', async () => {
    const line = new RequestQueue({ ...LIMITS, burst: 100, standing: 50, patience: 60_000 })
    const quick = (): Promise<void> => line.turn(performance.now(), () => Promise.resolve())
    for (let i = 0; i < 500; i++) await quick() // the pace is known by now
    const end = Promise.withResolvers<undefined>()
    let isAdmitted = false
    const turns = [
      line.turn(performance.now(), () => end.promise),
      line.turn(performance.now(), async () => void (isAdmitted = line.admits(performance.now()))),
      ...Array.from({ length: 150 }, quick),
    ]
    await pause(120)
    end.resolve(undefined)
    await Promise.all(turns)
    expect(isAdmitted).toBe(true)
  })

  test('no more than the limit wait; the pieces of what was begun are not refused', async () => {
    const line = new RequestQueue({ ...LIMITS, handful: 0, waiting: 3, patience: 60_000, burst: 60_000 })
    const outcomes = Array.from({ length: 10 }, () => ask(line, 1))
    const piece = line.again(async () => 'done')
    expect((await Promise.all(outcomes)).filter(({ waited }) => waited !== null)).toHaveLength(1 + 3)
    expect(await piece).toBe('done')
  })

  test('what came while the thread was held up is taken, but not where the line never runs empty', async () => {
    const line = new RequestQueue({ ...LIMITS, burst: 30, standing: 60_000, patience: 60_000 })
    const late = performance.now() - 60_001
    expect(line.admits(late)).toBe(true)
    const end = Promise.withResolvers<undefined>()
    const turns = [line.turn(performance.now(), () => end.promise), ask(line, 1), ask(line, 1)]
    expect(line.admits(late)).toBe(true)
    await pause(45)
    expect([line.admits(late), line.admits(performance.now())]).toEqual([false, true])
    end.resolve(undefined)
    await Promise.all(turns)
    expect(line.admits(late)).toBe(true)
  })

  test('what nobody waits for any more is not worked out', async () => {
    const line = new RequestQueue({ ...LIMITS, patience: 60_000 })
    let worked = 0
    await expect(
      line.turn(
        performance.now(),
        async () => worked++,
        () => false,
      ),
    ).rejects.toBe(BUSY)
    expect(worked).toBe(0)
  })
})
