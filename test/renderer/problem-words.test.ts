/** What is said of files, in Chinese: roles and units are words, columns and cells stay. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { engineWords, loadEngineWords } from '@/composables/engine-words.ts'
import { language } from '@/composables/texts.ts'

beforeAll(async () => {
  language.value = 'zh'
  await loadEngineWords()
})
afterAll(() => {
  language.value = 'en'
})

test('roles, units and reasons are said, names are not', () => {
  const role =
    'a.csv column "rowid": Cannot tell which column is the item; say it with --map item=COLUMN. It may be "rowid" (one of several columns of ids): --map item=rowid takes it. The columns are user, rowid.'
  expect(engineWords(role)).toBe(
    'a.csv“rowid”列：不能确定哪一列是物品；请用 “角色：item=列名” 指定。可能是“rowid”（几个 id 列之一）：可用 “角色：item=rowid”。现有列：user, rowid。',
  )
  expect(engineWords('a.csv: This file has no column "time", which the others have. Give it one, or say --map time=none.')).toBe(
    'a.csv：此文件没有其他文件都有的列“time”。请补上，或用 “角色：time=none”。',
  )
  const epoch =
    'a.csv:7 column "t": The other times of this column are seconds since 1970, as which 1700432000000 is in the year 55855; as milliseconds it is 2023-11-19. Write all times in one unit.'
  expect(engineWords(epoch)).toBe(
    'a.csv 第 7 行“t”列：此列其余时间是自 1970 年起的秒数，照此 1700432000000 是 55855 年；若为毫秒数则是 2023-11-19。请统一单位。',
  )
})
