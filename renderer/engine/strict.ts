/** The page's policy allows no generated code: zod is told before the first schema is made, hence the first import of the page. */
import { config } from 'zod'

config({ jitless: true })
