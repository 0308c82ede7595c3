/** An engine over a workspace of its own, asked as a page asks it, its jobs in processes as they are. */
import { type Client, createClient, serveVerbs } from '../../main/contract/rpc.ts'
import { openEngine } from '../../main/engine/index.ts'
import { forkJob } from '../../main/hosts/child.ts'
import { memoryChannels } from '../../main/hosts/memory-channels.ts'
import { withWorkspace } from './workspace.ts'

export function withEngine(body: (open: { readonly client: Client; readonly home: string }) => Promise<void>): Promise<void> {
  return withWorkspace(async (home) => {
    const engine = openEngine({ home, fork: () => forkJob() })
    const [near, far] = memoryChannels()
    serveVerbs(far, engine)
    try {
      await body({ client: createClient(near), home })
    } finally {
      await engine.close()
    }
  })
}
