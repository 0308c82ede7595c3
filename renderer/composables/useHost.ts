/** Where the page runs, and its ways to files: see engine/host.ts. */
import { host, type Host } from '@/engine/host.ts'

export const useHost = (): Host => host

/** A run's name as part of a file's. */
export const fileName = (name: string): string => name.replaceAll(/[^\w.-]+/g, '-')
