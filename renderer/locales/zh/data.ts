import type { Texts } from '../texts.ts'
import type en from '../en/data.ts'

export default {
  title: '数据',
} satisfies Texts<typeof en>
