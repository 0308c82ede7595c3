/** A call as a command line: a real shell parts it into words, the program reads them, and the same is asked for again. */
import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createProgram, type Request } from '../../../main/cli/program.ts'
import { commandLine } from '../../../main/contract/command-line.ts'
import type { VerbName } from '../../../main/contract/verbs.ts'

const HOME = "/it's a home"

/** What a line that is pasted into a shell asks for. */
function pasted(line: string): Request {
  const words = spawnSync('sh', ['-c', `printf '%s\\0' ${line}`], { encoding: 'utf8' })
    .stdout.split('\0')
    .slice(0, -1)
  expect(words[0]).toBe('pylon')
  let request: Request | null = null
  createProgram('1.2.3', (asked) => (request = asked)).parse(words.slice(1), { from: 'user' })
  return request!
}

test.each<[VerbName, Record<string, unknown>]>([
  [
    'runs.start',
    { dataset: 'my market', recipe: 'two-tower', set: ['training.epochs=3', 'user.hidden=[64,32]'], seeds: 3, name: "it's $HOME" },
  ],
  ['runs.export', { run: 'r', format: 'onnx', out: '/tmp/a b' }],
  ['runs.compare', { runs: ['a', 'b'] }],
  ['runs.compare', { runs: ['a,b', '-c, "d"'] }],
  ['runs.note', { run: 'r', tags: ['what, thing', ' blank', 'a\nb', '"', 'x=1,2', '商品'] }],
  ['runs.blend', { runs: ['r'], popularity: -0.3 }],
  ['runs.delete', { run: '-odd' }],
  ['neighbours.recommend', { run: 'r', user: '1', includeSeen: true, features: '{"a": 1}' }],
  ['recipes.show', { name: 'two-tower' }],
])('%s', (verb, input) => {
  expect(pasted(commandLine(verb, input, HOME)!)).toEqual({ verb, input, home: HOME, json: false })
})

test('a spec is said as JSON, defaults are left out, and what cannot be said is not', () => {
  const spec = { model: 'most-popular', note: "'" }
  expect(JSON.parse(pasted(commandLine('runs.start', { dataset: 'd', spec, set: [] }, HOME)!).input['spec'] as string)).toEqual(spec)
  expect(commandLine('neighbours.recommend', { run: 'r', k: 10, includeSeen: false, ann: false }, '/h')).toBe(
    'pylon recommend --run=r --home=/h',
  )
  expect(commandLine('runs.compare', { runs: ['a', ''] }, '/h')).toBeNull()
  expect(commandLine('runs.pause', { run: 'r' }, '/h')).toBeNull()
})

test('no name breaks out of its word', () => {
  const name = fc.string({ minLength: 1, unit: 'binary' }).filter((text) => !text.includes('\0') && text.isWellFormed())
  fc.assert(
    fc.property(name, (run) => {
      expect(pasted(commandLine('runs.show', { run }, '/h')!).input).toEqual({ run })
    }),
    { numRuns: 60 },
  )
})

test('a token is on no line: it would stay in a history of commands', () => {
  expect(commandLine('serving.start', { run: 'r1', token: 'a-secret-token' }, '/home')).toBe('pylon serve --run=r1 --home=/home')
})
