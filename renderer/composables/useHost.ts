/** Where the page runs, and its ways to files: see engine/host.ts. */
import { host, type Host } from '@/engine/host.ts'

export const useHost = (): Host => host

/** A run's name as part of a file's. */
export const fileName = (name: string): string => name.replaceAll(/[^\w.-]+/g, '-')

/** A title, in any script, as the name of a file that the browser saves. */
export const savedName = (title: string): string =>
  title
    .replaceAll(/[^\p{L}\p{N}@]+/gu, '-')
    .replaceAll(/^-|-$/g, '')
    .slice(0, 60) || 'pylon'
