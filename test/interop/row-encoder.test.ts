/**
 * The row encoder of the exports, in Python, against Pylon: cells of every form, and rows of every kind of feature, odd ones and those
 * that must be refused too.
 */
import { mkdtempSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect } from 'vitest'
import { PylonError } from '../../main/contract/errors.ts'
import { FORMS } from '../../main/engine/dataset/cells/forms.ts'
import { writeRowEncoder } from '../../main/engine/export/row-encoder.ts'
import { encodeRow } from '../../main/engine/features/encode.ts'
import type { FrozenEncoders, FrozenFeature } from '../../main/engine/features/encoded.ts'
import { kindOf } from '../../main/engine/features/kinds.ts'
import { rowContext } from '../../main/engine/features/typed-context.ts'
import { cellsOf, CELLS } from '../helpers/cells.ts'
import { needing } from '../helpers/needs.ts'
import { everyItemFeature, everyUserFeature, fit, listings, market, plain, specOf } from '../unit/features/market.ts'
import { findPython } from '../../main/engine/export/python.ts'
import { runPython } from '../helpers/python.ts'

type Row = Record<string, unknown>

const root = mkdtempSync(join(tmpdir(), 'pylon-row-encoder-'))
const script = (name: string): string => join(import.meta.dirname, name)

const moreItemFeatures = [
  { kind: 'number', name: 'plain-band', column: 'rating', transform: 'quantile', buckets: 5, dim: 2 },
  { kind: 'category', name: 'room-hashed', column: 'room', dim: 2, hashBuckets: 7 },
  { kind: 'category', name: 'price-as-name', column: 'price', dim: 2 },
  { kind: 'tags', name: 'amenities-hashed', column: 'amenities', dim: 2, hashBuckets: 11 },
  { kind: 'tags', name: 'rooms', column: 'room', dim: 2 },
  { kind: 'text', name: 'words', column: 'title', dim: 2, buckets: 1000, charNgrams: null, wordNgrams: 3, maxTokens: 5 },
  { kind: 'text', name: 'tags-as-text', column: 'amenities', dim: 2, buckets: 50, charNgrams: [2, 3] },
  { kind: 'geo', name: 'waves', latitude: 'lat', longitude: 'lon', waves: 6, cellsKm: [0.3], dim: 2 },
  { kind: 'time', name: 'listed-age', column: 'listed', parts: ['age'], dim: 2 },
  { kind: 'time', name: 'listed-period', column: 'listed', parts: ['period'], periods: 3, dim: 2 },
  { kind: 'vector', name: 'photo-raw', column: 'photo', normalise: false },
] as const

const MOMENT = { kind: 'time', name: 'moment', parts: ['period'], periods: 3, dim: 2 } as const

/** Forms of the columns, those of one name in turn. */
const waysOfWriting = (n: number): Record<string, string> => {
  const pick = (forms: ReadonlyMap<string, unknown>, test: RegExp): string => {
    const names = [...forms.keys()].filter((name) => test.test(name))
    return names[n % names.length]!
  }
  return {
    room: pick(FORMS.text, /./),
    title: pick(FORMS.text, /./),
    amenities: pick(FORMS.list, /./),
    price: pick(FORMS.number, /^number/),
    rating: pick(FORMS.number, /^number/),
    lat: pick(FORMS.number, /^number$/),
    lon: pick(FORMS.number, /^number$/),
    listed: pick(FORMS.number, /date|epoch/i),
    photo: pick(FORMS.vector, /./),
  }
}

/** As an import of text files would have frozen them. */
function written(encoders: FrozenEncoders, forms: Readonly<Record<string, string>>): FrozenEncoders {
  const withForms = (frozen: FrozenFeature): FrozenFeature => {
    const names = kindOf(frozen.feature)
      .columns(frozen.feature)
      .map(({ name }) => name)
    return { ...frozen, forms: Object.fromEntries(names.filter((name) => name in forms).map((name) => [name, forms[name]!])) }
  }
  return { ...encoders, item: encoders.item.map(withForms) }
}

/** What Pylon makes of a row; null where it refuses it. */
function byPylon(encoders: FrozenEncoders, side: 'user' | 'item', row: Row): unknown {
  try {
    const { dense, bags } = plain(encodeRow(encoders, side, row), 0)
    if (side === 'item') return { dense, bags }
    const context = rowContext(encoders, row)
    const moments = context.bags.map(({ indices }, i) => {
      const { feature, table } = encoders.userLayout.contextBags[i]!
      return [`${feature}:${table}`, [...indices.subarray(0, context.bags[i]!.offsets[1])]] as const
    })
    return {
      dense: [...dense, ...context.dense.subarray(0, encoders.userLayout.contextDenseWidth)],
      bags: { ...bags, ...Object.fromEntries(moments) },
    }
  } catch (error) {
    if (error instanceof PylonError) return null
    throw error
  }
}

const draw = <T>(values: fc.Arbitrary<T>, count: number, seed: number): T[] => fc.sample(values, { numRuns: count, seed })
const words = fc.constantFrom(
  'Sunny',
  'loft',
  'HTML &amp; <b>bold</b>',
  'naïve',
  "it's",
  'ΟΔΟΣ',
  'İzmir',
  '👩‍👩‍👧 family',
  'ﬁne',
  'x²',
  '12',
  '',
)
/** Letters of Unicode 15 and later: Python 3.11 has 14, and folds none of them. */
const NEWER = /[\u1c89\u1c8a\ua7cb-\ua7dc\u{10d40}-\u{10d8f}\u{16ea0}-\u{16ed4}\u{1e030}-\u{1e08f}]/u
const title = fc
  .oneof(
    fc.array(words, { maxLength: 6 }).map((all) => all.join(' ')),
    fc.string({ unit: 'grapheme', maxLength: 20 }),
    CELLS,
  )
  .filter((text) => !NEWER.test(text))
const typed = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.array(fc.oneof(fc.string(), fc.integer(), fc.constant(null)), { maxLength: 3 }),
)
const mostly = <T, U>(usual: fc.Arbitrary<T>, odd: fc.Arbitrary<U>): fc.Arbitrary<T | U> =>
  fc.oneof({ weight: 30, arbitrary: usual }, { weight: 1, arbitrary: odd })

/** Forms by their names, whatever they give. */
const FORM = new Map(Object.values(FORMS).flatMap((some) => [...some.values()].map((form) => [form.name, form] as const)))

function anyItem(forms: Readonly<Record<string, string>>): fc.Arbitrary<Row> {
  const cell = (column: string): fc.Arbitrary<string> => {
    const form = FORM.get(forms[column]!)!
    return fc.constantFrom(
      ...cellsOf(forms[column]!)
        .slice(0, 500)
        .filter((text) => form.parse(text) !== null),
      '',
    )
  }
  const degrees = (most: number): fc.Arbitrary<unknown> => mostly(fc.double({ min: -most, max: most, noNaN: true }).map(String), typed)
  const photo = mostly(
    fc.oneof(fc.tuple(fc.float({ noNaN: true }), fc.float({ noNaN: true })), fc.constant(''), fc.constant(null)),
    fc.oneof(cell('photo'), typed),
  )
  return fc.record(
    {
      id: mostly(fc.constantFrom('a', 'b', 'cold', 'nobody', ''), fc.integer()),
      room: mostly(
        fc.oneof(fc.constantFrom('entire', 'private', ' private ', 'NULL', '["entire","tent"]', 'entire|private'), title),
        typed,
      ),
      amenities: mostly(fc.oneof(cell('amenities'), fc.constantFrom('wifi', '["wifi", "sauna"]', "['wifi','sauna']", 'sauna|wifi')), typed),
      price: mostly(fc.oneof(cell('price'), fc.double({ min: 0, max: 2000, noNaN: true })), typed),
      rating: mostly(fc.oneof(cell('rating'), fc.double({ min: -5, max: 5, noNaN: true })), typed),
      title: mostly(title, typed),
      lat: degrees(90),
      lon: degrees(180),
      listed: mostly(fc.oneof(cell('listed'), fc.integer({ min: 0, max: 2e9 }), fc.constant('2024-02-29T12:00Z')), typed),
      photo,
    },
    { requiredKeys: [] },
  )
}

const anyUser = fc.record(
  {
    id: mostly(fc.constantFrom('1', '2', '10', 'new'), fc.integer({ min: 0, max: 12 })),
    city: mostly(fc.oneof(fc.constantFrom('Oslo', 'Bern', '', 'NULL'), title), typed),
    age: mostly(fc.oneof(fc.integer({ min: 0, max: 200 }), fc.constantFrom('31', '$1,150.00', '95%', '', '−5')), typed),
    when: mostly(
      fc.oneof(fc.integer({ min: 0, max: 4e9 }), fc.constantFrom('2024-05-31', '2024-05-31T23:59:59+02:00', '1714521600000', '')),
      typed,
    ),
    history: mostly(fc.oneof(fc.constant(null), fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'cold', 'x'), { maxLength: 60 })), typed),
    booked: mostly(fc.constantFrom(null, 'a|b|d', '["d","a"]', ''), typed),
  },
  { requiredKeys: [] },
)

needing('python', 'pyicu').describe('the row encoder', () => {
  const { test } = needing('python', 'pyicu')
  beforeAll(() => writeRowEncoder(root))
  afterAll(() => rm(root, { recursive: true, force: true }))

  test('reads cells of every form as Pylon does', async () => {
    const forms = Object.values(FORMS).flatMap((some) => [...some.values()])
    const given = Object.fromEntries(forms.map(({ name }) => [name, cellsOf(name)]))
    await writeFile(join(root, 'cells.json'), JSON.stringify(given))
    const lines = (await runPython(findPython()!, root, [script('row_encoder_cells.py'), root, join(root, 'cells.json')]))
      .trimEnd()
      .split('\n')
    expect(lines).toHaveLength(forms.length)
    for (const [i, line] of lines.entries()) {
      const form = forms[i]!
      const cells = given[form.name]!
      const found = JSON.parse(line) as unknown[]
      const expected = JSON.parse(JSON.stringify(cells.map((cell) => form.parse(cell)))) as unknown[] // NaN as null
      const wrong = cells.flatMap((cell, k) =>
        JSON.stringify(found[k]) === JSON.stringify(expected[k]) ? [] : [{ cell, found: found[k], expected: expected[k] }],
      )
      expect(wrong.slice(0, 5), form.name).toEqual([])
      expect(expected.filter((value) => value !== null).length, form.name).toBeGreaterThan(20)
    }
  })

  test('encodes 10,000 rows as Pylon does, and refuses what Pylon refuses', async () => {
    const fitted = await fit(specOf([...everyUserFeature, MOMENT], [...everyItemFeature, ...moreItemFeatures]), market())
    const items = Array.from({ length: 60 }, (_, n) => {
      const forms = waysOfWriting(n)
      const encoders = written(fitted, forms)
      const rows = [...(listings as readonly Row[]), ...draw(anyItem(forms), 130, n)]
      return { side: 'item' as const, encoders, rows }
    })
    const cases = [...items, { side: 'user' as const, encoders: fitted, rows: draw(anyUser, 2_200, 1) }].map((one) => {
      const rows = JSON.parse(JSON.stringify(one.rows)) as Row[]
      return { ...one, rows, expected: rows.map((row) => byPylon(one.encoders, one.side, row)) }
    })
    await writeFile(join(root, 'cases.json'), JSON.stringify(cases))
    const told = JSON.parse(
      (await runPython(findPython()!, root, [script('row_encoder_rows.py'), root])).trimEnd().split('\n').at(-1)!,
    ) as Record<string, number>
    expect(told['rows']).toBeGreaterThanOrEqual(10_000)
    expect(told['refused']).toBe(cases.flatMap(({ expected }) => expected).filter((value) => value === null).length)
    expect(told['refused']).toBeGreaterThan(300)
    expect(told['refused']).toBeLessThan(0.6 * told['rows']!)
    expect(told['worst']).toBeLessThan(1e-6)
  })
})
