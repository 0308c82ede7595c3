/**
 * `npm run chaos`: kills, mutations, imports, a full disk, two engines and a long soak, until something breaks. Each part is a file of its own, is
 * repeated by its seed, and ends as a row of a table, which `--write` puts into docs/chaos.md.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { mutations } from './mutations.ts'
import type { Part } from './part.ts'
import { fullDisk } from './full-disk.ts'
import { imports } from './imports.ts'
import { kills } from './kills.ts'
import { soak } from './soak.ts'
import { twoEngines } from './two-engines.ts'
import { keepRow, showTable } from './table.ts'

interface Known {
  readonly run: Part
  readonly count: number
  readonly minutes: number
}

const parts: Readonly<Record<string, Known>> = {
  kills: { run: kills, count: 1000, minutes: 0 },
  mutations: { run: mutations, count: 10_000, minutes: 0 },
  imports: { run: imports, count: 10_000, minutes: 0 },
  'full-disk': { run: fullDisk, count: 30, minutes: 0 },
  'two-engines': { run: twoEngines, count: 0, minutes: 3 },
  soak: { run: soak, count: 0, minutes: 60 },
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    count: { type: 'string' },
    minutes: { type: 'string' },
    from: { type: 'string', default: '0' },
    seed: { type: 'string', default: '1' },
    write: { type: 'boolean', default: false },
    /** where the rows of the parts are kept */
    out: { type: 'string', default: 'chaos-results' },
    /** runs nothing: shows, or with --write writes, the rows that are there */
    table: { type: 'boolean', default: false },
  },
})
const unknown = positionals.find((name) => !Object.hasOwn(parts, name))
if (unknown !== undefined) {
  console.error(`There is no part "${unknown}". There are ${Object.keys(parts).join(', ')}.`)
  process.exitCode = 2
} else {
  process.exitCode = await main()
}

/** @returns the exit code: 1 where something failed */
async function main(): Promise<number> {
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())
  const kept = resolve(values.out)
  const base = mkdtempSync(join(tmpdir(), 'pylon-chaos-'))
  let failed = false
  try {
    for (const [name, { run, count, minutes }] of Object.entries(parts)) {
      if (values.table || (positionals.length > 0 && !positionals.includes(name)) || stop.signal.aborted) continue
      console.log(`— ${name}`)
      const folder = join(base, name)
      mkdirSync(folder)
      const started = performance.now()
      const [seed, wanted] = [Number(values.seed), Number(values.count ?? count)]
      const report = await run({
        count: wanted,
        minutes: Number(values.minutes ?? minutes),
        seed,
        from: Number(values.from),
        folder,
        signal: stop.signal,
        say: (line) => console.log(`  ${line}`),
      })
      keepRow({ ...report, part: name, seed, minutes: (performance.now() - started) / 60_000 }, { kept, from: base })
      for (const failure of report.failures) console.log(`  failed: ${failure}`)
      failed ||= report.failures.length > 0
      rmSync(folder, { recursive: true, force: true })
    }
  } finally {
    rmSync(base, { recursive: true, force: true })
  }
  await showTable(Object.keys(parts), { kept, write: values.write })
  return failed ? 1 : 0
}
