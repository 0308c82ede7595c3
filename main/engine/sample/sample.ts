/**
 * Writes the sample market: interactions and users as CSV, listings as JSON Lines, so that several formats and every kind of
 * feature occur. The same seed and sizes give the same bytes on every machine. Costs about two seconds at the default size.
 */
import { join } from 'node:path'
import type { Stage } from '../../contract/shapes/progress.ts'
import type { VerbInput } from '../../contract/verbs.ts'
import { createAtomic, writeFileAtomic } from '../files/atomic.ts'
import type { Listing } from './listings.ts'
import { EVENTS, liveYear, makeMarket, type History, type Market, type MarketSize } from './market.ts'
import type { Traveller } from './travellers.ts'
import { HOMES, ROOM_TYPES } from './world.ts'

/** Users between two progress reports. */
const REPORT_EVERY = 250

export interface SampleOptions {
  readonly seed: number
  readonly users?: number
  readonly listings?: number
  /** about as many */
  readonly events?: number
}

/** Paths of the three files. */
export interface SampleFiles {
  readonly interactions: string
  readonly users: string
  readonly items: string
}

/** Generates the sample market into `folder` (made where it is missing) and answers where its files are. */
export async function* generateSample(folder: string, options: SampleOptions): Stage<SampleFiles> {
  const size: MarketSize = { users: 5000, listings: 3000, events: 150_000, ...options }
  const files = { interactions: join(folder, 'interactions.csv'), users: join(folder, 'users.csv'), items: join(folder, 'listings.jsonl') }
  yield { stage: 'generate listings', done: 0, total: size.listings, unit: 'listings' }
  const market = makeMarket(size)
  await writeFileAtomic(files.items, market.listings.map(listingLine).join(''))
  await writeFileAtomic(files.users, 'user_id,gender,age,home_city,joined\n' + market.travellers.map(userLine).join(''))
  yield* writeInteractions(files.interactions, market, size)
  return files
}

/** How the files of {@link generateSample} are imported: the input of `datasets.import` but its name. */
export function sampleImportInput(files: SampleFiles): Omit<VerbInput<'datasets.import'>, 'name'> {
  return {
    ...files,
    map: 'user=user_id,item=listing_id,time=time,event=event,userId=user_id,itemId=id,title=title',
    kinds: [
      'users.gender=category,users.age=number,users.home_city=category,users.joined=time',
      'items.title=text,items.description=text,items.room_type=category,items.price=number,items.latitude=latitude,items.longitude=longitude',
      'items.amenities=tags,items.created=time,items.photo=vector',
    ].join(','),
  }
}

async function* writeInteractions(path: string, market: Market, size: MarketSize): Stage {
  const file = await createAtomic(path)
  try {
    let text = 'user_id,listing_id,event,time\n'
    let done = 0
    for (const history of liveYear(market, size)) {
      text += visitLines(history)
      if (++done % REPORT_EVERY !== 0 && done < size.users) continue
      await file.write(Buffer.from(text))
      text = ''
      yield { stage: 'generate interactions', done, total: size.users, unit: 'users' }
    }
    await file.commit()
  } finally {
    await file.abort()
  }
}

function visitLines({ visits, last }: History): string {
  return visits.map((v) => `${last.traveller.id},${v.listing.id},${EVENTS[v.event]},${isoTime(v.time)}\n`).join('')
}

function userLine({ id, gender, age, home, joined }: Traveller): string {
  return `${id},${gender ?? ''},${age ?? ''},${HOMES[home]!.name},${isoTime(joined).slice(0, 10)}\n`
}

function listingLine(listing: Listing): string {
  const { id, title, description, price, amenities, created, photo } = listing
  const line = {
    id,
    title,
    description,
    room_type: ROOM_TYPES[listing.roomType]!.value,
    price,
    latitude: Number(listing.latitude.toFixed(5)),
    longitude: Number(listing.longitude.toFixed(5)),
    amenities,
    created: isoTime(created),
    photo: Array.from(photo, (x) => Number(x.toFixed(4))),
  }
  return `${JSON.stringify(line)}\n`
}

/** Whole seconds since 1970 as ISO 8601, UTC. */
function isoTime(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`
}
