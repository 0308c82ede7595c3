/**
 * What is sent to a serving host to break it: requests that are right, bent in their request line, their headers, their
 * body or their bytes. Seeded: the same seed makes the same inputs.
 */
import fc from 'fast-check'

/** Ids that the fuzzer may change: the items of the model stay as they are, so that its answers can be compared before and after. */
export const OWN = 'fuzz-item-'

interface Parts {
  readonly method: string
  readonly target: string
  readonly version: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: string
  /** what the headers say of the body's length; null: the truth */
  readonly length: string | null
}

const features = { title: 'Item number 20', genre: 'g1', price: 30 }
/** One of each kind that is answered with 200, or would be. */
const RIGHT: readonly (readonly [method: string, target: string, body: object | null])[] = [
  ['POST', '/recommend', { user: 'u7', k: 5 }],
  ['POST', '/recommend', { history: ['i3', 'i14'], features: {}, k: 60, filter: { genre: ['g1', 'g2'], price: { max: 40 } } }],
  ['POST', '/recommend', { user: 'u7', exclude: ['i1'], excludeSeen: false, exact: true }],
  ['POST', '/similar', { item: 'i20', k: 3 }],
  ['POST', '/similar', { features }],
  ['POST', '/embed/user', { user: 'u7' }],
  ['POST', '/embed/item', { features }],
  ['PUT', '/items', { items: [{ id: `${OWN}1`, features }] }],
  ['DELETE', `/items/${OWN}1`, null],
  ['POST', '/swap', { bundle: '/nowhere' }],
  ['POST', '/swap/rollback', null],
  ['POST', '/recommend/batch', { users: ['u1', 'u2', 'nobody'], k: 3, offset: 1 }],
  ['POST', '/v1/events', { events: [{ user: `${OWN}user`, item: 'i3' }] }],
  ['GET', '/items?limit=3&state=put', null],
  ['GET', '/health', null],
  ['GET', '/metrics', null],
  ['GET', '/openapi.json', null],
]

const TARGETS = [
  '//',
  '///x',
  '/',
  '',
  '*',
  '?',
  '#',
  '/\\',
  '/%',
  '/%00',
  '/items/%zz',
  '/items/',
  '/items/a/b',
  '/../../etc/passwd',
  '/recommend//',
]
const FURTHER = [
  'http://127.0.0.1/health',
  'http://[',
  'https://evil.example/',
  'javascript:alert(1)',
  '/health?a#&token=x',
  `/${'a'.repeat(9000)}`,
]
const METHODS = ['', 'get', 'HEAD', 'OPTIONS', 'CONNECT', 'TRACE', 'PATCH', 'PRI', 'M-SEARCH', 'BREW', 'GET GET', '\0']
const VERSIONS = ['HTTP/1.0', 'HTTP/0.9', 'HTTP/2.0', 'HTTP/9.9', 'HTTP/', '', 'ICY', 'HTTP/1.1 x']
const HEADERS: readonly (readonly [string, string])[] = [
  ['host', 'evil.example'],
  ['host', ''],
  ['host', '127.0.0.1:99999999'],
  ['authorization', 'Bearer '],
  ['authorization', 'Basic AAAA'],
  ['origin', 'null'],
  ['content-length', '-1'],
  ['content-length', '99999999999999999999'],
  ['content-length', '5, 6'],
  ['transfer-encoding', 'chunked'],
  ['transfer-encoding', 'chunked, identity'],
  ['transfer-encoding', 'gzip'],
  ['expect', '100-continue'],
  ['expect', 'the unexpected'],
  ['upgrade', 'websocket'],
  ['connection', 'upgrade, close'],
  ['content-type', 'text/plain; charset=utf-16'],
  ['x-long', 'y'.repeat(20_000)],
  ['x\0y', 'z'],
  ['', 'nameless'],
  ['x-folded', 'a\r\n b'],
  ['cookie', 'a=b; '.repeat(500)],
]
/** Values for any place of a body. */
const ODD: readonly unknown[] = [
  ...[null, true, '', 0, -1, 1.5, 1e308, -1e308, 2 ** 53, [], {}, [[]], [null], { min: null }, { max: 'x' }, { all: [] }, { all: 3 }],
  ...['\0', '\ud800', '𝄞', 'x'.repeat(2000), '1e999', 'NaN', '__proto__', 'constructor', "'; DROP TABLE items; --", '../../etc/passwd'],
  ...[Array.from({ length: 1001 }, () => 'i1'), nested(10), nested(40), Object.fromEntries([['a', nested(3)]])],
]

function nested(levels: number): unknown {
  return levels === 0 ? 'deep' : [nested(levels - 1)]
}

const oneOf = <T>(values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values)

/** A body with some of its values replaced, left out or added. */
function bentBody(body: unknown): fc.Arbitrary<unknown> {
  if (Array.isArray(body))
    return fc.oneof(oneOf(ODD), ...body.map((value) => bentBody(value).map((bent) => [bent, ...(body as unknown[])])))
  if (typeof body !== 'object' || body === null) return oneOf(ODD)
  const names = Object.keys(body)
  const replaced = names.map((name) => bentBody((body as Record<string, unknown>)[name]).map((bent) => ({ ...body, [name]: bent })))
  const added = fc.tuple(oneOf(['extra', '__proto__', 'features', 'history', 'k', 'user', 'exact']), oneOf(ODD))
  return fc.oneof(
    ...replaced,
    oneOf(ODD),
    added.map(([name, value]) => ({ ...body, [name]: value })),
    fc.anything({ maxDepth: 3 }),
  )
}

const text = (value: unknown): string => {
  try {
    return JSON.stringify([value]).slice(1, -1) // what JSON leaves out at the top, it says as null in a list
  } catch {
    return '' // what JSON cannot say
  }
}

/** Numbers that JavaScript reads as infinite, and texts that are almost JSON. */
const rawBody = oneOf([
  '',
  '{',
  '[',
  '{"user": "u7"',
  '{"user": "u7"}}',
  '{"user": 1e999}',
  '\ufeff{"user": "u7"}',
  'null',
  '"',
  '{"k":1e999}',
])
const infinite = oneOf([
  '{"features": {"title": "Item", "genre": "g1", "price": 1e999}}',
  `{"items": [{"id": "${OWN}2", "features": {"title": "Item", "genre": "g1", "price": 1e308}}]}`,
  '{"features": {"title": "Item", "genre": "g1", "price": "-1e999"}}',
])

function requests(token: string): fc.Arbitrary<Parts> {
  const honest = [
    ['host', '127.0.0.1'],
    ['authorization', `Bearer ${token}`],
    ['content-type', 'application/json'],
  ] as const
  return oneOf(RIGHT).chain(([method, target, body]) => {
    const right: Parts = { method, target, version: 'HTTP/1.1', headers: honest, body: body === null ? '' : text(body), length: null }
    const bent = (change: fc.Arbitrary<Partial<Parts>>): fc.Arbitrary<Parts> => change.map((parts) => ({ ...right, ...parts }))
    return fc.oneof(
      { weight: 1, arbitrary: fc.constant(right) },
      { weight: 2, arbitrary: bent(fc.record({ target: fc.oneof(oneOf([...TARGETS, ...FURTHER]), fc.webPath(), fc.string()) })) },
      { weight: 1, arbitrary: bent(fc.record({ method: fc.oneof(oneOf(METHODS), oneOf(['POST', 'PUT', 'DELETE'])) })) },
      { weight: 1, arbitrary: bent(fc.record({ version: oneOf(VERSIONS) })) },
      {
        weight: 3,
        arbitrary: bent(fc.subarray([...HEADERS], { minLength: 1, maxLength: 3 }).map((added) => ({ headers: [...honest, ...added] }))),
      },
      { weight: 1, arbitrary: bent(fc.subarray([...honest]).map((headers) => ({ headers }))) },
      { weight: 6, arbitrary: bent(bentBody(body).map((value) => ({ body: text(value) }))) },
      { weight: 2, arbitrary: bent(fc.oneof(rawBody, infinite, fc.string({ unit: 'binary' })).map((raw) => ({ body: raw }))) },
      { weight: 1, arbitrary: bent(oneOf(['0', '1', '1000', '+5', '0x10', '1e1', '']).map((length) => ({ length }))) },
    )
  })
}

function bytesOf({ method, target, version, headers, body, length }: Parts): Buffer {
  const content = Buffer.from(body)
  const lines = [
    `${method} ${target} ${version}`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
    ...(content.length > 0 || length !== null ? [`content-length: ${length ?? content.length}`] : []),
  ]
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), content])
}

/** The bytes as they are, cut off, doubled, with some changed, or nothing but noise. */
function bentBytes(bytes: Buffer): fc.Arbitrary<Buffer> {
  const place = fc.nat({ max: Math.max(0, bytes.length - 1) })
  const flips = fc.array(fc.tuple(place, fc.nat({ max: 255 })), { minLength: 1, maxLength: 4 })
  return fc.oneof(
    { weight: 12, arbitrary: fc.constant(bytes) },
    { weight: 2, arbitrary: place.map((end) => bytes.subarray(0, end)) },
    { weight: 1, arbitrary: fc.constant(Buffer.concat([bytes, bytes, bytes])) },
    {
      weight: 3,
      arbitrary: flips.map((changes) => {
        const bent = Buffer.from(bytes)
        for (const [at, value] of changes) bent[at] = value
        return bent
      }),
    },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 300 }).map((noise) => Buffer.from(noise)) },
  )
}

/** `count` inputs for a connection each. */
export function servingInputs({ seed, count, token }: { seed: number; count: number; token: string }): Buffer[] {
  return fc.sample(
    requests(token).chain((parts) => bentBytes(bytesOf(parts))),
    { seed, numRuns: count },
  )
}
