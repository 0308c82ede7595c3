/**
 * What a served model takes of a typed-in user or item, and what its items are filtered by, as JSON Schemas: the part of a server's OpenAPI
 * document that depends on the model. Each says what is accepted for sure; text cells that are written in further ways may be read too
 * (dataset/cells/typed.ts).
 */
import type { Column } from '../../contract/shapes/dataset.ts'
import type { Side } from '../dataset/dataset.ts'
import { LARGEST_OF_VECTOR, parseCell } from '../dataset/cells/typed.ts'
import type { FrozenFeature } from '../features/encoded.ts'
import { kindOf } from '../features/kinds.ts'
import type { Storage } from '../features/kind.ts'
import type { Towers } from '../model/towers.ts'

type Schema = Readonly<Record<string, unknown>>
export interface RowSchemas {
  readonly user: Schema
  /** of a new user whose history is given beside it: without histories of its own; null where the model reads none */
  readonly userBesideHistory: Schema | null
  /** what its tower reads */
  readonly item: Schema
  /** of an item that is put: what filters read, too */
  readonly put: Schema
  readonly filter: Schema
}

/** @param filtered columns of items that filters may name */
export function rowSchemas(towers: Towers, itemColumns: readonly Column[], filtered: readonly string[]): RowSchemas {
  const told = itemColumns.filter(({ name }) => filtered.includes(name))
  const [user, item] = [sideSchema(towers, 'user'), sideSchema(towers, 'item')]
  const further = told.filter(({ name }) => name === 'id' || !Object.hasOwn(item, name))
  const { id: _, ...described } = item // it stands beside the features
  const histories = towers.pairs.flatMap(({ encoders }) =>
    encoders.user.flatMap(({ feature }) => (feature.kind === 'history' ? feature.name : [])),
  )
  const beside = Object.entries(user).filter(([name]) => !histories.includes(name))
  const cellOf = ({ kind, storage, form }: Column): Schema => cellSchema(storage, { isTime: kind === 'time', form })
  return {
    user: closed(user),
    userBesideHistory: histories.length === 0 ? null : closed(Object.fromEntries(beside)),
    item: closed(item),
    put: closed({ ...described, ...Object.fromEntries(further.map((column) => [column.name, cellOf(column)])) }),
    filter: closed(Object.fromEntries(told.map(({ name }) => [name, FILTER]))),
  }
}

const closed = (properties: Schema): Schema => ({ type: 'object', properties, additionalProperties: false })

function sideSchema(towers: Towers, side: Side): Schema {
  const frozen = towers.pairs.flatMap(({ encoders }) => encoders[side])
  return Object.fromEntries(towers.properties(side).map((name) => [name, propertySchema(frozen, name)]))
}

/** Of all features that read it: whatever one of them refuses is refused. */
function propertySchema(frozen: readonly FrozenFeature[], name: string): Schema {
  const schemas = frozen.flatMap(({ feature, state, forms = {} }): Schema[] => {
    const isContext = !('column' in feature && feature.column !== null)
    if (feature.kind === 'id') return name === 'id' ? [{ type: ['string', 'number', 'null'] }] : []
    if (feature.name === name && feature.kind === 'history')
      return [{ ...cellSchema('list', {}), description: 'ids of items, oldest first' }]
    if (feature.name === name && feature.kind === 'time' && isContext)
      return [{ ...cellSchema('number', { isTime: true }), description: 'when it is asked; else the end of training' }]
    return kindOf(feature)
      .columns(feature)
      .filter((used) => used.name === name)
      .map(({ key, storages, isTime }) => {
        const storage = storages.length === 1 ? storages[0]! : (state['storage'] as Storage)
        const limit = DEGREES[key]
        const minimum = limit === undefined ? (feature.kind === 'number' && feature.transform === 'log' ? 0 : undefined) : -limit
        return cellSchema(storage, { isTime, form: forms[name], width: Number(state['width'] ?? 0), minimum, maximum: limit })
      })
  })
  const unlike = [...new Map(schemas.map((schema) => [JSON.stringify(schema), schema])).values()]
  return unlike.length === 1 ? unlike[0]! : { allOf: unlike }
}

const DEGREES: Readonly<Record<string, number | undefined>> = { latitude: 90, longitude: 180 }

interface CellOptions {
  readonly isTime?: boolean
  readonly form?: string | undefined
  readonly width?: number
  readonly minimum?: number | undefined
  readonly maximum?: number | undefined
}

/** What {@link parseCell} takes for a cell of a column. */
function cellSchema(storage: Storage, { isTime = false, form, width = 0, minimum, maximum }: CellOptions): Schema {
  const plain = { type: ['string', 'number', 'boolean', 'null'] }
  switch (storage) {
    case 'text':
      return plain
    case 'number': {
      const bounds = { ...(minimum !== undefined && { minimum }), ...(maximum !== undefined && { maximum }) }
      const read = (text: string): boolean => {
        try {
          parseCell('number', { value: text, name: '', isTime, width: 0, form })
          return true
        } catch {
          return false
        }
      }
      const patterns = maximum === undefined ? TEXTS.filter(({ probes }) => probes.every(read)).map(({ pattern }) => pattern) : ['']
      return {
        anyOf: [{ type: 'number', ...bounds }, { type: ['boolean', 'null'] }, { type: 'string', pattern: `^(${patterns.join('|')})$` }],
      }
    }
    case 'list':
      return { anyOf: [{ type: 'array', items: plain }, { type: 'null' }, listText(form)] }
    case 'vector':
      return {
        anyOf: [
          {
            type: 'array',
            items: { type: 'number', minimum: -LARGEST_OF_VECTOR, maximum: LARGEST_OF_VECTOR },
            minItems: width,
            maxItems: width,
          },
          { type: 'null' },
        ],
      }
  }
}

/** Only a column of JSON lists refuses texts: those with a bracket that are no JSON. */
const listText = (form: string | undefined): Schema =>
  form === 'JSON list' ? { type: 'string', pattern: String.raw`^\s*([^\s\[]|$)` } : { type: 'string' }

/** Texts of a number or a time that are read in most forms of columns; those that this column's reads stand in its schema. */
const TEXTS: readonly { readonly pattern: string; readonly probes: readonly string[] }[] = [
  { pattern: '', probes: [''] },
  { pattern: '[0-9]{1,9}', probes: ['0', '7', '12', '123456789', '000'] },
  { pattern: String.raw`[0-9]{1,9}\.[0-9]{1,6}`, probes: ['0.5', '1.500', '123456789.123456'] },
  { pattern: '[0-9]{1,9},[0-9]{1,2}', probes: ['0,5', '123456789,12'] },
  { pattern: '(19|20)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])', probes: ['1999-01-28', '2024-12-01'] },
]

/** A value, a list of alternatives, a range, or a list of which an item must have all: see filter.ts. */
const PLAIN: Schema = { type: ['string', 'number'] }
const FILTER: Schema = {
  anyOf: [
    PLAIN,
    { type: 'array', items: PLAIN, minItems: 1 },
    {
      type: 'object',
      properties: { min: { type: 'number' }, max: { type: 'number' } },
      minProperties: 1,
      additionalProperties: false,
    },
    { type: 'object', properties: { all: { type: 'array', items: PLAIN } }, required: ['all'], additionalProperties: false },
  ],
}
