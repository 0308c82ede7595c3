/** Every public layout that is recognised; `pylon layouts` and the page list it. */
import type { LayoutName } from '../../../contract/layouts.ts'
import { CHECKINS } from './checkins.ts'
import type { Layout } from './layout.ts'
import { MEDIA } from './media.ts'
import { MOVIES } from './movies.ts'
import { RECBOLE } from './recbole.ts'
import { SHOPS } from './shops.ts'

export const LAYOUTS: Readonly<Record<LayoutName, Layout>> = { ...MOVIES, ...RECBOLE, ...SHOPS, ...MEDIA, ...CHECKINS }
