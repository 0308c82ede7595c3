/** Types what the README tells people to type, in its order, in a throw-away workspace. */
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pylon } from '../helpers/workspace.ts'
import { commandsOf, configOf, readReadme } from '../readme.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pylon-test-'))
  await writeFile(join(folder, 'run.json'), configOf(readReadme()))
  await writeFile(join(folder, 'plays.csv'), plays())
  await writeFile(join(folder, 'songs.jsonl'), songs())
})
afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }))

describe('the commands of the README work as they stand', () => {
  test.for(commandsOf(readReadme()).map((args) => [args.join(' '), args] as const))('pylon %s', async ([, args]) => {
    const { code, stdout, stderr } = await pylon(args, { cwd: folder, ...(args.includes('--home') ? {} : { home: join(folder, 'home') }) })
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).not.toBe('')
  })

  test('and leave the export where they say', async () => {
    expect(await readdir(join(folder, 'exported'))).toContain('user_vectors.npy')
  })
})

const GENRES = ['slow', 'fast', 'loud'] as const

/** 60 listeners, each with a genre of theirs and eight songs of 90. */
function plays(): string {
  const lines = Array.from({ length: 60 }, (_, user) =>
    Array.from(
      { length: 8 },
      (_, k) => `u${user},s${(user % 3) + 3 * ((user * 7 + k * 5) % 30)},2024-03-${String(k + 1).padStart(2, '0')}T12:00:00Z`,
    ),
  )
  return `listener,song,at\n${lines.flat().join('\n')}\n`
}

function songs(): string {
  return Array.from(
    { length: 90 },
    (_, song) => `${JSON.stringify({ song: `s${song}`, title: `a ${GENRES[song % 3]} song ${song}`, year: 1960 + (song % 50) })}\n`,
  ).join('')
}
