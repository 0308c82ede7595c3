/** The OpenAPI document of a server, made of its table of routes and of what the model that serves reads. */
import { z } from 'zod'
import { errorResponse, healthResponse, KNOWN_OR_NEW_MARK, MODEL_MARK } from '../../contract/shapes/serving.ts'
import type { RowSchemas } from '../../engine/serving/row-schemas.ts'
import { routes } from './routes.ts'

type Schema = Readonly<Record<string, unknown>>

const header = (description: string): object => ({ description, required: true, schema: { type: 'string' } })

/** Statuses that any route may answer with instead of 200. */
const FAILURES: Readonly<Record<string, { readonly description: string; readonly headers?: object }>> = {
  400: { description: 'The body does not fit; the message names the place' },
  401: { description: 'The token is missing or wrong', headers: { 'WWW-Authenticate': header('Bearer') } },
  403: { description: 'Asked by another name than 127.0.0.1 or localhost, or by a page of another site' },
  404: { description: 'No such user, item or route' },
  405: { description: 'Not with this method', headers: { Allow: header('The methods that there are') } },
  409: { description: 'In conflict with what is under way or there' },
  413: { description: 'The body is longer than 1 MB' },
  500: { description: 'A bug of the server' },
  503: {
    description: 'More requests come than can be answered in time: try again after the seconds that Retry-After names',
    headers: { 'Retry-After': header('Seconds') },
  },
}

export interface DescribedServer {
  /** of Pylon */
  readonly version: string
  readonly url: string
  /** whether probes need no token */
  readonly openProbes: boolean
}

export function openapi({ version, url, openProbes }: DescribedServer, rows: RowSchemas): object {
  const schemas = Object.fromEntries(Object.entries(rows).filter(([, each]) => each !== null))
  const schema = (type: z.ZodType, io: 'input' | 'output'): Schema => {
    const { $schema: _, ...rest } = z.toJSONSchema(type, { io })
    return ofTheModel(rest, rows) as Schema
  }
  const json = (type: z.ZodType, io: 'input' | 'output'): object => ({ 'application/json': { schema: schema(type, io) } })
  const failures = Object.fromEntries(
    Object.entries(FAILURES).map(([status, failure]) => [status, { ...failure, content: json(errorResponse, 'output') }]),
  )
  const paths: Record<string, Record<string, object>> = {}
  for (const { method, path, summary, request, response } of routes) {
    const named = path.replace(/:(\w+)/g, '{$1}')
    const parameters = [
      ...[...path.matchAll(/:(\w+)/g)].map(([, name]) => ({ name, in: 'path', required: true, schema: { type: 'string', minLength: 1 } })),
      ...(method === 'GET' && request !== null ? queryParameters(schema(request, 'input')) : []),
    ]
    paths[named] = {
      ...paths[named],
      [method.toLowerCase()]: {
        summary,
        ...(parameters.length > 0 && { parameters }),
        ...(method !== 'GET' && request !== null && { requestBody: { required: true, content: json(request, 'input') } }),
        responses: { 200: { description: 'Done', content: json(response, 'output') }, ...failures },
      },
    }
  }
  const probe = (summary: string, description: string, content: object): object => ({
    get: { summary, ...(openProbes && { security: [{}] }), responses: { 200: { description, content }, ...failures } },
  })
  return {
    openapi: '3.1.0',
    info: { title: 'Pylon: two-tower retrieval', version },
    servers: [{ url: `${url}/v1` }],
    security: [{ token: [] }],
    components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } }, schemas },
    paths: {
      ...paths,
      '/health': probe('Which version serves, and how much it knows', 'It serves', json(healthResponse, 'output')),
      '/metrics': probe('Counters and latencies for Prometheus', 'Text format 0.0.4', { 'text/plain': { schema: { type: 'string' } } }),
    },
  }
}

const reference = (name: string): string => `#/components/schemas/${name}`

/** With what the marks of contract/shapes/serving.ts stand for in this model. */
function ofTheModel(value: unknown, rows: RowSchemas): unknown {
  if (Array.isArray(value)) return value.map((each) => ofTheModel(each, rows))
  if (typeof value !== 'object' || value === null) return value
  const { [MODEL_MARK]: mark, [KNOWN_OR_NEW_MARK]: known, ...rest } = value as Record<string, unknown>
  if (mark !== undefined) return { description: rest['description'], $ref: reference(mark as string) }
  const inner = Object.fromEntries(Object.entries(rest).map(([name, each]) => [name, ofTheModel(each, rows)]))
  return known === undefined ? inner : knownOrNew(inner, known as string, rows)
}

/** By an id; by features; by a history, with or without other features. */
function knownOrNew(object: Schema, known: string, { userBesideHistory }: RowSchemas): Schema {
  const { [known]: id, features, history, ...others } = object['properties'] as Schema
  const by = (required: string, properties: Schema): Schema => ({
    title: `by ${required}`,
    ...object,
    properties: { ...properties, ...others },
    required: [required],
  })
  const beside = { ...(features as Schema), $ref: reference('userBesideHistory') }
  return {
    anyOf: [
      by(known, { [known]: id }),
      by('features', { features }),
      ...(history === undefined || userBesideHistory === null ? [] : [by('history', { history, features: beside })]),
    ],
  }
}

function queryParameters({ properties = {} }: Schema): object[] {
  return Object.entries(properties as Readonly<Record<string, Schema>>).map(([name, { description, ...schema }]) => ({
    name,
    in: 'query',
    description,
    required: false,
    schema,
  }))
}
