/** Remedies of the engine in words of the page: each text it says of files, in both languages, and each command that a page can be told. */
import { afterEach, expect, test } from 'vitest'
import { FINDING_TEXTS } from '@contract/shapes/finding.ts'
import { PROBLEM_TEXTS } from '@contract/shapes/problem.ts'
import { inPageWords } from '@/composables/page-words.ts'
import { language } from '@/composables/texts.ts'
import zh from '@/locales/zh/data.ts'

afterEach(() => {
  language.value = 'en'
})
const typed = (text: string): readonly string[] => inPageWords(text).match(/--[a-z-]+/g) ?? []

test('what is said of files names the fields of the import and no options', () => {
  for (const text of [...Object.values(PROBLEM_TEXTS), ...Object.values(FINDING_TEXTS)]) expect(typed(text), text).toEqual([])
  expect(inPageWords(PROBLEM_TEXTS['user-id-empty'])).toMatch(/or leave it out with “Rows without an id: Leave them out”\.$/)
  // a file is known by its name where a browser gave it
  expect(inPageWords('/home/a/tmp/e0v/1/uploads/12-345-6/plain.pkl: this file cannot be read')).toBe('plain.pkl: this file cannot be read')
  expect(inPageWords('C:\\pylon\\tmp\\e0v\\1\\uploads\\12-345-6\\a.csv: no')).toBe('a.csv: no')
  expect(inPageWords('/data/uploads/2024/plain.pkl: no')).toBe('/data/uploads/2024/plain.pkl: no')
  expect(inPageWords('Recommended: --split time:2024-03-01. It holds out')).toBe('Recommended: “Cut in time: 2024-03-01”. It holds out')
  expect(inPageWords('With --unroll items each entry is an interaction')).toBe(
    'With “Unroll items: each entry by itself” each entry is an interaction',
  )
  expect(inPageWords('read as gb18030, by its bytes; --encoding says another')).toBe(
    'read as gb18030, by its bytes; “Encoding” says another',
  )
  language.value = 'zh'
  for (const text of [...Object.values(zh.problem), ...Object.values(zh.finding)]) expect(typed(text), text).toEqual([])
  expect(inPageWords('请用 --missing-ids drop 去掉。')).toBe('请用 “缺少标识的行：略去” 去掉。')
  expect(inPageWords('可用 --delimiter 另指定；若它是数据，用 --header no')).toBe('可用 “分隔符” 另指定；若它是数据，用 “首行：数据”')
  expect(inPageWords('请用 --map time=时间 指定')).toMatch(/time=时间” 指定$/)
})

test('an option that is offered with a name in quotes is told by its field, without them', () => {
  expect(inPageWords(`: --map 'item="what, it'\\''s"' takes it`)).toBe(': “Role: item="what, it\'s"” takes it')
  expect(inPageWords(`With --unroll '"what, thing"' each`)).toBe('With “Unroll what, thing: each entry by itself” each')
})

test('commands are told by where the page does the same', () => {
  const said = {
    'There is no search "x": see pylon search.': 'There is no search "x": see the page Searches.',
    'Its process ended in the middle. Go on with: pylon train --resume 0vc2scrb':
      'Its process ended in the middle. Go on with Resume, on its page',
    'Run r is paused: finish it with: pylon train --resume 0vc2scrb.': 'Run r is paused: finish it with Resume, on its page.',
    'Search s uses dataset "d": delete it first (pylon search delete 0vc2), or import under another --name.':
      'Search s uses dataset "d": delete it first, on its page, or import under another name.',
    'A run of ease has no ANN index; leave out --ann.': 'A run of ease has no ANN index; choose the exact search.',
    'The disk is full: free some space, for example with "pylon trash empty" or "pylon delete RUN --forever".':
      'The disk is full: free some space, for example by emptying the trash in Settings.',
  }
  for (const [text, words] of Object.entries(said)) expect(inPageWords(text)).toBe(words)
})
