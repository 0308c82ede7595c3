/** The line of a server, with tasks that hold the thread for as long as a tower's run might. */
import { describe, expect, test } from 'vitest'
import { BUSY, Line } from '../../../main/hosts/serve/line.ts'

const LIMITS = { waiting: 512, patience: 60, burst: 40, standing: 10 }
/** What a loaded machine may take between a look at the clock and the next line. */
const SLACK_MS = 100

function hold(ms: number): void {
  const until = performance.now() + ms
  while (performance.now() < until);
}

interface Outcome {
  readonly waited: number | null
  readonly toldAfter: number
}

/** Asks for a turn; what became of it. */
async function ask(line: Line, ms: number): Promise<Outcome> {
  const since = performance.now()
  let waited: number | null = null
  try {
    await line.turn(since, () => {
      waited = performance.now() - since
      hold(ms)
    })
  } catch (error) {
    expect(error).toBe(BUSY)
  }
  return { waited, toldAfter: performance.now() - since }
}

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms))

test('each begins when the one before has ended, in the order they came', async () => {
  const line = new Line({ ...LIMITS, patience: 60_000, burst: 60_000 })
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

test('a failure is its own alone', async () => {
  const line = new Line(LIMITS)
  const failed = line.turn(performance.now(), () => {
    throw new RangeError('this one')
  })
  const fine = line.turn(performance.now(), () => 7)
  await expect(failed).rejects.toThrow('this one')
  expect(await fine).toBe(7)
})

describe('more than can be done', () => {
  test('none is begun after the patience is over, and each hears of it by then and one turn', async () => {
    const line = new Line({ ...LIMITS, burst: 60_000 }) // what is let in is not foretold: only the patience holds
    const outcomes = await Promise.all(Array.from({ length: 100 }, () => ask(line, 5)))
    const begun = outcomes.filter(({ waited }) => waited !== null)
    expect(begun.length).toBeGreaterThan(0)
    expect(begun.length).toBeLessThan(100)
    for (const { waited } of begun) expect(waited).toBeLessThan(LIMITS.patience + SLACK_MS)
    expect(line.waiting).toBe(0)
  })

  test('where the line never runs empty it is kept short, and whoever is too many is refused at once', async () => {
    const line = new Line({ ...LIMITS, patience: 60_000 })
    const outcomes: Promise<Outcome>[] = []
    let refusedAtOnce = 0
    // one more each turn of the loop, for tasks that take longer than that: the line can only grow
    for (const end = performance.now() + 400; performance.now() < end; await new Promise(setImmediate)) {
      for (let i = 0; i < 2; i++) {
        if (!line.admits(performance.now())) refusedAtOnce++
        outcomes.push(ask(line, 2))
      }
    }
    const settled = await Promise.all(outcomes)
    expect(refusedAtOnce).toBeGreaterThan(0)
    const late = settled.slice(settled.length / 2).filter(({ waited }) => waited !== null)
    expect(late.length).toBeGreaterThan(0)
    // foretold from the pace of the turns before: half as much again for a turn that takes longer than those
    for (const { waited } of late) expect(waited).toBeLessThan(LIMITS.standing * 1.5 + SLACK_MS)
  })

  test('a short burst on an empty line is taken whole', async () => {
    const line = new Line({ ...LIMITS, patience: 60_000, burst: 60_000 })
    await ask(line, 1)
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => ask(line, 1)))
    expect(outcomes.every(({ waited }) => waited !== null)).toBe(true)
  })

  test('no more than the limit wait; the pieces of what was begun are not refused', async () => {
    const line = new Line({ ...LIMITS, waiting: 3 })
    const outcomes = Array.from({ length: 10 }, () => ask(line, 1))
    const piece = line.again(() => 'done')
    expect((await Promise.all(outcomes)).filter(({ waited }) => waited !== null)).toHaveLength(3)
    expect(await piece).toBe('done')
  })

  test('what has waited too long already is refused', () => {
    const line = new Line(LIMITS)
    expect(line.admits(performance.now())).toBe(true)
    expect(line.admits(performance.now() - LIMITS.patience - 1)).toBe(false)
  })

  test('what nobody waits for any more is not worked out', async () => {
    const line = new Line(LIMITS)
    let worked = 0
    await expect(
      line.turn(
        performance.now(),
        () => worked++,
        () => false,
      ),
    ).rejects.toBe(BUSY)
    expect(worked).toBe(0)
  })
})
