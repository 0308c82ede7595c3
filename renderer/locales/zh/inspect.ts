import type { Texts } from '../texts.ts'
import type en from '../en/inspect.ts'

export default {
  title: '检视',
} satisfies Texts<typeof en>
