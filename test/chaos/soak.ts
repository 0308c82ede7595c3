/**
 * One engine that does a seeded mix of everything for an hour. Its memory (after a collection) and its open descriptors are sampled every
 * ten seconds, drawn, and judged by the slope of the last two thirds: what grows there would grow for ever.
 */
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { toErrorShape } from '../../main/contract/errors.ts'
import { Chance, type Part, type PartOptions } from './part.ts'
import { plotSoak, slopeOf, type Sample } from './soak-plot.ts'
import { soakActs, type Soaked } from './soak-acts.ts'
import { opened, tinyFiles } from './tiny.ts'

const SAMPLE_MS = 10_000
/** Growth an hour from which on it is a leak; the noise of an hour is some megabytes. */
const MAX_MB_AN_HOUR = 60
const MAX_DESCRIPTORS_AN_HOUR = 10

export const soak: Part = async (options) => {
  const { folder, seed, minutes, signal, say } = options
  const started = performance.now()
  const elapsed = (): number => (performance.now() - started) / 60_000
  const { engine, client, job, close } = opened(join(folder, 'home'))
  const soaked: Soaked = { client, job, files: tinyFiles(folder), folder, serial: 0 }
  const samples: Sample[] = []
  const failures: string[] = []
  const sample = (): void => {
    samples.push(sampleNow(elapsed()))
    writeCsv(options, samples)
  }
  const timer = setInterval(sample, SAMPLE_MS)
  engine.subscribe((event, payload) => {
    if (event === 'serving.ended') failures.push(`a server ended: ${JSON.stringify(payload)}`)
  })
  let [number, refused] = [0, 0]
  try {
    for (; elapsed() < minutes && !signal.aborted; number++) {
      const chance = new Chance(seed, number)
      const [name, act] = chance.pick(Object.entries(soakActs))
      try {
        await act(soaked, chance)
      } catch (error) {
        const { code, message } = toErrorShape(error)
        // a conflict is the right answer where the chance asks for what is taken
        if (code === 'conflict') refused++
        else failures.push(`${name}, seed ${seed}, number ${number}: ${code} ${message}`)
      }
      if (number % 50 === 0) say(`${number} acts, ${elapsed().toFixed(1)} minutes, ${failures.length} failures`)
    }
  } finally {
    clearInterval(timer)
    sample()
    await close()
  }
  return { ...verdict(options, samples, failures), done: `${number} acts (${refused} refused) in ${elapsed().toFixed(0)} minutes` }
}

function verdict({ say }: PartOptions, samples: readonly Sample[], failures: string[]): { failures: string[]; notes: string[] } {
  const last = samples.slice(Math.floor(samples.length / 3))
  const hours = (last.at(-1)!.minutes - last[0]!.minutes) / 60
  const growth = { rssMb: slopeOf(last, 'rssMb'), heapMb: slopeOf(last, 'heapMb'), descriptors: slopeOf(last, 'descriptors') }
  const [first, end] = [last[0]!, last.at(-1)!]
  const line =
    `memory ${first.rssMb.toFixed(0)} → ${end.rssMb.toFixed(0)} MB (slope ${growth.rssMb.toFixed(1)} MB an hour; heap ${growth.heapMb.toFixed(1)}), ` +
    `descriptors ${first.descriptors} → ${end.descriptors} (slope ${growth.descriptors.toFixed(1)} an hour), over the last ${(hours * 60).toFixed(0)} minutes`
  say(line)
  if (growth.rssMb > MAX_MB_AN_HOUR) failures.push(`memory grows by ${growth.rssMb.toFixed(1)} MB an hour`)
  if (growth.descriptors > MAX_DESCRIPTORS_AN_HOUR) failures.push(`descriptors grow by ${growth.descriptors.toFixed(1)} an hour`)
  return { failures, notes: [line] }
}

function sampleNow(minutes: number): Sample {
  collect()
  const { rss, heapUsed } = process.memoryUsage()
  const descriptors = existsSync('/proc/self/fd') ? readdirSync('/proc/self/fd').length : 0
  return { minutes, rssMb: rss / 2 ** 20, heapMb: heapUsed / 2 ** 20, descriptors }
}

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** The samples as a table and as a drawing, beside the part's folder, which goes. */
function writeCsv({ folder }: PartOptions, samples: readonly Sample[]): void {
  const rows = samples.map(({ minutes, rssMb, heapMb, descriptors }) =>
    [minutes.toFixed(2), rssMb.toFixed(1), heapMb.toFixed(1), descriptors].join(','),
  )
  writeFileSync(join(folder, '..', 'soak.csv'), `minutes,rss_mb,heap_mb,descriptors\n${rows.join('\n')}\n`)
  writeFileSync(join(folder, '..', 'soak.svg'), plotSoak(samples))
}
