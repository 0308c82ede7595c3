/**
 * A disk of 60 MB that gets full in the middle of a command. The command ends with the clear error or as if nothing had been; with no byte
 * free the workspace opens, is listed, and a run can be deleted; with room again all goes on, and a failed training ends bit-equal.
 */
import { spawnSync } from 'node:child_process'
import { closeSync, mkdirSync, openSync, rmSync, statSync, truncateSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { Store } from '../../main/engine/store/store.ts'
import { killed } from './kill.ts'
import { makeCases, resumedFaults, type Cases, type Place } from './kill-cases.ts'
import { Chance, type Part } from './part.ts'
import { describe, faultsOf, filesBelow } from './sound.ts'

const SIZE_MB = 60
const COMMANDS = ['import', 'train', 'index', 'export', 'delete'] as const

export const fullDisk: Part = async ({ count, seed, folder, signal, say, from }) => {
  const disk = join(folder, 'disk')
  mkdirSync(disk)
  if (!mounted(disk)) return { done: 'not run', failures: [], notes: ['not run: it needs the right to mount a tmpfs'] }
  spawnSync('umount', [disk])
  const made = await makeCases(folder)
  const failures: string[] = []
  const ends = { done: 0, refused: 0 }
  let number = from
  for (; number < from + count && !signal.aborted; number++) {
    const name = COMMANDS[number % COMMANDS.length]!
    if (!mounted(disk)) throw new Error('The second tmpfs cannot be mounted.')
    try {
      const { code, faults } = await one(made, name, new Chance(seed, number), disk)
      if (code === 0) ends.done++
      else ends.refused++
      for (const fault of faults) {
        failures.push(`${name}, seed ${seed}, number ${number}: ${fault}`)
        say(failures.at(-1)!)
      }
    } finally {
      spawnSync('umount', ['-l', disk])
    }
    if (number % 10 === 9) say(`${number + 1} times full, ${failures.length} failures`)
  }
  const note = `${ends.refused} of the commands ended with the clear error, ${ends.done} came through before or on the room they had`
  return { done: `${number - from} times full`, failures, notes: [note] }
}

const mounted = (disk: string): boolean => spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE_MB}m`, 'tmpfs', disk]).status === 0

async function one(
  made: Cases,
  name: (typeof COMMANDS)[number],
  chance: Chance,
  disk: string,
): Promise<{ code: number | null; faults: string[] }> {
  const which = made.cases[name]!
  const place: Place = { home: join(disk, 'home'), out: join(disk, 'out') }
  made.place('usual', place.home)
  // at once, or anywhere in a command of some seconds; now and then a few kilobytes are left
  const delay = chance.below(4) === 0 ? 0 : chance.share() * 3_000
  const left = chance.pick([0, 0, 0, 4, 16, 64, 256, 1024]) * 1024
  const filling = setTimeout(() => fill(join(disk, 'filler'), left), delay)
  if (delay === 0) fill(join(disk, 'filler'), left)
  const ended = await killed(which.args(place), null)
  clearTimeout(filling)
  const faults: string[] = []
  if (ended.lingering !== null) faults.push(ended.lingering)
  if (ended.code !== 0 && (ended.code !== 2 || !/disk is full/i.test(ended.stderr)))
    faults.push(`it ends with ${ended.code}: ${ended.stderr.slice(-400)}`)
  fill(join(disk, 'filler-2'), 0)
  const deleted = deletedWhileFull(place.home, faults)
  for (const filler of ['filler', 'filler-2']) rmSync(join(disk, filler), { force: true })
  const rewritten = new Set([...(which.rewritten ?? []), ...deleted])
  const [second] = [...which.known.runs].find(([, { measured }]) => measured.includes('"notes":"kept"'))!
  const runs = new Map([...which.known.runs].filter(([id]) => id !== second))
  const found = faultsOf(place.home, { ...which.known, runs, trashed: new Set() }, { rewritten })
  const newRuns = found.newRuns.filter((id) => id !== second)
  faults.push(...found.faults)
  try {
    if (newRuns.length > 0) faults.push(...(await resumedFaults(made, place.home, newRuns[0]!)))
    else if (ended.code !== 0 && name !== 'delete') {
      rmSync(place.out, { recursive: true, force: true })
      const again = await killed(which.args(place), null)
      if (again.code !== 0) faults.push(`with room again it ends with ${again.code}: ${again.stderr.slice(-400)}`)
    }
  } catch (error) {
    faults.push(`with room again: ${describe(error)}`)
  }
  return { code: ended.code, faults }
}

/** Lists the runs and removes the second with no byte free. @returns the hashes of the files that went */
function deletedWhileFull(home: string, faults: string[]): string[] {
  try {
    const store = new Store(home)
    try {
      const runs = store.runs.list()
      const second = runs.find((run) => run.name === 'second')
      if (second === undefined) {
        const freed = filesBelow(join(home, 'trash'))
        store.trash.empty()
        return [...freed.keys()]
      }
      const files = filesBelow(store.workspace.run(second.id))
      store.removeRun(second.id, { forever: true })
      return [...files.keys()]
    } finally {
      store.close()
    }
  } catch (error) {
    faults.push(`with a full disk: ${describe(error)}`)
    return []
  }
}

/** Takes all the room but `left` bytes. */
function fill(path: string, left: number): void {
  const file = openSync(path, 'a')
  try {
    for (let chunk = 1 << 20; chunk >= 512; chunk >>= 1) {
      const zeros = Buffer.alloc(chunk)
      try {
        while (writeSync(file, zeros) === chunk);
      } catch {
        // no room for a chunk of this size
      }
    }
  } finally {
    closeSync(file)
  }
  if (left > 0) truncateSync(path, Math.max(0, statSync(path).size - left))
}
