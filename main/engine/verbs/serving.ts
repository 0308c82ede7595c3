/** Verb handlers of serving: start, ask, swap and stop servers, each a process with a bundle or a finished run. */
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
    'serving.start': async ({ port, token, openProbes, threads, ...what }) =>
      servers.start(sourceOf(what), { port, token: token ?? null, openProbes, threads }),
    'serving.list': async () => ({ servers: await servers.list() }),
    'serving.swap': async ({ server, ...what }) => servers.swap(server, sourceOf(what)),
    'serving.ask': async ({ server, ...request }) => servers.request(server, request),
    'serving.stop': async ({ server }) => {
      await servers.stop(server)
      return { server }
    },
  }
}
