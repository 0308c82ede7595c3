/** Bends and reads files, one after the other: says the number of each before it, and what went wrong after it. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { toErrorShape } from '../../main/contract/errors.ts'
import { mutated } from './mutate.ts'
import { subjects } from './mutation-subjects.ts'
import { Chance } from './part.ts'
import { describe } from './sound.ts'

const [seed, from, to, sources, folder] = process.argv.slice(2) as [string, string, string, string, string]
const names = Object.keys(subjects)
const scratch = join(folder, 'bent')

for (let number = Number(from); number < Number(to); number++) {
  const name = names[number % names.length]!
  const { file, read } = subjects[name]!
  process.stdout.write(`number ${number} (${name})\n`)
  rmSync(scratch, { recursive: true, force: true })
  mkdirSync(join(scratch, 'work'), { recursive: true })
  const path = join(scratch, basename(file))
  writeFileSync(path, mutated(readFileSync(join(sources, file)), new Chance(Number(seed), number)))
  try {
    await read(path, join(scratch, 'work'), { folder: sources, home: join(sources, 'home') })
  } catch (error) {
    if (toErrorShape(error).code === 'bug') process.stdout.write(`${describe(error).replaceAll('\n', ' ')}\n`)
  }
}
rmSync(scratch, { recursive: true, force: true })
