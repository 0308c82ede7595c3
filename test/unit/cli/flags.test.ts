/** Flags are made of the contract's schemas, and a verb's help with them. */
import { expect, test } from 'vitest'
import { flagsOf, readValue } from '../../../main/cli/flags.ts'
import { createProgram, type Request } from '../../../main/cli/program.ts'
import { verbs, type VerbDefinition } from '../../../main/contract/verbs.ts'
import { evaluateInput, trainInput } from '../../../main/contract/verbs/runs.ts'

/** What a command line asks for. */
function typed(...argv: string[]): Request {
  let request: Request | null = null
  const program = createProgram('1.2.3', (asked) => (request = asked))
  for (const command of [program, ...program.commands]) command.configureOutput({ writeErr: () => {}, writeOut: () => {} })
  program.parse(argv, { from: 'user' })
  return request!
}

test('each property is a flag of its kind', () => {
  expect(flagsOf(evaluateInput).map(({ name, kind, required }) => [name, kind, required])).toEqual([
    ['--run', 'text', true],
    ['--k', 'numbers', false],
    ['--split', 'text', false],
    ['--ann', 'boolean', false],
  ])
  expect(flagsOf(trainInput).find(({ property }) => property === 'set')).toMatchObject({ kind: 'texts', required: false })
})

test('lists repeat or have commas; what has an equals sign stays whole', () => {
  expect(readValue({ kind: 'numbers', name: '--k' }, '5, 10', [1])).toEqual([1, 5, 10])
  expect(readValue({ kind: 'texts', name: '--tags' }, 'a,b', undefined)).toEqual(['a', 'b'])
  expect(readValue({ kind: 'texts', name: '--set' }, 'user.hidden=[64,32]', ['x=1'])).toEqual(['x=1', 'user.hidden=[64,32]'])
  expect(() => readValue({ kind: 'number', name: '--seed' }, '1x', undefined)).toThrow('--seed: "1x" is no number.')
})

test('a command line becomes a verb and its input', () => {
  expect(typed('train', '--dataset', 'd', '--set', 'a=1', '--set', 'b=[1,2]', '--seed=3', '--json')).toEqual({
    verb: 'runs.start',
    input: { dataset: 'd', set: ['a=1', 'b=[1,2]'], seed: 3 },
    home: undefined,
    json: true,
  })
  expect(typed('recommend', '--run', 'r', '--user', '1', '--include-seen', '--home', 'h')).toMatchObject({
    verb: 'neighbours.recommend',
    input: { run: 'r', user: '1', includeSeen: true },
    home: 'h',
  })
  expect(typed('compare', 'a', 'b').input).toEqual({ runs: ['a', 'b'] })
  expect([typed('show', 'a').input, typed('show', '--run', 'a').input, typed('delete', '--dataset', 'd').input]).toEqual([
    { run: 'a' },
    { run: 'a' },
    { dataset: 'd' },
  ])
})

test('every verb of the contract is a command, and a slip gets the nearest one', () => {
  const program = createProgram('1.2.3', () => {})
  const words = Object.values<VerbDefinition>(verbs).flatMap(({ cli }) => (cli === undefined ? [] : [cli.split(' ')[0]!]))
  expect(program.commands.map((command) => command.name())).toEqual([...new Set(words)])
  expect(() => typed('trian')).toThrow(/unknown command 'trian'\n\(Did you mean train\?\)/)
  expect(() => typed('train', '--recipee', 'x')).toThrow(/unknown option '--recipee'\n\(Did you mean --recipe\?\)/)
})

test('the help of a verb', () => {
  const command = createProgram('1.2.3', () => {}).commands.find((entry) => entry.name() === 'evaluate')!
  expect(command.configureHelp({ helpWidth: 100 }).helpInformation()).toMatchInlineSnapshot(`
    "Usage: pylon evaluate [options]

    Evaluate a finished run

    Options:
      --run <run>                id or name of a run (the newest of that name) (needed)
      --k <n,…>                  cut-offs (default: 5,10,20,50)
      --split <test|validation>  the held-out part (default: test)
      --ann                      also search the USearch index and compare it with exact search
      --home <folder>            the workspace (default: PYLON_HOME, else the platform's data folder)
      --json                     print one JSON object on stdout; progress goes to stderr
      --help                     print this help
    "
  `)
})
