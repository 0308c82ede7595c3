/** A request as text to paste: for a shell, for Python's standard library, for TypeScript's fetch. */

export const LANGUAGES = ['curl', 'Python', 'TypeScript'] as const
export type SnippetLanguage = (typeof LANGUAGES)[number]

export const isLanguage = (value: unknown): value is SnippetLanguage => (LANGUAGES as readonly unknown[]).includes(value)

/** Ids of a server's model, to try a request by. */
interface Known {
  readonly user: string | null
  readonly item: string | null
}

export interface Example {
  readonly route: string
  readonly method: 'GET' | 'POST' | 'PUT'
  readonly path: string
  readonly body: (known: Known) => string
}

const json = (value: unknown): string => JSON.stringify(value, null, 2)
const nothing = (): string => ''

/** What the page offers first for each route. */
export const examples: readonly Example[] = [
  {
    route: 'POST /recommend',
    method: 'POST',
    path: '/recommend',
    body: ({ user }) => json({ user: user ?? '', k: 10, excludeSeen: true }),
  },
  {
    route: 'POST /recommend (new user)',
    method: 'POST',
    path: '/recommend',
    body: ({ item }) => json({ history: item === null ? [] : [item], features: {}, k: 10, filter: {} }),
  },
  { route: 'POST /similar', method: 'POST', path: '/similar', body: ({ item }) => json({ item: item ?? '', k: 10 }) },
  { route: 'POST /embed/user', method: 'POST', path: '/embed/user', body: ({ user }) => json({ user: user ?? '' }) },
  { route: 'POST /embed/item', method: 'POST', path: '/embed/item', body: ({ item }) => json({ item: item ?? '' }) },
  { route: 'PUT /items', method: 'PUT', path: '/items', body: () => json({ items: [{ id: 'new-item', features: {} }] }) },
  { route: 'GET /health', method: 'GET', path: '/health', body: nothing },
  { route: 'GET /metrics', method: 'GET', path: '/metrics', body: nothing },
  { route: 'GET /openapi.json', method: 'GET', path: '/openapi.json', body: nothing },
]

export interface SnippetRequest {
  readonly url: string
  readonly token: string
  readonly method: string
  readonly path: string
  readonly body: string
}

export function snippet(language: SnippetLanguage, request: SnippetRequest): string {
  return writers[language](request)
}

/** in single quotes for a POSIX shell */
const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`

const writers: Readonly<Record<SnippetLanguage, (request: SnippetRequest) => string>> = {
  curl: ({ url, token, method, path, body }) =>
    [
      `curl -sS${method === 'GET' || method === 'POST' ? '' : ` -X ${method}`} ${quoted(url + path)}`,
      `  -H ${quoted(`authorization: Bearer ${token}`)}`,
      ...(method === 'GET' ? [] : [`  -H 'content-type: application/json'`, `  -d ${quoted(body)}`]),
    ].join(' \\\n'),

  Python: ({ url, token, method, path, body }) =>
    [
      'import json, urllib.request',
      '',
      ...(method === 'GET' ? [] : [`body = json.loads(${JSON.stringify(body)})`]),
      `request = urllib.request.Request(`,
      `    ${JSON.stringify(url + path)},`,
      ...(method === 'GET' ? [] : ['    data=json.dumps(body).encode(),']),
      `    headers={"content-type": "application/json", "authorization": ${JSON.stringify(`Bearer ${token}`)}},`,
      `    method=${JSON.stringify(method)},`,
      ')',
      'with urllib.request.urlopen(request, timeout=5) as response:',
      '    print(response.read().decode())',
    ].join('\n'),

  TypeScript: ({ url, token, method, path, body }) =>
    [
      `const response = await fetch(${JSON.stringify(url + path)}, {`,
      `  method: ${JSON.stringify(method)},`,
      `  headers: { 'content-type': 'application/json', authorization: ${JSON.stringify(`Bearer ${token}`)} },`,
      ...(method === 'GET' ? [] : [`  body: JSON.stringify(${body.replaceAll('\n', '\n  ')}),`]),
      '})',
      `console.log(response.status, await response.text())`,
    ].join('\n'),
}
