import type { Texts } from '../texts.ts'
import type en from '../en/settings.ts'

export default {
  title: '设置',
} satisfies Texts<typeof en>
