import { expect, test } from 'vitest'
import { commandsOf, readReadme, withVerbs } from '../../readme.ts'

test('the table of verbs in the README is the contract (else: node test/readme.ts --write)', async () => {
  expect(readReadme()).toBe(await withVerbs(readReadme()))
})

test('the commands of the README are found, quotes and comments understood', () => {
  expect(commandsOf('```sh\npylon doctor   # what works\nls\npylon a --b \'{"c": 1}\' d\n```\npylon no')).toEqual([
    ['doctor'],
    ['a', '--b', '{"c": 1}', 'd'],
  ])
})
