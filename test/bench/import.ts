/**
 * Ten million (user, item, time) rows from one CSV to a dataset on two threads: read, ids encoded, sorted, split, written. Another number
 * of rows (`npm run bench -- import 100000000`) comes from one Parquet file that DuckDB writes, 12 bytes a row. The import runs in a process
 * of its own, whose peak memory is its own. `node test/bench/import.ts FILE FOLDER` is that process. TMPDIR says where both lie.
 */
import { spawnSync } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { importInput } from '../../main/contract/verbs/datasets.ts'
import { Duck, sqlFile } from '../../main/engine/dataset/duck.ts'
import { importDataset } from '../../main/engine/import/import.ts'
import { drain } from '../../main/engine/files/drain.ts'

const [ROWS, USERS, ITEMS] = [10_000_000, 200_000, 50_000]

export async function benchImport(rows?: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'pylon-bench-'))
  try {
    const file = join(folder, rows === undefined ? 'events.csv' : 'events.parquet')
    await (rows === undefined ? writeRows(file) : writeParquet(file, rows))
    const child = spawnSync(process.execPath, [import.meta.filename, file, join(folder, 'dataset')], { encoding: 'utf8' })
    if (child.status !== 0) throw new Error(child.stderr)
    console.log(`${(rows ?? ROWS).toLocaleString('en-US')} rows, ${((await stat(file)).size / 1e6).toFixed(0)} MB`)
    console.log(`  ${child.stdout.trim()}`)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Rows as {@link writeRows} draws them, with users and items in the same proportion. */
async function writeParquet(path: string, rows: number): Promise<void> {
  const duck = await Duck.open({ threads: 2, memoryLimit: '2GB', spillIn: dirname(path) })
  const [users, items] = [USERS, ITEMS].map((n) => Math.ceil((n * rows) / ROWS))
  const columns = [
    `'user' || CAST(floor(random() * ${users}) AS INTEGER) AS "user"`,
    `'item' || CAST(floor(power(random(), 2) * ${items}) AS INTEGER) AS item`,
    'CAST(1700000000 + floor(random() * 31536000) AS BIGINT) AS "time"',
  ]
  try {
    await duck.run(`COPY (SELECT ${columns.join(', ')} FROM range(${rows})) TO ${sqlFile(path)} (FORMAT parquet, COMPRESSION zstd)`)
  } finally {
    await duck.close()
  }
}

/** Users and items drawn with a long tail (the square of a uniform), times over a year. */
async function writeRows(path: string): Promise<void> {
  const out = createWriteStream(path)
  let state = 1
  const uniform = (): number => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 4294967296
  out.write('user,item,time\n')
  for (let from = 0; from < ROWS; from += 10_000) {
    let lines = ''
    for (let k = 0; k < 10_000; k++) {
      lines += `user${Math.floor(uniform() * USERS)},item${Math.floor(uniform() ** 2 * ITEMS)},${1_700_000_000 + Math.floor(uniform() * 31_536_000)}\n`
    }
    if (!out.write(lines)) await once(out, 'drain')
  }
  out.end()
  await once(out, 'finish')
}

async function importOne(interactions: string, folder: string): Promise<void> {
  const started = performance.now()
  const input = importInput.parse({ name: 'bench', interactions })
  const { parts } = await drain(importDataset({ ...input, folder, say: () => {}, threads: 2 }))
  const seconds = (performance.now() - started) / 1000
  const cpu = process.cpuUsage()
  const memory = process.resourceUsage().maxRSS / 1024
  console.log(
    `${seconds.toFixed(1)} s (${((cpu.user + cpu.system) / 1e6).toFixed(1)} s of CPU), peak ${memory.toFixed(0)} MB; train ${parts.train}, validation ${parts.validation}, test ${parts.test}`,
  )
}

if (import.meta.main) await importOne(process.argv[2]!, process.argv[3]!)
