import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Progress } from '../../../main/contract/shapes/progress.ts'
import { generateSample, type SampleFiles, type SampleOptions } from '../../../main/engine/sample/sample.ts'
import type { Listing } from '../../../main/engine/sample/listings.ts'
import { liveYear, makeMarket, type MarketSize } from '../../../main/engine/sample/market.ts'
import { Random, exponential } from '../../../main/engine/sample/random.ts'
import { temporaryFolder } from '../../helpers/folder.ts'
import { firstContacts, oracleScores } from '../../helpers/oracle.ts'

const SMALL: SampleOptions = { seed: 7, users: 400, listings: 300, events: 12_000 }
/** The sample market as everybody gets it. */
const SIZE: MarketSize = { seed: 1, users: 5000, listings: 3000, events: 150_000 }
const market = makeMarket(SIZE)
const histories = [...liveYear(market, SIZE)]

async function generate(folder: string, options: SampleOptions): Promise<{ files: SampleFiles; progress: Progress[] }> {
  const progress: Progress[] = []
  const stage = generateSample(folder, options)
  for (;;) {
    const next = await stage.next()
    if (next.done === true) return { files: next.value, progress }
    progress.push(next.value)
  }
}

/** The same on every machine: only operations that IEEE 754 fixes to the last bit are used. */
test('a seed gives the same bytes, now and anywhere', async () => {
  const folder = await temporaryFolder()
  const checksum = async (path: string): Promise<string> =>
    createHash('sha256')
      .update(await readFile(path))
      .digest('hex')
      .slice(0, 16)
  const { files, progress } = await generate(join(folder, 'a'), SMALL)
  const other = await generate(join(folder, 'b'), { ...SMALL, seed: 8 })
  expect(await Promise.all(Object.values(files).map(checksum))).toMatchInlineSnapshot(`
    [
      "3b01d2ffd29de2ec",
      "616290f457d68f97",
      "43bfb11cc877fe8e",
    ]
  `)
  expect(await checksum(other.files.interactions)).not.toBe(await checksum(files.interactions))
  expect(progress.at(-1)).toEqual({ stage: 'generate interactions', done: 400, total: 400, unit: 'users' })
})

test('the files hold every kind of column', async () => {
  const folder = await temporaryFolder()
  const { files } = await generate(folder, SMALL)
  const interactions = (await readFile(files.interactions, 'utf8')).trimEnd().split('\n')
  const users = (await readFile(files.users, 'utf8')).trimEnd().split('\n')
  const listings = (await readFile(files.items, 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  expect(interactions.length).toBeGreaterThan(11_000)
  expect(interactions.length).toBeLessThan(13_000)
  expect({ interactions: interactions.slice(0, 3), users: users.slice(0, 3), listing: listings[41] }).toMatchInlineSnapshot(`
    {
      "interactions": [
        "user_id,listing_id,event,time",
        "U00001,L00031,view,2024-06-21T16:01:07Z",
        "U00001,L00031,click,2024-06-21T16:01:20Z",
      ],
      "listing": {
        "amenities": [
          "Wifi",
          "Kitchen",
          "Washing machine",
          "Air conditioning",
          "Smart lock",
          "Fireplace",
          "Balcony",
          "Roof terrace",
          "Late check-in",
          "High chair",
          "Pool",
          "Garden",
          "Barbecue",
          "Desk",
          "Pets welcome",
          "Smoke alarm",
        ],
        "created": "2022-11-23T13:54:06Z",
        "description": "Stay in Faro: a bedroom in the Beachfront. Kid-proof from the sockets to the stairs, with room for the pram. A sweeping view of the sea and the skyline. Practical and neutral, everything in its place. The park with its running paths begins at the corner. Simple and clean, nothing fancy, at a fair rate. A historic house with antique furniture and thick stone walls. Welcome!",
        "id": "L00042",
        "latitude": 36.99236,
        "longitude": -7.86752,
        "photo": [
          1.6601,
          0.5734,
          -1.4227,
          1.7132,
          -0.0907,
          0.1452,
          0.6083,
          0.3962,
          0.0314,
          -1.1204,
          0.8977,
          -0.7544,
          -0.7468,
          -0.6995,
          0.9685,
          -0.3001,
        ],
        "price": 53,
        "room_type": "Private room",
        "title": "Kid-proof bedroom, Faro Beachfront",
      },
      "users": [
        "user_id,gender,age,home_city,joined",
        "U00001,female,84,Madrid,2023-11-03",
        "U00002,male,28,Paris,2022-11-15",
      ],
    }
  `)
  const ids = new Set(listings.map(({ id }) => id))
  const userIds = new Set(users.slice(1).map((line) => line.split(',')[0]))
  expect([ids.size, userIds.size]).toEqual([300, 400])
  expect(interactions.slice(1).every((line) => userIds.has(line.split(',')[0]) && ids.has(line.split(',')[1]!))).toBe(true)
  expect(listings.every(({ photo }) => (photo as number[]).length === 16 && (photo as number[]).every(Number.isFinite))).toBe(true)
  expect(listings.every(({ price }) => (price as number) >= 9)).toBe(true)
  expect(listings.filter(({ title }) => /\p{Script=Han}/u.test(title as string)).length).toBeGreaterThan(5)
  expect(users.some((line) => /^U\d+,,/.test(line)) && users.some((line) => /^U\d+,\w*,,/.test(line))).toBe(true)
})

test('exactly the cold 5 % are never met before the test item, and each of them is a test item of somebody', () => {
  const trained = new Set<Listing>()
  const tested = new Set<Listing>()
  for (const history of histories) {
    const contacts = firstContacts(history)
    for (const listing of contacts.slice(0, -2)) trained.add(listing)
    tested.add(contacts.at(-1)!)
  }
  const cold = market.listings.filter((listing) => listing.cold)
  expect(cold.length).toBe(150)
  expect(market.listings.filter((listing) => !trained.has(listing))).toEqual(cold)
  expect(cold.filter((listing) => !tested.has(listing))).toEqual([])
  expect(Math.min(...histories.map((history) => firstContacts(history).length))).toBe(4)
})

test('a life is in order: views before clicks before bookings, each moment its own', () => {
  const disorder: string[] = []
  for (const { visits, last } of histories) {
    const furthest = new Map<string, number>()
    for (const [i, { listing, event, time }] of visits.entries()) {
      const before = furthest.get(listing.id) ?? -1
      if (event > before + 1 || (i > 0 && time <= visits[i - 1]!.time)) disorder.push(`${last.traveller.id} ${listing.id}`)
      furthest.set(listing.id, Math.max(event, before))
    }
  }
  expect(disorder).toEqual([])
})

/** recall@20 on the test items; the README names the first two. */
test('there is a ceiling to reach for: the true preferences retrieve many times what popularity does, warm and cold', () => {
  const index = new Map(market.listings.map((listing, i) => [listing, i]))
  const popularity = new Float64Array(market.listings.length)
  for (const history of histories) for (const listing of firstContacts(history).slice(0, -2)) popularity[index.get(listing)!]!++
  const hits = { oracle: 0, popular: 0, cold: 0, oracleCold: 0 }
  for (const history of histories) {
    const contacts = firstContacts(history).map((listing) => index.get(listing)!)
    const answer = contacts.at(-1)!
    const popular = popularity.slice()
    for (const seen of contacts.slice(0, -1)) popular[seen] = -1
    const oracle = isInTop20(oracleScores(market, history), answer)
    hits.oracle += oracle
    hits.popular += isInTop20(popular, answer)
    hits.cold += market.listings[answer]!.cold ? 1 : 0
    hits.oracleCold += market.listings[answer]!.cold ? oracle : 0
  }
  const { oracle, popular, cold, oracleCold } = hits
  expect({
    oracle: oracle / histories.length,
    popular: popular / histories.length,
    cold: cold / histories.length,
    oracleCold: oracleCold / cold,
  }).toMatchInlineSnapshot(`
    {
      "cold": 0.093,
      "oracle": 0.5962,
      "oracleCold": 0.6752688172043011,
      "popular": 0.0344,
    }
  `)
})

/** 1 where fewer than 20 others rank before it, ties by order. */
function isInTop20(scores: Float64Array, answer: number): 0 | 1 {
  const own = scores[answer]!
  let before = 0
  for (let i = 0; i < scores.length; i++) if (scores[i]! > own || (scores[i] === own && i < answer)) before++
  return before < 20 ? 1 : 0
}

test('random numbers have the moments they promise', () => {
  const random = new Random(3, 'moments')
  const draws = Array.from({ length: 20_000 }, () => random.normal())
  const mean = draws.reduce((a, b) => a + b) / draws.length
  const variance = draws.reduce((a, b) => a + (b - mean) ** 2, 0) / draws.length
  expect([mean, variance].map((x) => Math.round(x * 10))).toEqual([0, 10])
  const counts = [0, 0, 0]
  for (let i = 0; i < 12_000; i++) counts[random.weighted([1, 0, 3])]!++
  expect(counts[1]).toBe(0)
  expect(counts[2]! / counts[0]!).toBeCloseTo(3, 0)
  expect([...random.permutation(50)].sort((a, b) => a - b)).toEqual([...Array(50).keys()])
  for (let x = -10; x <= 10; x++) expect(exponential(x) / Math.exp(x)).toBeCloseTo(1, 1)
})
