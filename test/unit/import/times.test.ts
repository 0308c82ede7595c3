/** Times and numbers as files write them, by the whole column; what nothing decides is asked for, what is of two kinds refused. */
import { DuckDBInstance } from '@duckdb/node-api'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../../helpers/folder.ts'
import { failure, importFiles, importFrom } from './imported.ts'

const table = { interactions: 'i.csv' }
const withTimes = (...times: readonly string[]): Record<string, string> => ({
  'i.csv': `user,item,time\n${times.map((time, k) => `u,i${k},"${time}"\n`).join('')}`,
})
async function timesOf(times: readonly string[], input = {}): Promise<string[]> {
  const { dataset } = await importFiles(withTimes(...times), { ...table, ...input })
  return [...dataset.interactions.time!].map((time) => new Date(time * 1000).toISOString().replace('.000Z', 'Z'))
}

test.each([
  ['11/11/2019 9:05:58 AM', '11/13/2019 1:00:00 PM', '2019-11-11T09:05:58Z', '2019-11-13T13:00:00Z'],
  ['11/11/2019, 12:05 am', '11/13/2019, 12:00 PM', '2019-11-11T00:05:00Z', '2019-11-13T12:00:00Z'],
  ['31/12/23 14:05', '01/01/24 09:00', '2023-12-31T14:05:00Z', '2024-01-01T09:00:00Z'],
  ['23-12-30', '24-01-02', '2023-12-30T00:00:00Z', '2024-01-02T00:00:00Z'],
  ['2024-01-31 10:00:00,123', '2024-01-31 10:00:01,5', '2024-01-31T10:00:00.123Z', '2024-01-31T10:00:01.500Z'],
  ['31 Jan 2024 10:00', '1 Feb 2024 10:00', '2024-01-31T10:00:00Z', '2024-02-01T10:00:00Z'],
  ['January 31, 2024', 'February 1, 2024', '2024-01-31T00:00:00Z', '2024-02-01T00:00:00Z'],
  ['Wed, 31 Jan 2024 10:00:00 GMT', 'Thu, 01 Feb 2024 10:00:00 +0200', '2024-01-31T10:00:00Z', '2024-02-01T08:00:00Z'],
  ['2024-W05-3', '2024-W06-1', '2024-01-31T00:00:00Z', '2024-02-05T00:00:00Z'],
  ['2024-01-31 10:00+02:00', '2024-01-31 10:00:00 EST', '2024-01-31T08:00:00Z', '2024-01-31T15:00:00Z'],
  ['31-01-2024 10:00', '01-02-2024 10:00', '2024-01-31T10:00:00Z', '2024-02-01T10:00:00Z'],
  ['20240131T101112', '20240201T000000', '2024-01-31T10:11:12Z', '2024-02-01T00:00:00Z'],
  ['1706695200000', '1706695201000', '2024-01-31T10:00:00Z', '2024-01-31T10:00:01Z'],
  ['31/01/2024 9:05 a.m.', '01/02/2024 12:05 p.m.', '2024-01-31T09:05:00Z', '2024-02-01T12:05:00Z'],
  ['1/31/2024 9 AM', '2/1/2024 12 PM', '2024-01-31T09:00:00Z', '2024-02-01T12:00:00Z'],
  ['31-01-24 10.20', '01-02-24 11.30', '2024-01-31T10:20:00Z', '2024-02-01T11:30:00Z'],
  ['Jan 31, 2024', 'March 1, 2024 10:00 PM', '2024-01-31T00:00:00Z', '2024-03-01T22:00:00Z'],
  ['5. Januar 2024', '13. März 2024', '2024-01-05T00:00:00Z', '2024-03-13T00:00:00Z'],
  ['1er août 2024', '2 février 2025', '2024-08-01T00:00:00Z', '2025-02-02T00:00:00Z'],
  ['Friday, January 5th, 2024 at 9:05 AM', 'Sunday, March 3rd, 2024 at 10:00 PM', '2024-01-05T09:05:00Z', '2024-03-03T22:00:00Z'],
  ['2024年1月5日', '2024年12月31日 10:20', '2024-01-05T00:00:00Z', '2024-12-31T10:20:00Z'],
  ['2024年1月5日 8时5分', '2024年12月31日 10时20分30秒', '2024-01-05T08:05:00Z', '2024-12-31T10:20:30Z'],
  ['2024년 1월 5일', '2024년 2월 13일', '2024-01-05T00:00:00Z', '2024-02-13T00:00:00Z'],
  ['2024-01-31T10:00:00+01:00[Europe/Paris]', '2024-07-31T10:00:00+02:00[Europe/Paris]', '2024-01-31T09:00:00Z', '2024-07-31T08:00:00Z'],
  ['2024-01-31 10:00:00 CET', '2024-07-31 10:00:00 CEST', '2024-01-31T09:00:00Z', '2024-07-31T08:00:00Z'],
  ['Wed Jan 31 10:00:00 UTC 2024', 'Thu Feb  1 10:00:00 UTC 2024', '2024-01-31T10:00:00Z', '2024-02-01T10:00:00Z'],
  ['1706695200,5', '1706695201,25', '2024-01-31T10:00:00.500Z', '2024-01-31T10:00:01.250Z'],
  ['2019', '2021', '2019-01-01T00:00:00Z', '2021-01-01T00:00:00Z'],
  ['15-JAN-24 10.00.01.000000 AM', '16-FEB-24 12.30.00.250000000 PM', '2024-01-15T10:00:01Z', '2024-02-16T12:30:00.250Z'],
  ['2024年1月5日 上午9:05', '2024年12月31日 下午10:20:30', '2024-01-05T09:05:00Z', '2024-12-31T22:20:30Z'],
  ['2024/1/5 上午12:05:00', '2024/12/31 下午12:20:30', '2024-01-05T00:05:00Z', '2024-12-31T12:20:30Z'],
  ['2024-015', '2024-366', '2024-01-15T00:00:00Z', '2024-12-31T00:00:00Z'],
  ['Wednesday, 31-Jan-24 10:00:00 GMT', 'Thursday, 01-Feb-24 08:49:37 GMT', '2024-01-31T10:00:00Z', '2024-02-01T08:49:37Z'],
  ['Wed, 31-Jan-2024 10:00:00 GMT', 'Thu, 01-Feb-2024 08:49:37 UTC', '2024-01-31T10:00:00Z', '2024-02-01T08:49:37Z'],
  ['2024w05', '2024w06', '2024-01-29T00:00:00Z', '2024-02-05T00:00:00Z'],
])('%s', async (one, two, first, second) => {
  expect(await timesOf([one, two])).toEqual([first, second])
})

test('rows far down decide the order of day and month; where nothing does it is asked for, and taken once said', async () => {
  const early = Array.from({ length: 2400 }, (_, k) => `0${(k % 9) + 1}/01/2019`)
  expect((await timesOf([...early, '13/01/2019'])).at(-1)).toBe('2019-01-13T00:00:00Z')
  expect((await timesOf([...early, '01/13/2019'])).at(-1)).toBe('2019-09-01T00:00:00Z')
  const open = ['01/02/2019', '03/02/2019']
  expect(await failure(withTimes(...open), table)).toBe(
    'bad-data i.csv column "time": Nothing in this column tells day from month: "01/02/2019" is 2019-02-01 as DD/MM/YYYY and 2019-01-02 as MM/DD/YYYY. Say it with --date-format dmy, mdy or ymd.',
  )
  expect(await timesOf(open, { dateFormat: 'mdy' })).toEqual(['2019-01-02T00:00:00Z', '2019-03-02T00:00:00Z'])
  expect(await timesOf(open, { dateFormat: 'time=DD/MM/YYYY' })).toEqual(['2019-02-01T00:00:00Z', '2019-02-03T00:00:00Z'])
  expect(await failure(withTimes(...open), { ...table, dateFormat: 'later' })).toContain('"later" is no form of times that is known')
  // both orders in one column: the row of the rarer one is named
  expect(await failure(withTimes('13/01/2019', '14/01/2019', '01/15/2019'), table)).toContain(
    'i.csv:4 column "time": "01/15/2019" is no time',
  )
})

test('numbers that may count something else than seconds are asked about, by the whole column, and taken once said', async () => {
  const days = ['45292', '45293.5']
  expect(await failure(withTimes(...days), table)).toBe(
    'bad-data i.csv column "time": Nothing in this column tells what its numbers count: "45292" is 1970-01-01 as seconds and 2024-01-01 as excel. Say it with --date-format seconds or excel.',
  )
  expect(await timesOf(days, { dateFormat: 'excel' })).toEqual(['2024-01-01T00:00:00Z', '2024-01-02T12:00:00Z'])
  expect(await timesOf(days, { dateFormat: 'seconds' })).toEqual(['1970-01-01T12:34:52Z', '1970-01-01T12:34:53.500Z'])
  // seconds of a day that begin below what a spreadsheet would count
  expect(await timesOf(['12', '45292', '86000'])).toEqual(['1970-01-01T00:00:12Z', '1970-01-01T12:34:52Z', '1970-01-01T23:53:20Z'])
  const ticks = ['638396640000000000', '638396640010000000']
  expect(await failure(withTimes(...ticks), table)).toContain('is 1990-03-25 as nanoseconds and 2024-01-01 as ticks')
  expect(await timesOf(ticks, { dateFormat: 'ticks' })).toEqual(['2024-01-01T00:00:00Z', '2024-01-01T00:00:01Z'])
  expect(await failure(withTimes('25/12/2024', '12/25/2024', '01/02/2024', '03/04/2024'), table)).toContain(
    'i.csv:2 column "time": This column is written in two ways: "25/12/2024" is DD/MM/YYYY alone, "12/25/2024" (i.csv:3) MM/DD/YYYY alone',
  )
})

test('epochs of two units are refused with both readings', async () => {
  expect(await failure(withTimes('1700000000', '1700086400', '1700432000000'), table)).toBe(
    'bad-data i.csv:4 column "time": The other times of this column are seconds since 1970, as which 1700432000000 is in the year 55855; as milliseconds it is 2023-11-19. Write all times in one unit.',
  )
  expect(await failure(withTimes('1700000000000', '1700086400000', '1700432000'), table)).toContain(
    'milliseconds since 1970, as which 1700432000 is 1970-01-20; as seconds it is 2023-11-19',
  )
})

test('whole numbers of a typed column that are dates, and epochs', async () => {
  const path = join(await temporaryFolder(), 'i.parquet')
  const connection = await (await DuckDBInstance.create(':memory:')).connect()
  for (const [value, seconds] of [
    ['20240131', Date.UTC(2024, 0, 31)],
    ['20240131::DOUBLE', Date.UTC(2024, 0, 31)],
    ['1706659200000', Date.UTC(2024, 0, 31)],
    [`DATE '2024-01-31'`, Date.UTC(2024, 0, 31)],
  ] as const) {
    await connection.run(`COPY (SELECT 'u' AS user, 'i' AS item, ${value} AS time) TO '${path}' (FORMAT parquet)`)
    expect([...(await importFrom('/', { interactions: path })).dataset.interactions.time!]).toEqual([seconds / 1000])
  }
  connection.closeSync()
})

async function pricesOf(cells: readonly string[], input = {}): Promise<unknown[]> {
  const files = {
    'i.csv': `user,item\n${cells.map((_, k) => `u,p${k}\n`).join('')}`,
    'items.csv': `item,price\n${cells.map((cell, k) => `p${k},"${cell}"\n`).join('')}`,
  }
  const { dataset } = await importFiles(files, { ...table, items: 'items.csv', ...input })
  return (await dataset.rows('item', [...cells.keys()])).map(({ price }) => price)
}

test.each([
  [
    ['0,051', '0,034', '0,017'],
    [0.051, 0.034, 0.017],
  ],
  [
    ['1.234,5', '12,25', '1.000'],
    [1234.5, 12.25, 1000],
  ],
  [
    ['1,234.5', '12.25', '1,000'],
    [1234.5, 12.25, 1000],
  ],
  [
    ["1'234.50", '12.25', "1'000'000"],
    [1234.5, 12.25, 1_000_000],
  ],
  [
    ['1 234,50 €', '12,25 €', '7 €'],
    [1234.5, 12.25, 7],
  ],
  [
    ['12,34,567.8', '1.5', '3'],
    [1_234_567.8, 1.5, 3],
  ],
  [
    ['($1,234.50)', '$2.5', '-$3'],
    [-1234.5, 2.5, -3],
  ],
  [
    ['95%', '7.5 %', '0%'],
    [95, 7.5, 0],
  ],
  [
    ['R$ 5,50', 'R$ 1.005,00', 'R$ 7'],
    [5.5, 1005, 7],
  ],
] as const)('numbers %j', async (cells, numbers) => {
  expect(await pricesOf(cells)).toEqual(numbers)
})

test('a comma that may part thousands or decimals is said, and a flag decides', async () => {
  expect(await pricesOf(['1,234', '5,678'])).toEqual([1234, 5678])
  expect(await pricesOf(['1,234', '5,678'], { decimal: 'comma' })).toEqual([1.234, 5.678])
})

test('weights with decimal commas', async () => {
  const { dataset, manifest } = await importFiles({ 'i.csv': 'user;item;rating\nu0;i0;4,5\nu0;i1;3,0\nu0;i2;5,0\n' }, table)
  expect([manifest.hasWeight, ...dataset.interactions.weight!]).toEqual([true, 4.5, 3, 5])
})

test('dates of metadata: all cells decide the order of days; where nothing does the column is left out until it is said', async () => {
  const born = async (cells: readonly string[], input = {}): Promise<[unknown[], string[]]> => {
    const rows = cells.map((cell, k) => `u${k},${cell}\n`).join('')
    const files = { 'i.csv': `user,item\n${cells.map((_, k) => `u${k},p\n`).join('')}`, 'users.csv': `user,born\n${rows}` }
    const { dataset, manifest } = await importFiles(files, { ...table, users: 'users.csv', ...input })
    return [
      [manifest.userColumns[0]!.kind, (await dataset.rows('user', [0]))[0]!['born']],
      manifest.warnings.filter((text) => text.includes('born')),
    ]
  }
  expect(await born(['01/02/1990', '13/02/1990'])).toEqual([['time', Date.UTC(1990, 1, 1) / 1000], []])
  const [kind, warnings] = await born(['01/02/1990', '03/02/1990'])
  expect([kind, warnings[0]]).toEqual([['ignore', '01/02/1990'], expect.stringContaining('Nothing in this column tells day from month')])
  expect((await born(['01/02/1990', '03/02/1990'], { dateFormat: 'born=mdy' }))[0]).toEqual(['time', Date.UTC(1990, 0, 2) / 1000])
})

test('a year of five digits and words that DuckDB knows are no times', async () => {
  for (const slip of ['20019-01-03', '20019-01-03T10:00:00Z', 'epoch']) {
    const rows = `user,item,time\na,p,2019-01-01T10:00:00Z\na,q,2019-01-02T10:00:00Z\nb,p,${slip}\n`
    expect(await failure({ 'i.csv': rows }, { interactions: 'i.csv' })).toMatch(/^bad-data .*i\.csv:4 column "time"/)
  }
})

test('amounts of several currencies and codes of one width are no numbers', async () => {
  const kindOf = async (cells: readonly string[]): Promise<string> => {
    const items = `item;v\n${cells.map((cell, k) => `p${k};${cell}\n`).join('')}`
    const files = { 'i.csv': `user,item\n${cells.map((_, k) => `u,p${k}\n`).join('')}`, 'items.csv': items }
    return (await importFiles(files, { interactions: 'i.csv', items: 'items.csv' })).manifest.itemColumns[0]!.kind
  }
  expect(await kindOf(['€5', '$6', '£7'])).not.toBe('number')
  expect(await kindOf(['€5', '€6', '7'])).toBe('number')
  expect(await kindOf(['007', '012', '123'])).toBe('category')
  expect(await kindOf(['7', '12', '123'])).toBe('number')
})

test('times of 0 among others, and times of after today, are pointed out', async () => {
  const codes = async (...times: string[]): Promise<string[]> =>
    (await importFiles(withTimes(...times), table)).manifest.findings!.map(({ code }) => code)
  expect(await codes('0', '-1', ...Array.from({ length: 20 }, (_, k) => String(1_700_000_000 + k)))).toContain('time-zero')
  expect(await codes('0', '1', '2', '3')).not.toContain('time-zero')
  expect(await codes('05/01/2567', '13/02/2567')).toContain('time-future')
  expect(await codes('05/01/2019', '13/02/2019')).not.toContain('time-future')
})

test('times without a zone among others that name one are UTC, and counted', async () => {
  const mixed = withTimes('2024-03-10T10:00:00Z', '2024-03-11T10:00:00', '2024-03-12', '2024-03-12T10:00:00+09:00')
  const { manifest } = await importFiles(mixed, table)
  expect(manifest.warnings).toContainEqual(
    expect.stringMatching(/2 times name no zone, as "2024-03-11T10:00:00", where others do: taken as UTC/),
  )
  const { manifest: zoned } = await importFiles(withTimes('2024-03-10T10:00:00Z', '2024-03-11T10:00:00-03:00'), table)
  expect(zoned.warnings.filter((warning) => warning.includes('zone'))).toEqual([])
})
