import type { Texts } from '../texts.ts'
import type en from '../en/index.ts'

export default {
  title: '索引',
} satisfies Texts<typeof en>
