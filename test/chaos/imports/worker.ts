/** Makes and imports files, one after the other: says the number of each before it, what became of it and what went wrong after it. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { Duck } from '../../../main/engine/dataset/duck.ts'
import { caseOf } from './cases.ts'
import { judge } from './judge.ts'

const [seed, from, to, folder] = process.argv.slice(2) as [string, string, string, string]
const made = join(folder, 'made')
mkdirSync(made, { recursive: true })
const duck = await Duck.open({ threads: 1, memoryLimit: '500MB', spillIn: made })
for (let number = Number(from); number < Number(to); number++) {
  process.stdout.write(`number ${number}\n`)
  const made1 = await caseOf(Number(seed), number, { duck, folder: made })
  const { outcome, failure } = await judge(made1, join(folder, 'one'))
  process.stdout.write(`${outcome} ${made1.file.split('.')[1]!}\n`)
  if (failure !== null) process.stdout.write(`${failure} (${made1.told})\n`.replaceAll(/\n(?=.)/g, ' '))
}
await duck.close()
