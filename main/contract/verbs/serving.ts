/** Serving a model over HTTP on loopback, in a process of its own. */
import { z } from 'zod'
import { readPath, writePath } from '../paths.ts'
import { changeReportSchema, serverStatsSchema } from '../shapes/serving.ts'
import { nothing, type VerbDefinition } from './common.ts'

const bundle = readPath().describe('a bundle: its folder, or its .zip')
const run = z.string().min(1).describe('id or name of a finished two-tower run of this workspace')

const server = z.strictObject({
  server: z.string().describe('id of the server in this engine'),
  url: z.string(),
  token: z.string().describe('what requests must send as "authorization: Bearer …"'),
  source: z.string().describe('the bundle or run it serves'),
  startedAt: z.string(),
})
export type ServerInfo = z.infer<typeof server>
const started = server.extend({ changes: changeReportSchema.nullable().describe('what its log held; null: it keeps none') })
export type StartedServer = z.infer<typeof started>

export const servingVerbs = {
  'serving.start': {
    cli: 'serve',
    summary: 'Serve a bundle or a run over HTTP on this machine',
    input: z.strictObject({
      bundle: bundle.optional(),
      run: run.optional(),
      port: z.int().min(0).max(65_535).default(8771).describe('on 127.0.0.1; 0: any that is free'),
      token: z
        .string()
        .min(8)
        .max(200)
        .regex(/^[\x21-\x7e]+$/, 'A token is of visible ASCII characters, without blanks: it travels in a header.')
        .optional()
        .describe(
          'requests must send it as "authorization: Bearer TOKEN"; without it one is made up and printed. Others can read what is typed ' +
            'here in the list of processes: PYLON_SERVE_TOKEN in the environment is kept from them',
        ),
      openProbes: z.boolean().default(false).describe('answer GET /health and GET /metrics without the token, for probes of this machine'),
      threads: z.int().min(1).max(64).default(1).describe('threads of one tower; more help only large towers'),
      state: writePath()
        .optional()
        .describe(
          'folder of what is put, deleted and told while it serves; without it one of the workspace, by the run or the path of the bundle',
        ),
      changes: z
        .enum(['replay', 'carry', 'discard'])
        .default('replay')
        .describe('of that folder: make them again; though they were made to another model; or put them aside and begin without'),
      log: z
        .enum(['text', 'json'])
        .default('text')
        .describe('on stderr: faults alone; or a JSON line for each request and fault, without bodies and tokens'),
      logRequests: writePath()
        .optional()
        .describe(
          'keep the ids and features of requests in this file, for `pylon skew`: who may read it reads what users did and are. Off without it',
        ),
      logRequestsMb: z
        .int()
        .min(1)
        .max(1_000_000)
        .default(256)
        .describe('MB of that file with those it is put aside as (FILE.1 …); the oldest goes'),
    }),
    output: started,
  },
  'serving.list': {
    summary: 'The servers that this engine started, with their latencies',
    input: nothing,
    output: z.strictObject({ servers: z.array(server.extend({ stats: serverStatsSchema })) }),
  },
  'serving.swap': {
    summary: 'Let a server go over to another bundle or run without dropping a request',
    input: z.strictObject({ server: z.string(), bundle: bundle.optional(), run: run.optional() }),
    output: server.extend({ version: z.string() }),
  },
  'serving.stop': {
    summary: 'Stop a server when the requests under way are answered',
    input: z.strictObject({ server: z.string() }),
    output: z.strictObject({ server: z.string() }),
  },
  'serving.ask': {
    summary: 'Send one request to a server, for a page that tries it',
    input: z.strictObject({
      server: z.string(),
      method: z.enum(['GET', 'POST', 'PUT', 'DELETE']),
      path: z
        .string()
        .regex(/^\/[\w./%-]*(\?[\w=&%-]*)?$/, 'a path such as /recommend')
        .max(300),
      body: z
        .string()
        .max(1 << 20)
        .nullable(),
    }),
    output: z.strictObject({ status: z.int(), ms: z.number(), text: z.string() }),
  },
} as const satisfies Record<string, VerbDefinition>
