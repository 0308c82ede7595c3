/** The OpenAPI document of a server, made of its table of routes. */
import { z } from 'zod'
import { errorResponse, healthResponse } from '../../contract/shapes/serving.ts'
import { routes } from './routes.ts'

/** Statuses that any route may answer with instead of 200. */
const FAILURES: Readonly<Record<string, string>> = {
  400: 'The body does not fit; the message names the place',
  401: 'The token is missing or wrong',
  403: 'Asked by another name than 127.0.0.1 or localhost, or by a page of another site',
  404: 'No such user, item or route',
  405: 'Not with this method',
  409: 'In conflict with what is under way or there',
  413: 'The body is longer than 1 MB',
  500: 'A bug of the server',
  503: 'More requests come than can be answered in time: try again after the seconds that Retry-After names',
}

export function openapi(version: string, url: string): object {
  const schema = (type: z.ZodType, io: 'input' | 'output'): object => {
    const { $schema: _, ...rest } = z.toJSONSchema(type, { io })
    return rest
  }
  const json = (type: z.ZodType, io: 'input' | 'output'): object => ({ 'application/json': { schema: schema(type, io) } })
  const failures = Object.fromEntries(
    Object.entries(FAILURES).map(([status, description]) => [status, { description, content: json(errorResponse, 'output') }]),
  )
  const paths: Record<string, Record<string, object>> = {}
  for (const { method, path, summary, request, response } of routes) {
    const named = path.replace(/:(\w+)/g, '{$1}')
    const parameters = [
      ...[...path.matchAll(/:(\w+)/g)].map(([, name]) => ({ name, in: 'path', required: true, schema: { type: 'string' } })),
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
  paths['/health'] = {
    get: {
      summary: 'Which version serves, and how much it knows',
      responses: { 200: { description: 'It serves', content: json(healthResponse, 'output') } },
    },
  }
  paths['/metrics'] = {
    get: {
      summary: 'Counters and latencies for Prometheus',
      responses: { 200: { description: 'Text format 0.0.4', content: { 'text/plain': { schema: { type: 'string' } } } } },
    },
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Pylon: two-tower retrieval', version },
    servers: [{ url: `${url}/v1` }],
    security: [{ token: [] }],
    components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
    paths,
  }
}

function queryParameters({
  properties = {},
}: {
  readonly properties?: Readonly<Record<string, { readonly description?: string }>>
}): object[] {
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: 'query',
    description,
    required: false,
    schema,
  }))
}
