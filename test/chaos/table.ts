/**
 * The last table of the chaos run. Each part leaves its row in a folder, so that parts may be run one by one, on other days; the document
 * is made of the rows that are there, with the machine and date of each.
 */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import { join, resolve } from 'node:path'
import { format } from 'prettier'

export interface Row {
  readonly part: string
  readonly done: string
  readonly seed: number
  readonly failures: readonly string[]
  readonly notes: readonly string[]
  readonly minutes: number
}
interface KeptRow extends Row {
  readonly date: string
  readonly machine: string
}

const DOCS = resolve(import.meta.dirname, '../../docs')
/** Drawings and samples that a part leaves beside its folder. */
const LEFT = ['soak.csv', 'soak.svg']

/** Keeps the row of a part, and what it drew (`from`), in the folder `kept`. */
export function keepRow(row: Row, { kept, from }: { kept: string; from: string }): void {
  mkdirSync(kept, { recursive: true })
  for (const name of LEFT) if (existsSync(join(from, name))) cpSync(join(from, name), join(kept, name))
  const whole: KeptRow = { ...row, date: new Date().toISOString().slice(0, 10), machine: machine() }
  writeFileSync(join(kept, `${row.part}.json`), `${JSON.stringify(whole, null, 2)}\n`)
}

/** The rows in `kept`, in the order of `parts`, as a table; `write` also puts them into the docs. */
export async function showTable(parts: readonly string[], { kept, write }: { kept: string; write: boolean }): Promise<void> {
  const there = new Set(existsSync(kept) ? readdirSync(kept) : [])
  const rows = parts.flatMap((part) =>
    there.has(`${part}.json`) ? [JSON.parse(readFileSync(join(kept, `${part}.json`), 'utf8')) as KeptRow] : [],
  )
  console.log(tableOf(rows))
  if (!write) return
  const image = there.has('soak.svg')
  if (image) cpSync(join(kept, 'soak.svg'), join(DOCS, 'chaos-soak.svg'))
  writeFileSync(join(DOCS, 'chaos.md'), await format(documentOf(rows, parts, image), { parser: 'markdown', printWidth: 140 }))
}

function machine(): string {
  const cpus = os.cpus()
  return `${cpus[0]?.model.trim() ?? 'unknown'}, ${cpus.length} cores, ${Math.round(os.totalmem() / 2 ** 30)} GB, Linux ${os.release()}`.replace(
    'Linux',
    os.type(),
  )
}

function tableOf(rows: readonly KeptRow[]): string {
  const lines = rows.map(
    ({ part, done, seed, failures, minutes, date }) =>
      `| ${part} | ${done} | ${seed} | ${failures.length} | ${minutes.toFixed(1)} | ${date} |`,
  )
  return ['| part | done | seed | failures | minutes | date |', '| --- | --- | --- | --- | --- | --- |', ...lines].join('\n')
}

function documentOf(rows: readonly KeptRow[], parts: readonly string[], image: boolean): string {
  const missing = parts.filter((part) => !rows.some((row) => row.part === part))
  const notes = rows.flatMap(({ part, notes: said }) => said.map((note) => `- ${part}: ${note}`))
  const failures = rows.flatMap((row) => row.failures.map((failure) => `- ${row.part}: ${failure.replaceAll('\n', ' ')}`))
  const machines = [...new Set(rows.map((row) => row.machine))]
  return `# What Pylon was put through

\`npm run chaos\` kills commands, bends files and requests, imports files of every kind beside a slow reader, fills a disk, lets two engines
work in one workspace, and lets one work for an hour. \`npm run chaos -- kills --count 100 --seed 7\` runs a part; \`--from\` goes on at a
number, \`--write\` writes this page from the rows of the parts that were run last. This page is made by that command.

${tableOf(rows)}

Machine: ${machines.join('; ')}; others were working on it meanwhile.

${missing.length === 0 ? '' : `Not run: ${missing.join(', ')}.`}

${notes.join('\n')}

${failures.length === 0 ? 'Nothing failed.' : `## What failed\n\n${failures.join('\n')}`}

${image ? '![Memory and descriptors of an engine at work](chaos-soak.svg)' : ''}
`
}
