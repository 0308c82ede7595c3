/**
 * Kills a command of each kind at seeded moments (a time, or the n-th change of a file): all its processes, its job's alone, or its engine
 * alone. After each, the workspace must be sound and hold all it held; what was being trained can go on, and a sample of that must end
 * bit-equal to a training that nobody killed.
 */
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { killed, type Ended, type Moment, type Victim } from './kill.ts'
import { makeCases, resumedFaults, type Cases, type Place } from './kill-cases.ts'
import { Chance, type Part } from './part.ts'
import { describe, faultsOf } from './sound.ts'

const WORKERS = 2
/** Every so many kills of a training, it is resumed to its end. */
const RESUMED_EVERY = 4

const TRAININGS = new Set(['train', 'checkpoint', 'final write'])

/** Of a command that nobody kills. */
interface Pace {
  ms: number
  changes: number
}

export const kills: Part = async ({ count, seed, folder, signal, say, from }) => {
  const made = await makeCases(folder)
  const names = Object.keys(made.cases)
  const paces = await pacesOf(made, folder)
  say(names.map((name) => `${name} ${(paces[name]!.ms / 1000).toFixed(1)} s, ${paces[name]!.changes} changes`).join('; '))
  const failures: string[] = []
  const tally = { kills: 0, missed: 0, resumed: 0, next: from }
  const worker = async (): Promise<void> => {
    while (tally.next < from + count && !signal.aborted) {
      const number = tally.next++
      const name = names[number % names.length]!
      const chance = new Chance(seed, number)
      const place = { home: join(folder, `case-${number}`, 'home'), out: join(folder, `case-${number}`, 'out') }
      mkdirSync(join(folder, `case-${number}`))
      // a kill that came too late is tried anew, earlier
      let wasKilled = false
      for (let attempt = 0; attempt < 4 && !wasKilled; attempt++) {
        for (const path of [place.home, place.out, `${place.out}.zip`]) rmSync(path, { recursive: true, force: true })
        made.place(made.cases[name]!.base, place.home)
        const { ended, faults, resumed } = await one(made, { name, chance, pace: paces[name]!, place, number })
        wasKilled = ended.killed
        if (!wasKilled) tally.missed++
        tally.resumed += Number(resumed)
        for (const fault of faults) failures.push(`${name}, seed ${seed}, number ${number}: ${fault}`)
        for (const fault of faults) say(`${name}, number ${number}: ${fault}`)
      }
      tally.kills += Number(wasKilled)
      rmSync(join(folder, `case-${number}`), { recursive: true, force: true })
      if (tally.kills % 50 === 0)
        say(`${tally.kills} kills, ${tally.missed} too late, ${tally.resumed} resumed, ${failures.length} failures`)
    }
  }
  await Promise.all(Array.from({ length: WORKERS }, worker))
  return { done: `${tally.kills} kills`, failures, notes: [`${tally.resumed} of the killed trainings were resumed to their end`] }
}

/** How long each command takes, and how many changes its workspace sees, by trying. */
async function pacesOf(made: Cases, folder: string): Promise<Record<string, Pace>> {
  const paces: Record<string, Pace> = {}
  for (const [name, { args, base }] of Object.entries(made.cases)) {
    const place = { home: join(folder, `pace-${name}`, 'home'), out: join(folder, `pace-${name}`, 'out') }
    made.place(base, place.home)
    const ended = await killed(args(place), null, place.home)
    if (ended.code !== 0) throw new Error(`${name} does not work: ${ended.stderr}`)
    paces[name] = { ms: ended.ms, changes: Math.max(1, ended.changes) }
    rmSync(join(folder, `pace-${name}`), { recursive: true })
  }
  return paces
}

interface Turn {
  readonly name: string
  readonly chance: Chance
  readonly pace: Pace
  readonly place: Place
  readonly number: number
}

async function one(
  made: Cases,
  { name, chance, pace, place, number }: Turn,
): Promise<{ ended: Ended; faults: string[]; resumed: boolean }> {
  const which = made.cases[name]!
  const victim = chance.pick<Victim>(['group', 'group', 'job', 'engine'])
  const ended = await killed(which.args(place), { moment: momentOf(name, chance, pace, place.home), victim })
  if (!ended.killed) pace.ms = 0.7 * pace.ms + 0.3 * Math.min(pace.ms, ended.ms)
  const faults = ended.lingering === null ? [] : [ended.lingering]
  if (ended.code === 1 && !ended.stderr.includes('was killed')) faults.push(`it fails by itself: ${ended.stderr.slice(-300)}`)
  if (!ended.killed && ended.code !== 0) faults.push(`it ends with ${ended.code}: ${ended.stderr.slice(-300)}`)
  try {
    await which.first?.(place)
    const found = faultsOf(place.home, which.known, which)
    faults.push(...found.faults, ...(which.outside?.(place) ?? []), ...(TRAININGS.has(name) ? acknowledged(ended, found.newRuns) : []))
    faults.push(...((await which.after?.(place, victim)) ?? []))
    const [run] = found.newRuns
    const resumes = TRAININGS.has(name) && run !== undefined && ended.killed && number % RESUMED_EVERY === 0
    if (resumes) faults.push(...(await resumedFaults(made, place.home, run)))
    return { ended, faults, resumed: resumes }
  } catch (error) {
    return { ended, faults: [...faults, describe(error)], resumed: false }
  }
}

/** Mostly in the later part, where files are written; a third at a change of a file. */
function momentOf(name: string, chance: Chance, { ms, changes }: Pace, home: string): Moment {
  const share = chance.share()
  if (name === 'checkpoint') return { after: ms * (0.45 + 0.3 * share) }
  if (name === 'final write') return { after: ms * (0.7 + 0.3 * share) }
  if (chance.below(3) > 0) return { after: ms * (0.15 + 0.85 * share) }
  return { change: 1 + chance.below(changes), folder: home, unless: ms * 1.5 }
}

/** What was answered on stdout is there. */
function acknowledged({ stdout, killed: wasKilled }: Ended, newRuns: readonly string[]): string[] {
  if (!wasKilled || !stdout.includes('"run":"')) return []
  const run = /"run":"(\w+)"/.exec(stdout)?.[1]
  return stdout.startsWith('{"run"') && run !== undefined && !newRuns.includes(run) ? [`run ${run} was acknowledged and is not there`] : []
}
