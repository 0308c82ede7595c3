/** What a fuzz of the web host sends over HTTP, near what is right or far from it; `web-messages.ts` has what goes over its socket. */
import fc from 'fast-check'

/** Who is asked: what right inputs have to say, and paths that are there. */
export interface Asked {
  readonly port: number
  readonly cookie: string
  readonly origin: string
  readonly home: string
  readonly data: string
}

export type Input =
  | { readonly kind: 'request'; readonly bytes: string }
  | { readonly kind: 'header'; readonly bytes: string }
  /** bytes after the handshake, or a message of the socket's own protocol */
  | { readonly kind: 'frame'; readonly raw: boolean; readonly body: string; readonly binary: boolean }
  | { readonly kind: 'message'; readonly message: unknown }

/** Text whose characters are bytes. */
export const bytes = (most: number): fc.Arbitrary<string> =>
  fc.uint8Array({ maxLength: most }).map((array) => Buffer.from(array).toString('latin1'))

/** Mostly the first; else one of the others. */
const mostly = <T>(usual: T, ...others: T[]): fc.Arbitrary<T> =>
  fc.oneof({ weight: 4, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...others) })

const METHODS = ['GET', 'POST', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT', 'PATCH', 'PROPFIND', 'get', 'G\0T', '']
const PATHS = ['/', '//', '/index.html', '/engine', '/host/browse', '/host/upload', '/host/place', '/host/download/x', '/assets/', '*', '']

function paths({ data, home, origin }: Asked): fc.Arbitrary<string> {
  const query = fc.constantFrom(
    ...[
      '?',
      '?token=',
      '?token',
      '?path=',
      '?path[]=',
      '?name=a&group=g',
      '?name=%00&group=g',
      '?name=a&name=b&group=g',
      '#',
      '?a#&token=x',
    ],
    ...[
      `?path=${data}`,
      `?path=${encodeURIComponent(`${data}/etc`)}`,
      `?path=${home}`,
      '?path=%',
      '?path=%2e%2e%2f',
      `?name=${'x'.repeat(999)}&group=g`,
    ],
  )
  const odd = fc.constantFrom(
    '..',
    '%2e%2e',
    '%00',
    '%',
    '%zz',
    '%ff',
    '\\',
    '\x7f',
    'é',
    ';',
    '/./',
    '?',
    '~',
    'a'.repeat(5000),
    origin,
    'http://[',
    '//evil',
  )
  return fc.oneof(
    {
      weight: 6,
      arbitrary: fc
        .tuple(fc.constantFrom(...PATHS), mostly('', '/'), fc.option(query, { nil: '', freq: 1 }), fc.option(odd, { nil: '', freq: 1 }))
        .map((parts) => parts.join('')),
    },
    { weight: 1, arbitrary: fc.tuple(fc.constantFrom(...PATHS), bytes(20)).map((parts) => parts.join('')) },
  )
}

const method = fc.oneof({ weight: 4, arbitrary: fc.constantFrom('GET', 'POST') }, { weight: 1, arbitrary: fc.constantFrom(...METHODS) })

const rightHeaders = ({ port, cookie, origin }: Asked): string[] => [`host: 127.0.0.1:${port}`, `cookie: ${cookie}`, `origin: ${origin}`]

/** A request line of anything, with headers that are right or missing. */
export function requests(target: Asked): fc.Arbitrary<Input> {
  const line = fc
    .tuple(
      method,
      mostly(' ', '\t', '  ', ''),
      paths(target),
      mostly(' ', '\t', '  ', ''),
      mostly('HTTP/1.1', 'HTTP/1.0', 'HTTP/2.0', 'HTTP/9.9', 'HTTP', ''),
    )
    .map((parts) => parts.join(''))
  return fc
    .tuple(
      fc.oneof({ weight: 9, arbitrary: line }, { weight: 1, arbitrary: bytes(200) }),
      mostly(true, false),
      mostly(true, false),
      bytes(30),
    )
    .map(([first, right, whole, body]) => {
      const head = [first, ...(right ? rightHeaders(target) : []), `content-length: ${body.length + (whole ? 0 : 5)}`]
      return { kind: 'request', bytes: `${head.join('\r\n')}\r\n\r\n${body}` }
    })
}

/** A request of a known path, its headers right, doubled, missing, or anything. */
export function headers(target: Asked): fc.Arbitrary<Input> {
  const right = rightHeaders(target)
  const odd = fc.constantFrom(
    ...[
      'host: evil.example',
      'host:',
      'host: [::1',
      'origin: null',
      'origin: http://evil.example',
      'cookie: a; =; ;;',
      `cookie: ${'a=b; '.repeat(500)}`,
    ],
    ...[
      'content-length: -1',
      'content-length: 1e3',
      'content-length: 99999999999999999999',
      'content-length: 5',
      'transfer-encoding: chunked',
    ],
    ...['transfer-encoding: gzip, chunked', 'transfer-encoding: identity', 'content-type: \xff/x', 'content-type: multipart/form-data'],
    ...['content-encoding: gzip', 'expect: 100-continue', 'expect: x', 'upgrade: websocket', 'content-type: text/plain; charset=\xff'],
    ...[
      'connection: upgrade',
      'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==',
      'sec-websocket-version: 13',
      'sec-websocket-version: x',
      'sec-websocket-key: x',
    ],
    ...[
      'range: bytes=9-1',
      'range: bytes=0-0,1-1,2-',
      'if-none-match: "',
      'if-modified-since: never',
      'accept: text/html',
      'accept-encoding: \xff',
    ],
    ...[
      'x-http-method-override: DELETE',
      `x: ${'y'.repeat(20_000)}`,
      'a b: c',
      ': x',
      ' folded',
      'x:\0',
      'te: trailers',
      'http2-settings: AAA',
      'upgrade: h2c',
    ],
  )
  const more = fc.array(fc.oneof({ weight: 5, arbitrary: odd }, { weight: 1, arbitrary: bytes(40) }), { maxLength: 3 })
  const type = fc.constantFrom('content-type: application/json', 'content-type: application/octet-stream', 'x: y')
  const body = fc.constantFrom(
    ...[
      '',
      '{"name":"x"}',
      '{"name":',
      '[]',
      'null',
      '{"name":1}',
      '{"name":"\\ud800"}',
      '5\r\nhello\r\n0\r\n\r\n',
      'zz\r\n',
      '\0'.repeat(100),
      '{"__proto__":1}',
    ],
  )
  return fc
    .tuple(
      method,
      paths(target),
      mostly(right, [], right.slice(0, 1), right.slice(0, 2), [...right, ...right]),
      type,
      more,
      mostly(true, false),
      body,
    )
    .map(([verb, path, some, kind, others, sized, content]) => ({
      kind: 'header',
      bytes: `${[`${verb} ${path} HTTP/1.1`, ...some, kind, ...others, ...(sized ? [`content-length: ${content.length}`] : [])].join('\r\n')}\r\n\r\n${content}`,
    }))
}
