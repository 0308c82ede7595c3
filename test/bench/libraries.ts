/**
 * Python's libraries at the same tasks, a process that stays, so that rounds of theirs and of Pylon's alternate. PYLON_BENCH_PYTHON names
 * the Python that has them (faiss-cpu, implicit, numpy, scipy); without it the one of `npm run setup:python`.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { findPython } from '../../main/engine/export/python.ts'
import { median } from './step.ts'

export interface Libraries {
  /** milliseconds of one run of a task over the arrays in a folder; a text says why there is none */
  time(task: string, folder: string): Promise<number | string>
  close(): Promise<void>
}

export function libraries(threads: number): Libraries {
  const python = process.env['PYLON_BENCH_PYTHON'] ?? findPython()
  if (python === null)
    return { time: () => Promise.resolve('no Python (npm run setup:python, or PYLON_BENCH_PYTHON)'), close: () => Promise.resolve() }
  const child = spawn(python, [join(import.meta.dirname, 'libraries.py'), String(threads)], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  return {
    async time(task, folder) {
      child.stdin.write(`${JSON.stringify({ task, folder })}\n`)
      const { value, done } = await lines.next()
      if (done === true) return 'Python ended'
      const { ms, why } = JSON.parse(value) as { ms?: number; why?: string }
      return ms ?? why ?? 'no answer'
    },
    async close() {
      child.stdin.end()
      if (child.exitCode === null) await once(child, 'exit')
    },
  }
}

/** Runs both in turn and prints medians and the median of the ratios of rounds. */
export async function paired(
  name: string,
  rounds: number,
  ours: () => Promise<number>,
  theirs: () => Promise<number | string>,
): Promise<void> {
  const [own, other, ratios]: [number[], number[], number[]] = [[], [], []]
  for (let round = 0; round < rounds; round++) {
    const mine = await ours()
    const told = await theirs()
    own.push(mine)
    if (typeof told === 'string') return console.log(`  ${name}: ${seconds(median(own))}; not compared: ${told}`)
    other.push(told)
    ratios.push(told / mine)
  }
  const best = `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`
  console.log(
    `  ${name}: ${seconds(median(own))}, theirs ${seconds(median(other))}: ${median(ratios).toFixed(2)} × as fast (${best}; medians of ${rounds})`,
  )
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`
