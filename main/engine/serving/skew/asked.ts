/** What requests ask with: ids by their role, and rows of features by side. */
import type { Side } from '../../dataset/dataset.ts'
import type { AskedLine } from '../request-lines.ts'

type Row = Readonly<Record<string, unknown>>

export interface Asked {
  /** users that were named as known */
  readonly users: readonly string[]
  /** a list for each request that has a history, given beside the features or among them */
  readonly histories: readonly (readonly string[])[]
  /** items of histories, events and questions, and those to leave out, which were shown before */
  readonly items: readonly string[]
  /** items that were put into the server */
  readonly put: ReadonlySet<string>
  readonly rows: Readonly<Record<Side, readonly Row[]>>
}

const texts = (value: unknown): string[] => (Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [])

/** @param histories names of the histories that the user tower reads */
export function askedOf(requests: readonly AskedLine[], histories: readonly string[]): Asked {
  const users: string[] = []
  const lists: string[][] = []
  const items: string[] = []
  const put = new Set<string>()
  const rows = { user: [] as Row[], item: [] as Row[] }
  for (const { route, asked } of requests) {
    if (asked.user !== undefined) users.push(asked.user)
    users.push(...(asked.users ?? []))
    if (asked.item !== undefined) items.push(asked.item)
    items.push(...(asked.exclude ?? []), ...(asked.events ?? []).map((event) => event.item))
    for (const { id, features } of asked.items ?? []) {
      put.add(id)
      rows.item.push(features)
    }
    const among = histories.map((name) => asked.features?.[name]).find((value) => value !== undefined)
    const list = asked.history ?? (among === undefined ? null : texts(among))
    if (list !== null) {
      lists.push(list)
      items.push(...list)
    }
    if (asked.features !== undefined) rows[route === '/similar' || route === '/embed/item' ? 'item' : 'user'].push(asked.features)
  }
  return { users, histories: lists, items, put, rows }
}
