import type { Texts } from '../texts.ts'
import type en from '../en/compare.ts'

export default {
  title: '对比',
} satisfies Texts<typeof en>
