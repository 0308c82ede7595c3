/** What a fuzz of the web host sends over its socket: frames, and calls of every verb with fields that are right, hostile or absent. */
import fc from 'fast-check'
import { z } from 'zod'
import { verbs, type VerbName } from '../../main/contract/verbs.ts'
import { bytes, type Asked, type Input } from './web-inputs.ts'

/** Frames of the socket: JSON that is no message, binary frames with headers of their own, and anything. */
export function frames({ data }: Asked): fc.Arbitrary<Input> {
  const call = { kind: 'call', id: 1, verb: 'datasets.inspect', input: { path: data } }
  const known = fc.constantFrom(
    ...[
      '',
      '{',
      'null',
      '[]',
      '0',
      '"x"',
      '{"kind":"call"}',
      '{"$":1}',
      '{"$":{"$":{"$":"NaN"}}}',
      '{"$":"x"}',
      '{"__proto__":{"a":1}}',
      '\u0000',
      '\ud800',
    ],
    ...[
      JSON.stringify(call),
      JSON.stringify({ ...call, id: -1 }),
      JSON.stringify({ ...call, id: 1e300 }),
      JSON.stringify({ ...call, verb: '__proto__' }),
    ],
    ...[
      '['.repeat(5000),
      `${'{"a":'.repeat(200)}1${'}'.repeat(200)}`,
      '{"constructor":{"prototype":{"x":1}}}',
      '{"kind":"host","engine":"lost"}',
    ],
  )
  const header = fc
    .tuple(fc.nat(0xffff_ffff), known, bytes(40))
    .map(([length, text, rest]) =>
      Buffer.concat([Buffer.from(new Uint32Array([length % 97 === 0 ? length : text.length]).buffer), Buffer.from(text + rest)]).toString(
        'latin1',
      ),
    )
  return fc.record({
    kind: fc.constant('frame' as const),
    raw: fc.boolean(),
    binary: fc.boolean(),
    body: fc.oneof(known, header, bytes(200)),
  })
}

/** What a field may hold, right or not. Names of nothing that takes minutes. */
function values({ data, home }: Asked): fc.Arbitrary<unknown> {
  const text = fc.constantFrom(
    ...[
      '',
      'x',
      'a'.repeat(300),
      '\0',
      '../../etc/passwd',
      '/etc/passwd',
      '/dev/zero',
      '/proc/self/environ',
      'file:///etc/passwd',
      'http://127.0.0.1:1/x',
    ],
    ...[
      data,
      `${data}/seen.csv`,
      `${data}/etc/passwd`,
      `${data}/seen.csv#t`,
      `${data}/*`,
      `${data}/[s]een.csv`,
      home,
      `${home}/pylon.sqlite#runs`,
      '~',
      'C:\\x',
    ],
    ...[
      'match.module.path=/etc/passwd',
      ' match[module].path=x',
      'training.epochs=x',
      '[]=1',
      'a.b.c=1',
      'model=x',
      'two-tower',
      'user=1,item=2',
      '%',
      "'; DROP",
    ],
    ...[
      '{"model":"two-tower"}',
      '\ufeff{}',
      '{"match":{"module":{"path":"/etc/passwd"}}}',
      '{',
      'null',
      'test',
      'user',
      'item',
      'time:2024-01-01',
      'random:0.2',
    ],
  )
  const leaf = fc.oneof(
    text,
    fc.string({ maxLength: 30 }),
    fc.integer(),
    fc.double(),
    fc.boolean(),
    fc.constantFrom(null, undefined, NaN, Infinity, -0, 2 ** 53, 1e308),
  )
  return fc.oneof(
    { weight: 8, arbitrary: leaf },
    { weight: 2, arbitrary: fc.array(leaf, { maxLength: 3 }) },
    {
      weight: 1,
      arbitrary: fc.dictionary(fc.constantFrom('match', 'module', 'path', 'model', 'training', 'x', 'constructor'), leaf, { maxKeys: 3 }),
    },
  )
}

/** What a field of this JSON schema may hold, by its kind: small, so that what does run ends soon. */
function plausible({ type, enum: choices, items }: FieldSchema, { data }: Asked): fc.Arbitrary<unknown> {
  if (choices !== undefined) return fc.constantFrom(...choices)
  if (type === 'integer' || type === 'number') return fc.integer({ min: 0, max: 3 })
  if (type === 'boolean') return fc.boolean()
  if (type === 'array') return fc.array(plausible(items ?? {}, { data } as Asked), { maxLength: 2 })
  return fc.constantFrom('x', data, `${data}/seen.csv`, 'seen', '{}')
}

interface FieldSchema {
  readonly type?: string
  readonly enum?: readonly unknown[]
  readonly items?: FieldSchema
}

/** Calls of every verb, their fields by name from the contract. */
export function messages(target: Asked): fc.Arbitrary<Input> {
  const value = values(target)
  const names = Object.keys(verbs) as VerbName[]
  const call = fc.constantFrom(...names).chain((verb) => {
    const schema = z.toJSONSchema(verbs[verb].input, { io: 'input', unrepresentable: 'any' })
    const { properties = {}, required = [] } = schema as { properties?: Record<string, FieldSchema>; required?: string[] }
    // a sample and a probe of all libraries take seconds each, and nothing of a page is in them
    const fields = Object.entries(properties).filter(([key]) => key !== 'sample')
    const input = fc.record(
      Object.fromEntries(
        fields.map(([key, field]) => [key, fc.oneof({ weight: 2, arbitrary: plausible(field, target) }, { weight: 1, arbitrary: value })]),
      ),
      { requiredKeys: required },
    )
    return fc.record({
      verb: fc.constant(verb === 'system.doctor' ? 'system.about' : verb),
      input: fc.oneof({ weight: 9, arbitrary: input }, { weight: 1, arbitrary: value }),
    })
  })
  const nonsense = fc.record(
    { verb: value, input: value, kind: fc.constantFrom('call', 'answer', 'event', 1), extra: value },
    { requiredKeys: ['kind'] },
  )
  return fc
    .oneof({ weight: 9, arbitrary: call.map((asked) => ({ kind: 'call', ...asked })) }, { weight: 1, arbitrary: nonsense })
    .map((message) => ({ kind: 'message', message }))
}
