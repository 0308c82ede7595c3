/**
 * The entry of a serving process, forked by an engine: one HTTP server, and a thread for each model that it has loaded. The parent's end
 * is its end. SIGTERM lets nobody in any more, answers what was let in, and ends with exit code 0.
 */
import { isMainThread, parentPort, workerData } from 'node:worker_threads'
import type { ModelThreadOptions } from './serve/model-messages.ts'

// each thread loads only what it needs
if (isMainThread) (await import('./serve/server-process.ts')).runServer(new URL(import.meta.url))
else await (await import('./serve/model-thread.ts')).runModel(parentPort!, workerData as ModelThreadOptions)
