/** Verb handlers of serving: start, ask, swap and stop servers, each a process with a bundle or a finished run. */
import { hash } from 'node:crypto'
import { resolve } from 'node:path'
import { badInput } from '../../contract/errors.ts'
import type { EngineContext, Handlers } from '../engine-context.ts'
import { runLocation } from '../run-location.ts'
import type { ServeSource } from '../serving/server-messages.ts'

export function servingVerbs({
  store,
  servers,
}: EngineContext): Handlers<'serving.start' | 'serving.list' | 'serving.swap' | 'serving.stop' | 'serving.ask'> {
  const { runs } = store
  const sourceOf = ({ bundle, run }: { bundle?: string | undefined; run?: string | undefined }): ServeSource => {
    if ((bundle === undefined) === (run === undefined)) throw badInput('Give either --bundle PATH or --run RUN.', 'bundle')
    if (bundle !== undefined) return { kind: 'bundle', path: bundle }
    const row = runs.resolveFinished(run!)
    return { kind: 'run', name: row.name, ...runLocation(store, row) }
  }
  return {
    'serving.start': async ({ port, token, openProbes, threads, state, changes, log: told, logRequests, logRequestsMb, ...what }) => {
      const source = sourceOf(what)
      const folder = state ?? (store.workspace.viewed === null ? store.workspace.serving(nameOf(source)) : null)
      const log = folder === null ? null : { folder, use: changes }
      const record = logRequests === undefined ? null : { path: resolve(logRequests), bytes: logRequestsMb * 1e6 }
      return servers.start(source, { port, token: token ?? null, openProbes, threads, log, told, record })
    },
    'serving.list': async () => ({ servers: await servers.list() }),
    'serving.swap': async ({ server, ...what }) => servers.swap(server, sourceOf(what)),
    'serving.ask': async ({ server, ...request }) => servers.request(server, request),
    'serving.stop': async ({ server }) => {
      await servers.stop(server)
      return { server }
    },
  }
}

/** Names what changes of a source are kept under: the same at every start. */
function nameOf(source: ServeSource): string {
  return source.kind === 'run' ? source.run : hash('sha256', resolve(source.path), 'hex').slice(0, 16)
}
