/** The finder against the definition of its order, spelled out over all entities. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createFinder, foldText } from '../../../main/engine/serving/find.ts'

interface Named {
  readonly id: string
  readonly title: string | null
}

const letters = fc.constantFrom('a', 'b', 'é', 'E', ' ', '-', '1', '中')
const text = fc.string({ unit: letters, maxLength: 8 })
const entities = fc.array(
  fc.record({ id: fc.string({ unit: letters, minLength: 1, maxLength: 4 }), title: fc.option(text, { nil: null }) }),
  { maxLength: 40 },
)

/** How one entity matches, the lower the better; null: not at all. */
function kindOf({ id, title }: Named, question: string): number | null {
  const words = foldText(question)
    .split(/\s+/)
    .filter((word) => word !== '')
  const [name, rest] = [foldText(id), foldText(title ?? '')]
  const line = `${name}\t${rest}\n`
  if (!words.every((word) => line.includes(word))) return null
  const whole = words.join(' ')
  const longest = [...words].sort((a, b) => b.length - a.length)[0]!
  const wanted = line.includes(whole) ? whole : longest
  if (name === wanted) return 0
  if (name.startsWith(wanted) || rest.startsWith(wanted)) return 1
  const places = [...line.matchAll(new RegExp(wanted, 'gu'))].map(({ index }) => index)
  return places.some((at) => at === 0 || !/[\p{L}\p{N}]/u.test(line[at - 1]!)) ? 2 : 3
}

test('every match is counted, and the best come first: the id, beginnings, words, anywhere, popular ones before others', () =>
  fc.assert(
    fc.asyncProperty(entities, text, fc.integer({ min: 1, max: 10 }), async (named, question, limit) => {
      const order = Int32Array.from(named, (_, i) => named.length - 1 - i)
      const finder = await createFinder(
        named.map(({ id }) => id),
        named.map(({ title }) => title),
        order,
      )
      const { entities: found, total } = finder.find(question, limit)
      if (foldText(question) === '') {
        expect([[...found], total]).toEqual([[...order.subarray(0, limit)], named.length])
        return
      }
      const expected = [...order]
        .map((entity, place) => ({ entity, place, kind: kindOf(named[entity]!, question) }))
        .filter(({ kind }) => kind !== null)
        .sort((a, b) => a.kind! - b.kind! || a.place - b.place)
      expect([[...found], total]).toEqual([expected.slice(0, limit).map(({ entity }) => entity), expected.length])
    }),
    { numRuns: 300 },
  ))

test('case, accents and order of words do not matter', async () => {
  const finder = await createFinder(['1', '2', '3'], ['Café de Flore', 'The Flower Café', null], Int32Array.of(2, 1, 0))
  expect([...finder.find('flore CAFE', 5).entities]).toEqual([0])
  expect([...finder.find('cafe', 5).entities]).toEqual([0, 1])
  expect([...finder.find('3', 5).entities]).toEqual([2])
  expect(finder.find('tea', 5)).toEqual({ entities: new Int32Array(0), total: 0 })
})
