/** What a report says in each language, and its numbers. */
import { type DurationWords, durationText, formatsOf, type Formats, type LanguageName } from '../../contract/formats.ts'
import type { SearchTrial } from '../../contract/shapes/search.ts'
import type { Protocol } from '../../contract/shapes/protocol.ts'
import type { ReportPart } from '../../contract/verbs/report.ts'

type Slice = 'all' | 'cold' | 'head' | 'tail' | 'short'

const en = {
  part: {
    metrics: 'Metrics',
    tests: 'Against the first',
    users: 'Users who change most',
    curves: 'Learning curves',
    slices: 'Where they differ',
    ledger: 'What each column is worth',
    search: 'Search',
    tracked: 'Tracked elsewhere',
    config: 'Config',
  } satisfies Record<ReportPart, string>,
  made: (at: string, pylon: string) => `Made ${at} by Pylon ${pylon}.`,
  run: 'Run',
  trackedBy: 'Told by',
  notMeasured:
    'Not measured by Pylon: the last numbers that their sources told, by protocols that are not known. Nothing ranks them with runs.',
  seeds: (n: number) => (n === 1 ? '1 seed' : `${n} seeds`),
  best: 'Bold: a test tells it from all others of its column, corrected over the table (Benjamini & Hochberg).',
  unmeasured: (runs: string) => `Not measured yet: ${runs}`,
  protocols: (n: number) => `${n} protocols: numbers of different tables do not compare.`,
  protocol: 'Protocol',
  part_: { test: 'test', validation: 'validation' },
  ofPart: (part: string, split: string) => `${part} part of ${split}`,
  leaveLast: 'leave-last',
  splitTime: (at: string) => `the split at ${at}`,
  splitRandom: (share: string, seed: number) => `a random ${share} of each user (seed ${seed})`,
  splitGiven: 'the given files',
  fittedOn: (parts: string) => `fitted on ${parts}`,
  train: 'train',
  'train+validation': 'train + validation',
  candidates: 'all items as candidates',
  masked: 'seen items masked',
  included: 'seen items included',
  events: (names: string) => `events ${names}`,
  exact: 'exact search',
  ann: 'approximate search',
  difference: 'Difference, 95 %',
  interval: 'Interval',
  p: 'p (Holm)',
  verdict: 'Verdict',
  verdicts: { different: 'different', same: 'the same', unknown: 'cannot say yet' },
  first: 'the first',
  testHow: (metric: string, within: string, users: string) =>
    `${metric} less that of the first run, over ${users} users and the seeds there are. The same: within ± ${within}, by two one-sided tests. p is corrected over the table (Holm).`,
  user: 'User',
  item: 'Held-out item',
  ranks: 'Rank',
  gained: (b: string, a: string) => `Better with ${b} than with ${a}`,
  lost: (b: string, a: string) => `Worse with ${b} than with ${a}`,
  history: 'Earlier interactions',
  epoch: 'epoch',
  loss: 'Loss of training',
  slice: 'Slice',
  users: 'Users',
  rest: 'Others',
  excess: 'Slice less others, 95 %',
  share: 'Of the change',
  missing: 'no value',
  historyOf: 'earlier interactions of the user',
  popularityOf: 'popularity of the held-out item',
  found: (n: number, of: string, fdr: string) => `${n} of ${of} slices differ, at a false discovery rate of ${fdr}; the surest first.`,
  whole: (metric: string, change: string, users: string) => `${metric} B less A is ${change} over ${users} users.`,
  column: 'Column',
  lost_: (metric: string) => `Loss of ${metric}, 95 %`,
  slices: { all: 'all', cold: 'cold', head: 'head', tail: 'tail', short: 'short histories' } satisfies Record<Slice, string>,
  memory: 'Memory',
  ledgerHow: (metric: string, value: string, repeats: number) =>
    `${metric} is ${value}. What it loses when the values of a column stand at other users or items (${repeats} permutations). Filled and bold: beyond chance at a false discovery rate of 5 % over the table.`,
  searchFacts: (dataset: string, trials: string, sampler: string, stop: string, time: string) =>
    `${dataset}: ${trials} trials by ${sampler}${stop}, ${time} of training, measured on the validation part.`,
  stopped: (by: string) => `, stopped early by ${by}`,
  trial: 'Trial',
  trials: 'trials',
  soFar: 'best so far',
  complete: 'complete',
  cut: 'stopped early',
  progress: 'Best so far',
  importance: 'What mattered (PED-ANOVA)',
  parallel: 'Parallel coordinates: a line a trial, stronger is better; it breaks where the trial has no such field',
  epochs: 'Epochs',
  state: 'State',
  states: {
    waiting: 'waiting',
    running: 'running',
    paused: 'paused',
    complete: 'complete',
    failed: 'failed',
    interrupted: 'interrupted',
  } satisfies Record<SearchTrial['state'], string>,
  finals: 'Finals, trained anew with fresh seeds',
  mean: 'Mean ± sd',
  lessThanWinner: 'Winner less this one',
  bestTrials: (n: number, of: number) => `The best ${n} of ${of} trials`,
  path: 'Path',
  ofSome: (n: number) => (n === 1 ? 'One more that only some of the models have.' : `${n} more that only some of the models have.`),
  same: 'These runs differ in nothing that was configured.',
  seconds: (n: string) => `${n} s`,
  minutes: (m: number, s: number) => `${m} min ${s} s`,
  hours: (h: number, m: number) => `${h} h ${m} min`,
  days: (d: number, h: number) => `${d} d ${h} h`,
}
export type Words = typeof en

const zh: Words = {
  part: {
    metrics: '指标',
    tests: '与第一个运行相比',
    users: '变化最大的用户',
    curves: '学习曲线',
    slices: '差异在何处',
    ledger: '每一列的价值',
    search: '搜索',
    tracked: '其他跟踪器',
    config: '配置',
  },
  made: (at, pylon) => `由 Pylon ${pylon} 于 ${at} 生成。`,
  run: '运行',
  trackedBy: '来源',
  notMeasured: '并非由 Pylon 评测：这些是来源给出的最后数值，其评测协议未知，因此不与运行一起排名。',
  seeds: (n) => `${n} 个种子`,
  best: '粗体：检验表明它与同列的所有其他值不同，已在整个表上校正（Benjamini & Hochberg）。',
  unmeasured: (runs) => `尚未评估：${runs}`,
  protocols: (n) => `共 ${n} 种协议：不同表格中的数值不可比较。`,
  protocol: '协议',
  part_: { test: '测试', validation: '验证' },
  ofPart: (part, split) => `${split}的${part}部分`,
  leaveLast: '留最后一个',
  splitTime: (at) => `按时间 ${at} 切分`,
  splitRandom: (share, seed) => `每位用户随机 ${share}（种子 ${seed}）`,
  splitGiven: '给定文件',
  fittedOn: (parts) => `拟合于${parts}`,
  train: '训练部分',
  'train+validation': '训练 + 验证部分',
  candidates: '候选为全部物品',
  masked: '屏蔽已看物品',
  included: '包含已看物品',
  events: (names) => `事件 ${names}`,
  exact: '精确检索',
  ann: '近似检索',
  difference: '差，95 %',
  interval: '区间',
  p: 'p（Holm）',
  verdict: '结论',
  verdicts: { different: '不同', same: '相同', unknown: '尚不能判断' },
  first: '第一个',
  testHow: (metric, within, users) =>
    `${metric} 减去第一个运行的值，涵盖 ${users} 位用户与现有的种子。相同：按两个单侧检验在 ± ${within} 之内。p 已在整个表上校正（Holm）。`,
  user: '用户',
  item: '留出物品',
  ranks: '排名',
  gained: (b, a) => `${b} 优于 ${a}`,
  lost: (b, a) => `${b} 不如 ${a}`,
  history: '较早的交互',
  epoch: '轮',
  loss: '训练损失',
  slice: '切片',
  users: '用户数',
  rest: '其余',
  excess: '切片减其余，95 %',
  share: '占变化的比例',
  missing: '无值',
  historyOf: '用户较早的交互数',
  popularityOf: '留出物品的流行度',
  found: (n, of, fdr) => `在 ${fdr} 的错误发现率下，${of} 个切片中有 ${n} 个不同；最可靠的在前。`,
  whole: (metric, change, users) => `${users} 位用户上 ${metric} 的 B − A 为 ${change}。`,
  column: '列',
  lost_: (metric) => `${metric} 的损失，95 %`,
  slices: { all: '全部', cold: '冷启动', head: '头部', tail: '长尾', short: '历史较短' },
  memory: '内存',
  ledgerHow: (metric, value, repeats) =>
    `${metric} 为 ${value}。某列的值换到其他用户或物品上时的损失（${repeats} 次置换）。实心与粗体：在整个表 5 % 的错误发现率下不是偶然。`,
  searchFacts: (dataset, trials, sampler, stop, time) =>
    `${dataset}：${trials} 个试验，抽样 ${sampler}${stop}，训练用时 ${time}，在验证部分上测量。`,
  stopped: (by) => `，提前停止 ${by}`,
  trial: '试验',
  trials: '试验',
  soFar: '迄今最好',
  complete: '训练到底',
  cut: '提前停止',
  progress: '迄今最好',
  importance: '什么起作用（PED-ANOVA）',
  parallel: '平行坐标：每个试验一条线，颜色越强越好；没有该字段处线会断开',
  epochs: '轮数',
  state: '状态',
  states: { waiting: '排队', running: '进行中', paused: '已暂停', complete: '完整', failed: '失败', interrupted: '被中断' },
  finals: '决赛，用新的种子重新训练',
  mean: '均值 ± 标准差',
  lessThanWinner: '优胜者减它',
  bestTrials: (n, of) => `${of} 个试验中最好的 ${n} 个`,
  path: '路径',
  ofSome: (n) => `另有 ${n} 项仅部分模型具有。`,
  same: '这些运行的配置没有任何差异。',
  seconds: (n) => `${n} 秒`,
  minutes: (m, s) => `${m} 分 ${s} 秒`,
  hours: (h, m) => `${h} 小时 ${m} 分`,
  days: (d, h) => `${d} 天 ${h} 小时`,
}

/** Words and numbers of a language. */
export interface Speech extends Formats {
  readonly language: LanguageName
  readonly words: Words
  readonly duration: (seconds: number) => string
}

export function speechOf(language: LanguageName): Speech {
  const [words, formats] = [language === 'en' ? en : zh, formatsOf(language)]
  return { ...formats, language, words, duration: (seconds) => durationText(seconds, formats, words satisfies DurationWords) }
}

/** Everything that makes numbers comparable, on one line. */
export function protocolText(protocol: Protocol, { words, dateTime, percent }: Speech): string {
  const { datasetName, datasetChecksum, split, preparation = [], part, fittedOn, seen, events, search } = protocol
  const how =
    split.kind === 'leave-last'
      ? words.leaveLast
      : split.kind === 'time'
        ? words.splitTime(dateTime(split.cut))
        : split.kind === 'random'
          ? words.splitRandom(percent(split.fraction), split.seed)
          : words.splitGiven
  return [
    `${datasetName} ${datasetChecksum.slice(0, 8)}`,
    ...preparation.map(({ step, setting }) => `${step} ${setting}`),
    words.ofPart(words.part_[part], how),
    words.fittedOn(words[fittedOn]),
    words.candidates,
    words[seen],
    ...(events.length === 0 ? [] : [words.events(events.join(', '))]),
    words[search],
  ].join(' · ')
}
