/** How a text is said by templates: which reading is taken, and what stays as it is. */
import { expect, test } from 'vitest'
import { sayingBy } from '../../../renderer/composables/said.ts'
import { sayings } from '../../../renderer/locales/zh/engine/all.ts'

const { say: small, word } = sayingBy({
  sentences: {
    'There is no {} "{}".': '没有{0!}“{1}”。',
    'There is no {}.': '没有{0}。',
    'is of another dataset': '属于另一个数据集',
    'Run {} {}.': '运行 {0} {1}。',
    'The file is missing. {}': '缺少该文件。{0}',
    'Train the run again.': '请重新训练此运行。',
    '{} of {} rows are left out': '{1} 行中略去了 {0} 行',
    '; {} are new': '；{0} 是新的',
  },
  words: { user: '用户' },
  units: { row: '行' },
})

test('the template with the most letters of its own says it, and its values are said where they are known', () => {
  expect(small('There is no user "user".')).toBe('没有用户“user”。')
  expect(small('There is no folder.')).toBe('没有folder。')
  expect(small('Run x is of another dataset.')).toBe('运行 x 属于另一个数据集。')
  expect(small('3 of 10 rows are left out; 2 are new')).toBe('10 行中略去了 3 行；2 是新的')
})

test('a remedy is said with what it is for, or by itself; a place and names stay', () => {
  expect(small('The file is missing. Train the run again.')).toBe('缺少该文件。请重新训练此运行。')
  expect(small('runs/x/model.bin: The file is missing. Train the run again.')).toBe('runs/x/model.bin：缺少该文件。请重新训练此运行。')
  expect(small('Something else. Train the run again.')).toBe('Something else. 请重新训练此运行。')
  expect(small('x: Train the run again.\n\ny: There is no folder.')).toBe('x：请重新训练此运行。\n\ny：没有folder。')
  expect(small('There is no user "There is no folder.".')).toBe('没有用户“There is no folder.”。')
})

test('what has no words stays as it is, however long', () => {
  const stack = `Error: nothing\n${'    at somewhere (file.ts:1:1)\n'.repeat(200)}`
  for (const text of ['', 'user', 'user, item, time', 'Cannot read properties of undefined (reading x)', stack])
    expect(small(text)).toBe(text)
  expect([small(''), word('user'), word('nobody')]).toEqual(['', '用户', 'nobody'])
})

const { say } = sayingBy(sayings)
test('names of columns stay, though they may be words of a sentence', () => {
  expect(say('There is no column "usr"; did you mean "user"? the columns are user, item, time, weight.')).toBe(
    '没有列“usr”；是否指“user”？现有列：user, item, time, weight。',
  )
})

test('what stands before a sentence, and lists of notes, are said', () => {
  expect(say('user.features[0].column: There is no user column "agee"; did you mean "age"? there are age, city.')).toBe(
    'user.features[0].column：没有用户列“agee”；是否指“age”？现有：age, city。',
  )
  expect(say('training.epochs: expected number to be >=1.')).toBe('training.epochs：应不小于 1。')
  expect(say('trial 3 (tpe): ndcg@20 0.1110, 2 epochs, paused; best 0.1439 of trial 1')).toBe(
    '试验 3（TPE）：ndcg@20 0.1110，2 轮，已暂停；最好的 0.1439，试验 1',
  )
  expect(say('listings.csv: item id = id, title = name; name (text), price (number), tags (tags, separated by |)')).toBe(
    'listings.csv：物品 id = id，标题 = name；name（文本），price（数值），tags（标签，以 | 分隔）',
  )
})
