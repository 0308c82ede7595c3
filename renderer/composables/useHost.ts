/** Where the page runs, and its ways to files: see engine/host.ts. */
import { host, type Host } from '@/engine/host.ts'

export const useHost = (): Host => host
