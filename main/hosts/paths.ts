/** Whether a path lies within a folder, links resolved: what confines pages to the folders a user named. */
import { realpathSync } from 'node:fs'
import { basename, dirname, join, resolve, sep } from 'node:path'

/** `folder` itself, or anything below it. Both absolute and free of links. */
export const isWithin = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep)

/** The path without links; of what does not exist, the nearest folder that does and the rest behind it. */
export function realPath(path: string): string {
  const absolute = resolve(path)
  try {
    return realpathSync(absolute)
  } catch (error) {
    const parent = dirname(absolute)
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || parent === absolute) throw error
    return join(realPath(parent), basename(absolute))
  }
}
